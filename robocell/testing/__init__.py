"""For users' tests: the pytest plugin."""
