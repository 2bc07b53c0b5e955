"""Zones that follow from the ways of arms, and warnings where no zone helps."""

from pathlib import Path
from types import SimpleNamespace

from robocell.catalog import Catalogue
from robocell.config.load import Loaded, load_cell
from robocell.config.semantics.zones import _zones

ROOT = Path(__file__).parents[2]
BY_HAND = "zones:\n  at_mill: {stations: [vise], arms: [loader, unloader]}"


def tended(tmp_path: Path, *changes: tuple[str, str]) -> Loaded:
    lines = (ROOT / "cells" / "tended-machine.yaml").read_text(encoding="utf-8")
    text = "\n".join(line.split("   # ")[0].rstrip() for line in lines.splitlines())
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "cell.yaml"
    path.write_text(text, encoding="utf-8")
    return load_cell(path, Catalogue.for_cell(path))


def test_a_zone_that_nobody_wrote_follows_where_two_arms_reach_into_one_machine(tmp_path: Path) -> None:
    loaded = tended(tmp_path, (BY_HAND, ""))
    assert loaded.derived == ("around_vise",)
    zone = loaded.cell.zones["around_vise"]
    assert (zone.stations, zone.arms) == (("vise",), ("loader", "unloader"))
    assert loaded.warnings == ()


def test_a_zone_of_the_file_that_keeps_them_apart_is_enough(tmp_path: Path) -> None:
    loaded = tended(tmp_path)
    assert loaded.derived == ()
    assert list(loaded.cell.zones) == ["at_mill"]


def test_a_zone_of_the_file_for_another_station_is_not_enough(tmp_path: Path) -> None:
    loaded = tended(tmp_path, ("stations: [vise]", "stations: [out]"))
    assert loaded.derived == ("around_vise",)


def test_a_derived_zone_takes_no_name_of_the_file(tmp_path: Path) -> None:
    loaded = tended(tmp_path, (BY_HAND, ""), ("left_of_mill", "around_vise"))
    assert loaded.derived == ("around_vise_",)


def test_an_arm_whose_home_is_in_the_way_of_another_is_warned_of(tmp_path: Path) -> None:
    inside = "pose: {xyz: [-550, 0, 0]}, tool: grip_l, home: [-90, -90, 90, -90, -90, 0]"
    near = inside.replace("home: [-90, -90, 90", "home: [0, -70, 40")
    loaded = tended(tmp_path, (BY_HAND, ""), (inside, near))
    assert any(w.code == "RC612" and "meets 'loader' at home" in w.message for w in loaded.warnings)
    assert loaded.derived == ("around_vise",)


def test_arms_that_never_come_near_each_other_share_no_zone(tmp_path: Path) -> None:
    loaded = tended(tmp_path, (BY_HAND, ""))
    assert all("infeed_stop" not in zone.stations for zone in loaded.cell.zones.values())


def test_zones_with_long_names_alike_stay_two_zones() -> None:
    """Names are cut to what a file may use: what is cut off must not make two zones one."""
    long = "a_station_with_a_name_of_forty_letters__"
    meeting = [(("left", f"{long}{i}"), ("right", f"{long}{i}")) for i in (1, 2)]
    found = _zones(SimpleNamespace(declared={}), meeting)  # type: ignore[arg-type]
    assert [zone.stations for zone in found.values()] == [(f"{long}1",), (f"{long}2",)]
