"""The cell from above as an SVG image, with what lay where at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable

from robocell.report.labels import Labels
from robocell.report.layout import Area, Belt, Layout, Outline, Point, Robot, Spot
from robocell.report.ledger import Resting
from robocell.report.svg import Markup, image, join, points, tag, text

WIDTH, HIGHEST = 1120.0, 580.0
_MARGIN = 34.0
_ZONE_REACH = 0.11  # a zone is drawn so far around its stations' seats, m
_BEAM = 0.03  # a beam's ends stand so far beside its belt, m
_LEAST = 0.5  # a plan shows at least so many metres


class Plan:
    """Draws one layout.

    Args:
        layout: the cell.
        resting: the parts in it at the end.

    """

    def __init__(self, layout: Layout, resting: list[Resting]) -> None:
        self._layout = layout
        self._resting: dict[str, list[Resting]] = {}
        for part in resting:
            self._resting.setdefault(part.place.split("/")[0], []).append(part)
        low, high = _bounds(layout)
        wide, deep = max(high[0] - low[0], _LEAST), max(high[1] - low[1], _LEAST)
        self._scale = min((WIDTH - 2 * _MARGIN) / wide, (HIGHEST - 2 * _MARGIN) / deep)
        self._height = deep * self._scale + 2 * _MARGIN
        self._origin = ((WIDTH - wide * self._scale) / 2 - low[0] * self._scale, _MARGIN + high[1] * self._scale)
        self._labels = Labels(WIDTH, self._height)

    def draw(self) -> Markup:
        """Return the image."""
        layout = self._layout
        for spot in layout.stations:
            self._keep_off(spot)
        for arm in layout.arms:
            x, y = self._at(arm.base)
            self._labels.block((x - 15, y - 15, x + 15, y + 15))
        drawn = [
            *[self._area(area, "fixture") for area in layout.fixtures],
            *[self._reach(arm) for arm in layout.arms],
            *[self._area(area, "machine") for area in layout.machines],
            *[self._belt(belt) for belt in layout.belts],
            *[self._zone(zone.name, zone.stations) for zone in layout.zones],
            *[self._view(eye.name, eye.at, eye.view) for eye in layout.cameras],
            *[self._beam(beam.name, beam.start, beam.end) for beam in layout.sensors],
            *[self._station(spot) for spot in layout.stations],
            *[self._arm(arm) for arm in layout.arms],
            self._scale_bar(),
        ]
        return image(
            WIDTH, self._height, f"The cell {layout.cell} from above", *drawn, *self._label_marks(), class_="plan"
        )

    def _at(self, point: Point) -> Point:
        return self._origin[0] + point[0] * self._scale, self._origin[1] - point[1] * self._scale

    def _outline(self, outline: Outline) -> list[Point]:
        return [self._at(point) for point in outline]

    def _area(self, area: Area, style: str) -> Markup:
        outline = self._outline(area.outline)
        corner = min(outline, key=lambda point: (point[1], point[0]))
        top = min(y for _, y in outline)
        left, right = min(x for x, _ in outline), max(x for x, _ in outline)
        anchor = ((left + right) / 2, top + 10) if style == "machine" else (corner[0] + 4 * len(area.name), top + 10)
        self._labels.place(area.name, anchor, style)
        parts = [tag("polygon", points=points(outline), class_=style)]
        if area.door is not None:
            (x1, y1), (x2, y2) = self._at(area.door[0]), self._at(area.door[1])
            parts.append(tag("line", tag("title", text("door")), x1=x1, y1=y1, x2=x2, y2=y2, class_="door"))
        return join(parts)

    def _belt(self, belt: Belt) -> Markup:
        (x1, y1), (x2, y2) = self._at(belt.start), self._at(belt.end)
        length = math.hypot(x2 - x1, y2 - y1) or 1.0
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        half = math.dist(belt.outline[0], belt.outline[3]) * self._scale / 2
        size = min(half * 0.5, 9.0)
        marks = []
        for n in range(max(int(length // 46), 1)):
            x, y = (at + 26 * u + n * 46 * u for at, u in ((x1, ux), (y1, uy)))
            back = [(x - size * ux + side * size * uy, y - size * uy - side * size * ux) for side in (1, -1)]
            marks.append(tag("polyline", points=points([back[0], (x, y), back[1]]), class_="travel"))
        at = (x1 + 0.22 * length * ux, y1 + 0.22 * length * uy)
        self._labels.place(belt.name, at, "belt", half)
        outline = tag("polygon", tag("title", text(f"belt {belt.name}")), points=points(self._outline(belt.outline)))
        return tag("g", outline, *marks, class_="belt")

    def _reach(self, arm: Robot) -> Markup:
        if arm.reach is None:
            return Markup("")
        x, y = self._at(arm.base)
        note = tag("title", text(f"{arm.name} reaches {1000 * arm.reach:.0f} mm"))
        return tag("circle", note, cx=x, cy=y, r=arm.reach * self._scale, class_="reach")

    def _arm(self, arm: Robot) -> Markup:
        x, y = self._at(arm.base)
        tip = (x + 24 * math.cos(arm.yaw), y - 24 * math.sin(arm.yaw))
        holds = self._resting.get(arm.tool or "", [])
        name = f"{arm.name}, holds {', '.join(str(part.workpiece) for part in holds)}" if holds else arm.name
        self._labels.place(name, (x, y), "arm", 16.0)
        return tag(
            "g",
            tag("circle", tag("title", text(f"arm {arm.name}")), cx=x, cy=y, r=13),
            tag("line", x1=x, y1=y, x2=tip[0], y2=tip[1]),
            tag("circle", cx=x, cy=y, r=4, class_="axis"),
            class_="arm",
        )

    def _zone(self, name: str, stations: Iterable[str]) -> Markup:
        seats = [seat for spot in self._layout.stations if spot.name in stations for seat in spot.seats]
        if not seats:
            return Markup("")
        xs, ys = [x for x, _ in seats], [y for _, y in seats]
        x1, y1 = self._at((min(xs) - _ZONE_REACH, max(ys) + _ZONE_REACH))
        x2, y2 = self._at((max(xs) + _ZONE_REACH, min(ys) - _ZONE_REACH))
        self._labels.place(name, ((x1 + x2) / 2, y2), "zone", 2.0)
        return tag(
            "rect", tag("title", text(f"zone {name}")), x=x1, y=y1, width=x2 - x1, height=y2 - y1, rx=14, class_="zone"
        )

    def _view(self, name: str, at: Point, view: Outline) -> Markup:
        x, y = self._at(at)
        corners = self._outline(view)
        edge = max((cx for cx, _ in corners), default=x), min((cy for _, cy in corners), default=y)
        self._labels.place(name, edge, "camera", 4.0, "right")
        seen = [tag("polygon", points=points(corners))] if corners else []
        cross = [tag("line", x1=x - 6, y1=y, x2=x + 6, y2=y), tag("line", x1=x, y1=y - 6, x2=x, y2=y + 6)]
        return tag("g", tag("title", text(f"camera {name}")), *seen, *cross, class_="camera")

    def _beam(self, name: str, start: Point, end: Point) -> Markup:
        (x1, y1), (x2, y2) = self._at(start), self._at(end)
        low = (x1, y1) if y1 > y2 else (x2, y2)
        self._labels.place(name, low, "sensor", 4.0, "below")
        ends = [tag("circle", cx=x, cy=y, r=2.5) for x, y in ((x1, y1), (x2, y2))]
        line = tag("line", x1=x1, y1=y1, x2=x2, y2=y2)
        return tag("g", tag("title", text(f"sensor {name}")), line, *ends, class_="sensor")

    # --- stations --------------------------------------------------------------------------------------------

    def _part_size(self) -> tuple[float, float]:
        sizes = list(self._layout.products.values())
        return max(size[0] for size in sizes) * self._scale, max(size[1] for size in sizes) * self._scale

    def _keep_off(self, spot: Spot) -> None:
        width, depth = self._part_size()
        for x, y in map(self._at, spot.seats):
            self._labels.block((x - width / 2, y - depth / 2, x + width / 2, y + depth / 2))

    def _station(self, spot: Spot) -> Markup:
        there = self._resting.get(spot.name, [])
        by_slot: dict[int, Resting] = {}
        for part in there:
            slot = part.place.partition("/")[2]
            by_slot[int(slot) if slot.isdecimal() else 0] = part
        width, depth = self._part_size()
        if spot.kind == "bin":
            width, depth = 1.9 * width, 1.9 * depth
        marks = [
            self._seat(spot, index, seat, by_slot.get(index), (width, depth)) for index, seat in enumerate(spot.seats)
        ]
        xs, ys = zip(*map(self._at, spot.seats), strict=True)
        full = f" {len(there)}/{spot.capacity}" if spot.final or spot.capacity > 1 else ""
        anchor = ((min(xs) + max(xs)) / 2, min(ys))
        self._labels.place(f"{spot.name}{full}", anchor, "station", self._clearance(spot, depth / 2) + 3)
        return tag("g", *marks, class_=f"station {spot.kind}")

    def _clearance(self, spot: Spot, half: float) -> float:
        """Return how far a station's label keeps off its seat: beyond the belt, for one on a belt."""
        if spot.kind != "belt":
            return half
        belt = min(self._layout.belts, key=lambda belt: _distance(spot.seats[0], belt.start, belt.end), default=None)
        return half if belt is None else (math.dist(belt.outline[0], belt.outline[3]) / 2 + _BEAM) * self._scale

    def _seat(self, spot: Spot, index: int, seat: Point, part: Resting | None, size: tuple[float, float]) -> Markup:
        x, y = self._at(seat)
        width, depth = size
        where = spot.name if spot.capacity == 1 or spot.kind == "bin" else f"{spot.name}, slot {index}"
        what = "empty" if part is None else f"workpiece {part.workpiece}" + (f", {part.became}" if part.became else "")
        style = "seat" if part is None else f"seat {part.became or 'present'}"
        if spot.kind == "bin":
            held = len(self._resting.get(spot.name, []))
            note = tag("title", text(f"{where}: {held} parts"))
            return tag("rect", note, x=x - width / 2, y=y - depth / 2, width=width, height=depth, rx=4, class_=style)
        note = tag("title", text(f"{where}: {what}"))
        if self._layout.round_products:
            return tag("circle", note, cx=x, cy=y, r=width / 2, class_=style)
        turn = f"rotate({-math.degrees(spot.yaw):.2f} {x:.2f} {y:.2f})"
        return tag(
            "rect", note, x=x - width / 2, y=y - depth / 2, width=width, height=depth, transform=turn, class_=style
        )

    # --- around it -------------------------------------------------------------------------------------------

    def _scale_bar(self) -> Markup:
        metres = next((size for size in (2.0, 1.0, 0.5, 0.2, 0.1) if size * self._scale < WIDTH / 5), 0.05)
        x, y = 16.0, self._height - 14.0
        length = metres * self._scale
        self._labels.block((x, y - 18, x + length, y + 6))
        ends = [tag("line", x1=at, y1=y - 4, x2=at, y2=y + 4) for at in (x, x + length)]
        words = tag("text", text(f"{1000 * metres:.0f} mm"), x=x + length / 2, y=y - 6, text_anchor="middle")
        return tag("g", tag("line", x1=x, y1=y, x2=x + length, y2=y), *ends, words, class_="scale")

    def _label_marks(self) -> list[Markup]:
        marks = []
        for label in self._labels.placed:
            if label.leader:
                (x1, y1) = label.anchor
                marks.append(tag("line", x1=x1, y1=y1, x2=label.x, y2=label.y, class_="leader"))
            style = f"label of-{label.style}"
            marks.append(tag("text", text(label.text), x=label.x, y=label.y + 4, text_anchor="middle", class_=style))
        return marks


def _bounds(layout: Layout) -> tuple[Point, Point]:
    """Return the corners of what stands in the cell; a reach may run out of the picture."""
    found: list[Point] = [point for area in (*layout.fixtures, *layout.machines) for point in area.outline]
    found += [point for belt in layout.belts for point in belt.outline]
    found += [seat for spot in layout.stations for seat in spot.seats]
    found += [point for eye in layout.cameras for point in (eye.at, *eye.view)]
    found += [(arm.base[0] + dx, arm.base[1] + dy) for arm in layout.arms for dx in (-0.2, 0.2) for dy in (-0.2, 0.2)]
    xs, ys = [x for x, _ in found], [y for _, y in found]
    return (min(xs), min(ys)), (max(xs), max(ys))


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return the distance of a point from a line segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / (dx * dx + dy * dy)
    share = min(max(share, 0.0), 1.0)
    return math.dist(point, (start[0] + share * dx, start[1] + share * dy))
