"""The numeric core of inspection: arrays and plain models in, verdicts out."""
