"""Compiled inner loops of inspection: flat arrays in, flat arrays out, nothing checked.

Callers in `robocell.vision` check their arguments and allocate; a kernel trusts both. Each has a plain counterpart
in `tests/vision/plain/` that says the same without regard to speed.
"""
