"""Compiled inner loops of the inspection core: arrays in, arrays out, nothing checked.

Callers in `robocell.vision` check their arguments and allocate; a kernel trusts both. Each has a plain counterpart in
`tests/vision/plain/` that says the same without regard to speed.
"""
