"""The hardware abstraction layer: one contract per canonical device, and what every device owes."""
