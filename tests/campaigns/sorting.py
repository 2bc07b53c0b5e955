"""Cap sorting in Bullet by pictures, seed after seed: which defects slip through, which good caps are rejected.

    python -m tests.campaigns.sorting --seeds 10 --parts 100

Exits with 1 if a defect that the scene promises to be found is missed, a good cap is rejected, or a part is nowhere.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field

from robocell.assembly import RunOptions, simulate
from robocell.config.prepare import Prepared, prepare
from robocell.journal import Event
from robocell.world.defects import Defect
from robocell.world.protocol import Part
from tests.control.playing import CELLS, Played, check_sound

LEAST_AREA = 0.5e-6
LEAST_CONTRAST = 12.0


@dataclass
class Tally:
    """What all seeds together came to."""

    caps: int = 0
    defective: int = 0
    missed: list[str] = field(default_factory=list)
    wrongly: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def one(prepared: Prepared, seed: int, parts: int, tally: Tally) -> Played:
    """Run one seed and add what it came to."""
    events: list[Event] = []
    options = RunOptions(parts=parts, seed=seed, world="bullet", inspect="image", on_event=[events.append])
    outcome = simulate(prepared, options)
    played = Played(outcome.result, outcome.audit, tuple(events))
    check_sound(prepared, played)
    became = {e.data["workpiece"]: (e.data["became"], e.data["reason"]) for e in played.of("finished")}
    for part in played.audit.parts[: played.result.parts.entered]:
        _judge(part, *became.get(part.number, ("in process", "")), seed, tally)
    return played


def _judge(part: Part, became: str, reason: str, seed: int, tally: Tally) -> None:
    tally.caps += 1
    if part.defects:
        tally.defective += 1
        (defect,) = part.defects
        if became == "good":
            contrast = f", {defect.contrast:.0f} grey levels" if isinstance(defect, Defect) else ""
            told = f"{defect.kind} of {defect.area * 1e6:.2f} mm2{contrast}"
            tally.missed.append(f"seed {seed}, cap {part.number}: {told}")
    elif became != "good":
        tally.wrongly.append(f"seed {seed}, cap {part.number}: {became}, {reason}")
    if part.place in ("floor", ""):
        tally.lost.append(f"seed {seed}, cap {part.number}: {part.place or 'nowhere'}")


def main() -> int:
    """Run the campaign and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--parts", type=int, default=100)
    asked = parser.parse_args()
    prepared = prepare(CELLS / "cap-sorting.yaml")
    tally = Tally()
    for seed in range(asked.first, asked.first + asked.seeds):
        played = one(prepared, seed, asked.parts, tally)
        result = played.result
        speed = result.states["Execute"] / result.wall_s
        print(f"seed {seed}: {result.ended}, {result.parts!r}, {speed:.1f} x real time in Execute", flush=True)
    print(f"{tally.caps} caps, {tally.defective} with a defect")
    for noun, found in (("missed", tally.missed), ("wrongly rejected", tally.wrongly), ("lost", tally.lost)):
        print(f"{noun}: {len(found)}", *found, sep="\n  ")
    return 1 if tally.missed or tally.wrongly or tally.lost else 0


if __name__ == "__main__":
    sys.exit(main())
