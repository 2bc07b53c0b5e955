"""The simulated backend: the device contracts on a world."""
