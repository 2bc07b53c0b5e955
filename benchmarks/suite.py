"""A part of the product against its peers: topics one after the other, one table, one JSON file."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, show


@dataclass(frozen=True)
class Suite:
    """What `python -m benchmarks.<name>` measures.

    Attributes:
        name: of the package under `benchmarks`; the JSON file is `runs/bench-<name>.json`.
        description: for `--help`.
        topics: modules of the package; each has `CONTESTS`, a list of `Contest`.
        shown: distributions whose versions are told.
        prepare: called before the first topic is imported, or None.

    """

    name: str
    description: str | None
    topics: tuple[str, ...]
    shown: tuple[str, ...]
    prepare: Callable[[], None] | None = None

    def main(self) -> None:
        """Measure what the command line asks for."""
        given = self._parsed()
        have = versions(self.shown)
        print(f"{processor()}, one thread; {platform.system()} {platform.release()}")
        print(", ".join(f"{name} {version or 'absent'}" for name, version in have.items()))
        rows = self.measure(tuple(given.only))
        show(rows)
        aims = [row.met for row in rows if row.met is not None]
        print(f"{sum(aims)} of {len(aims)} aims met")
        given.json.parent.mkdir(parents=True, exist_ok=True)
        record = {"processor": processor(), "versions": have, "rows": [row.as_dict() for row in rows]}
        given.json.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        print(f"written to {given.json}")

    def measure(self, topics: tuple[str, ...]) -> list[Row]:
        """Run the topics' contests, one after the other."""
        for library in ("OMP", "MKL", "OPENBLAS", "NUMBA"):  # read when numpy and its like are imported, which is below
            os.environ[f"{library}_NUM_THREADS"] = "1"
        if self.prepare:
            self.prepare()
        rows: list[Row] = []
        for topic in topics:
            for contest in importlib.import_module(f"benchmarks.{self.name}.{topic}").CONTESTS:
                print(f"  {topic}: {contest.quantity}", file=sys.stderr, flush=True)
                rows += contest.rows()
        return rows

    def _parsed(self) -> argparse.Namespace:
        parser = argparse.ArgumentParser(
            prog=f"python -m benchmarks.{self.name}",
            description=self.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        names, target = ", ".join(self.topics), Path("runs") / f"bench-{self.name}.json"
        parser.add_argument(
            "--only", metavar="TOPIC", nargs="+", choices=self.topics, default=self.topics, help=names
        )  # fmt: skip
        parser.add_argument("--json", metavar="PATH", type=Path, default=target, help="%(default)s")
        return parser.parse_args()


def processor() -> str:
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def versions(names: tuple[str, ...]) -> dict[str, str | None]:
    """Return the versions of what takes part; None where it is absent."""
    out: dict[str, str | None] = {"python": platform.python_version()}
    for name in names:
        try:
            out[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            out[name] = None
    return out
