"""robocell runs robotic work cells without an operator."""

__version__ = "0.1.0"
