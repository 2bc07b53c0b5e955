"""Real devices: one module a family. The controller never imports them; it speaks to the contracts in `devices`."""
