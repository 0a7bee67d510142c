"""All compiled code: arrays and numbers in, arrays out. Nothing is checked here."""
