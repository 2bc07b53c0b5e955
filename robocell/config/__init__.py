"""YAML with positions → problems with positions → model."""
