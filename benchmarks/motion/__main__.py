"""The motion core against its peers, in one table.

    python -m benchmarks.motion [--only TOPIC ...] [--json PATH]

Every figure is the median CPU time of one thread for one item; contestants of a row are given the same inputs in the
same run and take turns. Answers are compared before they are timed: where they differ there is no ratio. A peer that
is not installed gets a row that says so (`make bench-motion` installs them; the product itself needs none).
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path

from benchmarks.motion.table import Row, show

TOPICS = (
    "forward",
    "inverse",
    "numeric_inverse",
    "rest_to_rest",
    "retime",
    "dynamics",
    "collision",
    "planning",
    "latency",
)
SHOWN = (
    "numpy",
    "numba",
    "pin",
    "coal",
    "eaik",
    "ik-geo",
    "py-opw-kinematics",
    "ruckig",
    "toppra",
    "mujoco",
    "pybullet",
)


def processor() -> str:
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def versions() -> dict[str, str | None]:
    """Return the versions of what takes part; None where it is absent."""
    out: dict[str, str | None] = {"python": platform.python_version()}
    for name in SHOWN:
        try:
            out[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            out[name] = None
    return out


def measure(topics: tuple[str, ...]) -> list[Row]:
    """Run the topics' contests, one after the other."""
    for library in ("OMP", "MKL", "OPENBLAS", "NUMBA"):  # read when numpy and its like are imported, which is below
        os.environ[f"{library}_NUM_THREADS"] = "1"
    rows: list[Row] = []
    for topic in topics:
        for contest in importlib.import_module(f"benchmarks.motion.{topic}").CONTESTS:
            print(f"  {topic}: {contest.quantity}", file=sys.stderr, flush=True)
            rows += contest.rows()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.motion", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="TOPIC", nargs="+", choices=TOPICS, default=TOPICS, help=", ".join(TOPICS))
    parser.add_argument("--json", metavar="PATH", type=Path, default=Path("runs/bench-motion.json"), help="%(default)s")
    given = parser.parse_args()
    have = versions()
    print(f"{processor()}, one thread; {platform.system()} {platform.release()}")
    print(", ".join(f"{name} {version or 'absent'}" for name, version in have.items()))
    rows = measure(tuple(given.only))
    show(rows)
    aims = [row.met for row in rows if row.met is not None]
    print(f"{sum(aims)} of {len(aims)} aims met")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    record = {"processor": processor(), "versions": have, "rows": [row.as_dict() for row in rows]}
    given.json.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    print(f"written to {given.json}")


if __name__ == "__main__":
    main()
