"""Where two arms go to one station, a zone keeps them apart."""

from __future__ import annotations

from robocell.config.semantics.context import Context
from robocell.config.semantics.visits import visits


def check(context: Context) -> None:
    """Report stations that several arms visit although no zone lets one in at a time."""
    if not context.whole("route", "stations", "devices", "zones", "products"):
        return
    arms: dict[str, list[str]] = {}
    for visit in visits(context):
        found = arms.setdefault(visit.station, [])
        if visit.arm not in found:
            found.append(visit.arm)
    for station, visitors in arms.items():
        kept = [set(zone.arms) for zone in context.cell.zones.values() if station in zone.stations]
        for index, second in enumerate(visitors):
            first = next((arm for arm in visitors[:index] if not any({arm, second} <= zone for zone in kept)), None)
            if first is not None:
                message = f"'{first}' and '{second}' both go to '{station}', and no zone keeps them apart"
                hint = f"zones: {{at_{station}: {{stations: [{station}], arms: [{first}, {second}]}}}}"
                context.report("RC612", ("stations", station), message, hint, key=True)
                break
