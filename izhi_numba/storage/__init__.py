"""Files of the package's own: arrays and a manifest, whole or not at all."""
