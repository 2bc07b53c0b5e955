"""Links and addresses: every link exists, nobody shares an address."""

from __future__ import annotations

from robocell.config.nodes import MappingNode
from robocell.config.semantics.context import Context
from robocell.config.translate import did_you_mean
from robocell.model.hardware import SerialLink


def check(context: Context) -> None:
    """Report unknown devices and links, shared addresses and shared ports."""
    hardware = context.cell.hardware
    written = context.document.node(("hardware", "links"))
    known = list(written.entries) if isinstance(written, MappingNode) else []
    taken: dict[tuple[str, int], str] = {}
    for device, binding in hardware.bindings.items():
        if device not in context.declared or context.declared[device].what != "device":
            hint = context.suggest(device, ("device",))
            context.report("RC204", ("hardware", device), f"no device named '{device}'", hint, key=True)
        if binding.modbus not in known:
            listing = f"there is {', '.join(known)}" if known else "declare it under hardware: links"
            hint = did_you_mean(binding.modbus, known, listing)
            context.report("RC204", ("hardware", device, "modbus"), f"no link named '{binding.modbus}'", hint)
        address = (binding.modbus, binding.unit)
        if address in taken:
            other = context.document.place(("hardware", taken[address], "unit"))
            message = f"'{taken[address]}' has unit {binding.unit} on link '{binding.modbus}' already"
            context.report("RC701", ("hardware", device, "unit"), message, related=(other, "first"))
        taken.setdefault(address, device)
    _ports(context)


def _ports(context: Context) -> None:
    taken: dict[str, tuple[str, ...]] = {}
    for name, link in context.cell.hardware.links.items():
        port, key = (link.serial, "serial") if isinstance(link, SerialLink) else (link.tcp, "tcp")
        loc = ("hardware", "links", name, key)
        if port in taken:
            other = context.document.place(taken[port])
            context.report("RC702", loc, f"{port} is the port of another link", related=(other, "first"))
        taken.setdefault(port, loc)
