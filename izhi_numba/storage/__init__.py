"""Files of the package's own: arrays and a text, whole or not at all."""
