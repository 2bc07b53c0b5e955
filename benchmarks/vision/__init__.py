"""Inspection against its peers: `python -m benchmarks.vision`."""
