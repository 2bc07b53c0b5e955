"""Numbers as people read them: with a unit, to the digits that matter, an en dash where there is none."""

from __future__ import annotations

NONE = "–"
_THIN = "\u202f"  # narrow no-break space, between thousands and before a unit


def number(value: float, digits: int = 3) -> str:
    """Return `value` with so many significant digits and its thousands apart: 12 300, 0.0123."""
    text = f"{value:.{digits}g}"
    if abs(float(text)) >= 1000.0:
        text = f"{float(text):,.0f}"
    return text.replace(",", _THIN)


def count(value: int) -> str:
    """Return a count with its thousands apart."""
    return f"{value:,}".replace(",", _THIN)


def share(value: float | None) -> str:
    """Return 0.8123 as "81.2 %"."""
    return NONE if value is None else f"{100.0 * value:.1f}{_THIN}%"


def seconds(value: float | None, digits: int = 2) -> str:
    """Return a short duration in seconds: "6.21 s"."""
    return NONE if value is None else f"{value:.{digits}f}{_THIN}s"


def duration(value: float | None) -> str:
    """Return a duration in two units of its size: "250 ms", "12.3 s", "12 min 34 s", "3 h 12 min", "2 d 3 h"."""
    if value is None:
        return NONE
    if value < 1.0:
        return f"{1000.0 * value:.0f}{_THIN}ms" if value else f"0{_THIN}s"
    if value < 119.95:
        return f"{value:.1f}{_THIN}s"
    for big, size, small, unit in (("min", 60, "s", 1), ("h", 3600, "min", 60), ("d", 86400, "h", 3600)):
        if round(value / unit) * unit < {"min": 7200, "h": 172_800}.get(big, float("inf")):
            whole, rest = divmod(round(value / unit), size // unit)
            return f"{whole}{_THIN}{big} {rest}{_THIN}{small}"
    raise AssertionError("the last row takes any duration")


def moment(value: float) -> str:
    """Return a time of the run's clock: "0:12.3", "1:02:03.4"."""
    tenths = round(value * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{rest // 10:02d}.{rest % 10}"


def per_hour(value: float | None) -> str:
    """Return a throughput: "812 /h"."""
    return NONE if value is None else f"{number(value, 4 if value >= 1000.0 else 3)}{_THIN}/h"


def energy(watt_hours: float | None) -> str:
    """Return an energy in mWh, Wh or kWh."""
    if watt_hours is None:
        return NONE
    for factor, unit in ((1e-3, "kWh"), (1.0, "Wh")):
        if abs(watt_hours) * factor >= 1.0:
            return f"{number(watt_hours * factor)}{_THIN}{unit}"
    return f"{number(watt_hours * 1e3)}{_THIN}mWh" if watt_hours else f"0{_THIN}Wh"


def measurement(name: str, value: float) -> str:
    """Return a measurement of an inspection (SI) in the unit of its kind: diameters in mm, areas in mm²."""
    kind = name.rsplit(".", 1)[-1]
    if kind in ("diameter", "width", "height", "length", "distance", "depth", "x", "y"):
        return f"{1e3 * value:.3f}{_THIN}mm"
    if kind == "area":
        return f"{1e6 * value:.2f}{_THIN}mm²"
    return number(value)


def size(value: float | None, unit: str, digits: int = 4) -> str:
    """Return a length that is given in m in mm, to so many decimals, or one in "px"."""
    if value is None:
        return NONE
    return f"{value:.{digits}f}{_THIN}px" if unit == "px" else f"{1e3 * value:.{digits}f}{_THIN}mm"


def spread(value: float | None, unit: str) -> str:
    """Return a standard deviation: in m shown as µm, or in px."""
    if value is None:
        return NONE
    return f"{number(value)}{_THIN}px" if unit == "px" else f"{number(1e6 * value)}{_THIN}µm"


def ratio(value: float | None) -> str:
    """Return a capability index: "1.33"."""
    return NONE if value is None else (f"{value:.2f}" if abs(value) < 100.0 else number(value))


def rare(value: float | None) -> str:
    """Return a small share: "0.27 %", "63 ppm", "< 1 ppm"."""
    if value is None:
        return NONE
    if value >= 1e-3:
        return share(value) if value >= 0.01 else f"{100.0 * value:.2f}{_THIN}%"
    return f"{1e6 * value:.0f}{_THIN}ppm" if value >= 1e-6 else f"<{_THIN}1{_THIN}ppm"
