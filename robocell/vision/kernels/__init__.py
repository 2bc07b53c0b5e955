"""Compiled kernels of inspection, one topic a file; they trust their callers."""
