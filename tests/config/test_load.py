from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.catalog import Catalogue
from robocell.config.load import check_cell, load_cell
from robocell.config.problems import render
from robocell.config.scene import load_scene
from robocell.errors import ConfigError
from robocell.model.cell import Cell
from robocell.model.fault import Relocate, Reverse, Suspend
from robocell.model.frames import Frames
from robocell.model.route import PlaceStep

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "samples").glob("[ct]*-*.yaml"))
CATALOGUE = Catalogue.for_cell(HERE / "cell.yaml")
GOOD = (HERE / "sorter.yaml").read_text()


def load(path: Path) -> Cell:
    return load_cell(path, CATALOGUE).cell


@pytest.mark.parametrize("path", [*SAMPLES, HERE / "sorter.yaml"], ids=lambda path: path.stem)
def test_the_samples_of_the_language_load_as_they_stand(path: Path) -> None:
    assert render(check_cell(path, CATALOGUE).problems) == ""


def test_a_cell_is_in_si() -> None:
    cell = load(HERE / "samples" / "cap-sorting.yaml")
    infeed, product = cell.devices["infeed"], cell.products["cap"]
    assert infeed.kind == "conveyor"
    assert (infeed.length, infeed.speed) == (1.2, 0.25)
    assert product.mass == 0.12
    assert product.grasp.open == 0.07
    assert cell.devices["camera"].kind == "camera"
    assert cell.faults["pick_stop.starved"].after == 30.0
    assert cell.faults["infeed.jammed"].attempts[0] == Reverse(belt="infeed", duration=2.0)
    assert cell.faults["pick.missed"].attempts[2] == Relocate(camera="camera")
    assert cell.faults["good.full"].then == (Suspend(until="good.exchanged"),)


def test_stations_where_parts_end_and_belts_where_they_leave() -> None:
    sorting, tended = (load(HERE / "samples" / f"{name}.yaml") for name in ("cap-sorting", "tended-machine"))
    assert (sorting.finals, sorting.exits) == (("good", "reject"), ())
    assert (tended.finals, tended.exits) == ((), ("outfeed",))
    assert [step.label for step in tended.routes["blank"]] == [
        "arrive",
        "fetch",
        "place",
        "process",
        "unload",
        "place",
        "leave",
    ]
    first_place = tended.routes["blank"][2]
    assert isinstance(first_place, PlaceStep)
    assert first_place.place.via[0].xyz == (-0.35, -0.15, 0.5)


def shuffled(value: object, data: st.DataObject) -> object:
    if isinstance(value, dict):
        return {key: shuffled(value[key], data) for key in data.draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [shuffled(item, data) for item in value]
    return value


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=10)
def test_the_order_of_keys_changes_nothing_not_even_the_models_order(
    path: Path, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("cells") / "cell.yaml"
    other.write_text(yaml.safe_dump(shuffled(yaml.safe_load(path.read_text()), data), sort_keys=False))
    assert repr(load(other)) == repr(load(path))


def test_a_model_survives_a_round_trip_through_plain_data() -> None:
    for path in SAMPLES:
        cell = load(path)
        assert Cell.model_validate(cell.model_dump()) == cell
        assert Cell.model_validate_json(cell.model_dump_json()) == cell


def in_metres(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {word: in_metres(item, word) for word, item in value.items()}
    if isinstance(value, list):
        return [in_metres(item, key) for item in value]
    if isinstance(value, int) and key not in ("robocell", "bin", "home", "rpy"):
        return value / 1000
    return value


def test_lengths_in_millimetres_and_in_metres_are_one_cell(tmp_path: Path) -> None:
    tree = in_metres(yaml.safe_load(GOOD))
    tree["units"]["length"] = "m"
    (tmp_path / "metres.yaml").write_text(yaml.safe_dump(tree))
    metres, millimetres = load(tmp_path / "metres.yaml"), load(HERE / "sorter.yaml")
    assert metres.model_copy(update={"units": millimetres.units}) == millimetres


@given(
    st.lists(
        st.tuples(
            st.integers(0, len(GOOD) - 1),
            st.sampled_from(["", " ", ":", "{", "]", "-", "\n", "x", "9", "'", "&", "é"]),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=150)
def test_a_mutated_file_gives_a_cell_or_problems(edits: list[tuple[int, str]]) -> None:
    text = GOOD
    for at, new in edits:
        text = text[:at] + new + text[at + 1 :]
    _cell_or_problems(text.encode())


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_bytes_give_problems(data: bytes) -> None:
    _cell_or_problems(data)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2000)
    | st.sampled_from(["arm", "infeed", "10 mm", "a.b", "4 x 6", "retry", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["in", "with", "to", "belt", "at", "pose", "try", "then", "arm", "pick"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
paths = st.sampled_from(
    [
        ("products",),
        ("products", "cap", "shape"),
        ("products", "cap", "grasp"),
        ("devices",),
        ("devices", "arm"),
        ("devices", "eye", "at"),
        ("stations", "good", "exchange"),
        ("stations", "stop"),
        ("interlocks", "closed", "require"),
        ("permit",),
        ("route",),
        ("route", 2),
        ("route", 3, "when"),
        ("faults",),
        ("faults", "pick.missed", "try"),
        ("faults", "good.full", "then"),
        ("hardware",),
        ("units",),
        ("zones",),
        ("io",),
    ]
)


@given(st.lists(st.tuples(paths, values), min_size=1, max_size=3))
@settings(max_examples=250)
def test_any_value_at_any_place_gives_a_cell_or_problems(
    edits: list[tuple[tuple[str | int, ...], object]],
) -> None:
    tree = yaml.safe_load(GOOD)
    for path, value in edits:
        holder: Any = tree
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier edit took the place away
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = value
    _cell_or_problems(yaml.safe_dump(tree, sort_keys=False).encode())


def _cell_or_problems(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cell.yaml"
        path.write_bytes(data)
        report = check_cell(path, CATALOGUE, name="cell.yaml")
    assert (report.cell is None) == bool(report.problems)
    assert isinstance(render(report.problems), str)
    for problem in report.problems:
        assert problem.message
        assert problem.line >= 1
        assert problem.column >= 1


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: 1\n")
    inner = tmp_path / "cells"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inner / "cell.yaml").write_text(GOOD.replace("cell: sorter", "cell: sorter\ncalibration: link.yaml"))
    problems = check_cell(inner / "cell.yaml", CATALOGUE).problems
    assert [problem.code for problem in problems] == ["RC215"]


def test_a_file_in_the_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "taught.yaml").write_text("calibration: 1\n")
    (tmp_path / "cell.yaml").write_text(GOOD.replace("cell: sorter", "cell: sorter\ncalibration: taught.yaml"))
    assert load(tmp_path / "cell.yaml").calibration == "taught.yaml"


def test_the_scene_of_the_sample_loads_and_fits_its_cell() -> None:
    cell = load(HERE / "samples" / "cap-sorting.yaml")
    scene = load_scene(HERE / "samples" / "scene.yaml", cell)
    assert scene.supply["infeed"].every.mean == 4.0
    assert scene.defects is not None
    assert scene.defects.area == pytest.approx((0.5e-6, 20e-6))
    assert scene.operator.respond == 900.0


def test_a_scene_for_another_cell_names_what_the_cell_lacks(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(
        "supply: {infed: {product: cup, every: {mean: 4 s}}}\n"
        "faults:\n"
        "  - {at: 12 s, shift: {at: stp, by: [15, 0, 0]}}\n"
        "  - {at: 30 s, remove: stop}\n"
        "  - {friction: 0.1}\n"
        "  - {at: 1 s, jam: eye}\n"
        "  - {part: 3, drop: gripper}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_scene(path, load(HERE / "sorter.yaml"))
    found = [(problem.line, problem.column, problem.code) for problem in caught.value.problems]
    assert found == [(1, 10, "RC204"), (1, 27, "RC204"), (3, 28, "RC204"), (6, 20, "RC204")]


def test_events_of_a_scene_are_in_si(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(
        "faults:\n"
        "  - {at: 12 s, shift: {at: stop, by: [15, 0, 0]}}\n"
        "  - {at: 1 min, open: guard.door_closed, for: 5 s}\n"
    )
    scene = load_scene(path)
    assert [event.variant for event in scene.faults] == ["shift", "open"]
    assert scene.faults[0].model_dump()["shift"]["by"] == (0.015, 0.0, 0.0)
    assert scene.faults[1].at == 60.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("faults: [{at: 3 s, explode: arm}]\n", "RC201"),
        ("defects: {share: 8, kinds: [scratch], area: [0.5 mm2, 20 mm2], contrast: [12, 80]}\n", "RC304"),
        ("defects: {share: 8 %, kinds: [scratch], area: [5 mm2, 2 mm2], contrast: [12, 80]}\n", "RC213"),
        ("supply: {a: {product: b, every: {mean: 4}}}\n", "RC302"),
        ("layout: {}\n", "RC201"),
    ],
)
def test_a_wrong_scene_says_why(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "scene.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_scene(path)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_frames_follow_each_other() -> None:
    frames = Frames(load(HERE / "samples" / "tended-machine.yaml"))
    assert frames.of("vise")[:3, 3] == pytest.approx([0, 0, 0.3])
    assert frames.of("infeed_stop")[:3, 3] == pytest.approx([-0.55, -0.45, 0.08])
    assert frames.of("unloader")[:3, 0] == pytest.approx([-1, 0, 0], abs=1e-12)
    sorting = Frames(load(HERE / "samples" / "cap-sorting.yaml"))
    assert sorting.seat("good", 5)[:3, 3] == pytest.approx([0.39, -0.135, 0.02])
    assert len(list(sorting.seats("good"))) == 24
