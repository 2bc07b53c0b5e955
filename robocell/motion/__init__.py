"""The numeric core of motion: arrays and plain models in, arrays out."""
