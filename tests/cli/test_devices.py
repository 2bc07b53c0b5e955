from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from robocell.catalog import Catalogue
from tests.cli.command import ROOT, robocell

NAMES = Catalogue.shipped().names()


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_catalogue_is_listed_by_kind() -> None:
    called = robocell("devices")
    assert called.code == 0
    listed = [line.split()[:2] for line in called.out.splitlines()[1:] if not line.startswith(" ")]
    assert sorted(name for _, name in listed) == sorted(NAMES)
    assert [kind for kind, _ in listed] == sorted(kind for kind, _ in listed)
    assert "reach 850 mm · payload 5 kg" in called.out


@pytest.mark.parametrize("name", NAMES)
def test_a_device_shows_every_figure_with_source_and_uncertainty(name: str) -> None:
    called = robocell("devices", name)
    assert called.code == 0
    rows = [line.split() for line in called.out.splitlines()]
    for place, figure in Catalogue.shipped().profile(name).figures():
        row = next(row for row in rows if row[:1] == [place])
        assert f"{100 * figure.uncertainty:.6g}" in row
        assert figure.source.split()[0] in row


def test_json_values_are_si_with_their_unit() -> None:
    arm = json.loads(robocell("devices", "universal-robots/ur5e", "--json").out)
    assert arm["figures"]["reach"] == {"value": 0.85, "unit": "m", "source": "user manual", "uncertainty": 0.0}
    assert arm["figures"]["joints.0.velocity"]["unit"] == "rad/s"
    assert arm["figures"]["joints.0.velocity"]["value"] == pytest.approx(3.14159265)
    listed = json.loads(robocell("devices", "--json").out)
    assert [device["name"] for device in listed] == list(NAMES)
    assert next(device for device in listed if device["name"] == arm["name"]) == arm


def test_an_unknown_device_suggests_a_close_one() -> None:
    called = robocell("devices", "robotiq/2f-86")
    assert called.code == 2
    assert "did you mean 'robotiq/2f-85'?" in called.err


def test_devices_beside_a_cell_are_listed_and_a_broken_one_hides_no_other(folder: Path) -> None:
    own = folder / "line" / "hardware" / "acme"
    shutil.copytree(ROOT / "hardware" / "generic" / "photo-eye", own / "eye")
    (own / "broken").mkdir()
    (own / "broken" / "profile.yaml").write_text("kind: arm\n")
    assert "acme/eye" not in robocell("devices").out
    called = robocell("devices", "--beside", "line/cell.yaml")
    assert called.code == 2
    assert "acme/eye" in called.out
    assert "universal-robots/ur5e" in called.out
    assert "acme/broken/profile.yaml:1:" in called.err
