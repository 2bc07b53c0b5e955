"""The sample cells with the shipped profiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from robocell.config.load import Loaded, load_cell
from robocell.model.profile import AnyProfile, Profile
from robocell.model.quantity import Units

ROOT = Path(__file__).parents[2]
_ADAPTER: TypeAdapter[Profile] = TypeAdapter(AnyProfile)


class Shipped:
    """Profiles of the `hardware/` folder."""

    def names(self) -> Sequence[str]:
        folder = ROOT / "hardware"
        return sorted(str(path.parent.relative_to(folder)) for path in folder.glob("*/*/profile.yaml"))

    def profile(self, name: str) -> Profile:
        data = yaml.safe_load((ROOT / "hardware" / name / "profile.yaml").read_text("utf-8"))
        units = data.get("units", {})
        return _ADAPTER.validate_python(data, context=Units(units.get("length"), units.get("angle")))


def sample(name: str) -> Loaded:
    return load_cell(ROOT / "tests" / "config" / "samples" / f"{name}.yaml", Shipped())
