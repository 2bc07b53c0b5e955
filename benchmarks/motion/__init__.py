"""The motion core against its peers, in one table: `python -m benchmarks.motion --help`."""
