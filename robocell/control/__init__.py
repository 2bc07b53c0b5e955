"""The controller: routes, resources, interlocks, recovery. It speaks only to devices."""
