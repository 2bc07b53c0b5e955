from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from robocell.catalog import Catalogue
from robocell.catalog.confusions import confusion_file, read_confusion
from robocell.catalog.profiles import read_profile
from robocell.catalog.roots import shipped
from robocell.config.prepare import prepare
from robocell.config.recipe import load
from robocell.config.scene import load_scene
from robocell.errors import CatalogError
from robocell.model.profile import Profile
from robocell.model.recipe import PairStep

ROOT = Path(__file__).parents[2]
SDM630 = (ROOT / "hardware" / "eastron" / "sdm630" / "profile.yaml").read_text(encoding="utf-8")


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_beside_the_cell_wins_and_is_listed(tmp_path: Path) -> None:
    put(tmp_path / "hardware" / "eastron" / "sdm630" / "profile.yaml", SDM630.replace("V2", "of our own"))
    put(tmp_path / "hardware" / "ours" / "meter" / "profile.yaml", SDM630)
    catalogue = Catalogue.for_cell(tmp_path / "cell.yaml")
    assert catalogue.profile("eastron/sdm630").model == "SDM630-Modbus of our own"
    assert Catalogue.shipped().profile("eastron/sdm630").model == "SDM630-Modbus V2"
    assert "ours/meter" in catalogue.names()
    assert list(catalogue.names()) == sorted(catalogue.names())


def test_a_cell_in_a_folder_cells_has_its_projects_data_next_to_that_folder(tmp_path: Path) -> None:
    put(tmp_path / "hardware" / "ours" / "meter" / "profile.yaml", SDM630)
    scene = put(tmp_path / "sim" / "scenes" / "quiet.yaml", "faults: []\n")
    recipe = put(tmp_path / "cells" / "recipes" / "ring.yaml", "recipe: ring\n")
    catalogue = Catalogue.for_cell(tmp_path / "cells" / "cell.yaml")
    assert "ours/meter" in catalogue.names()
    assert catalogue.scene("quiet").samefile(scene)
    assert catalogue.recipe("ring").samefile(recipe)
    assert "ours/meter" not in Catalogue.for_cell(tmp_path / "other" / "cell.yaml").names()


@pytest.mark.parametrize(
    "name",
    [
        "../../secret/profile",
        "/etc/passwd",
        "a/../../b",
        "generic",
        "generic/photo-eye/..",
        "Generic/Photo-Eye",
        "a/.b",
        "",
    ],
)
def test_names_that_are_paths_are_refused(name: str, tmp_path: Path) -> None:
    catalogue = Catalogue.for_cell(tmp_path / "cell.yaml")
    with pytest.raises(CatalogError, match="profile"):
        catalogue.profile(name)
    for find in (catalogue.scene, catalogue.recipe):
        with pytest.raises(CatalogError, match="no (name|scene|recipe)"):
            find(name)


def test_a_link_that_leads_out_of_the_folder_is_not_seen(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "secret" / "profile.yaml", SDM630)
    put(tmp_path / "elsewhere" / "secret.yaml", "faults: []\n")
    cell = tmp_path / "cell"
    put(cell / "sim" / "scenes" / "real.yaml", "faults: []\n")
    put(cell / "hardware" / "ours" / "meter" / "profile.yaml", SDM630)
    (cell / "sim" / "scenes" / "secret.yaml").symlink_to(tmp_path / "elsewhere" / "secret.yaml")
    (cell / "hardware" / "theirs").symlink_to(tmp_path / "elsewhere")
    put(tmp_path / "elsewhere" / "recipes" / "ring.yaml", "recipe: ring\n")
    (cell / "recipes").symlink_to(tmp_path / "elsewhere" / "recipes")
    catalogue = Catalogue.for_cell(cell / "cell.yaml")
    with pytest.raises(CatalogError, match="no recipe 'ring'"):
        catalogue.recipe("ring")
    assert "ours/meter" in catalogue.names()
    assert "theirs/secret" not in catalogue.names()
    assert catalogue.scene("real").is_file()
    with pytest.raises(CatalogError, match="no scene 'secret'"):
        catalogue.scene("secret")


def test_close_names_are_suggested() -> None:
    catalogue = Catalogue.for_cell(ROOT / "cells" / "x.yaml")
    with pytest.raises(CatalogError, match="did you mean 'universal-robots/ur5e'"):
        catalogue.profile("universal-robots/ur5")
    with pytest.raises(CatalogError, match="did you mean 'cap-sorting'"):
        catalogue.scene("cap_sorting")
    with pytest.raises(CatalogError, match="did you mean 'cap-top'"):
        catalogue.recipe("captop")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: meter", "kind: metre", r":2:7: no kind of device is called 'metre' \(did you mean 'meter'\?\)"),
        ("kind: meter\n", "", "key 'kind' is missing"),
        ("maker: Eastron\n", "", "key 'maker' is missing"),
        ("refresh: {value: 1 s", "refresh: {value: 1 kg", r":15:18: 1 kg: 'kg' measures a mass, not a time"),
        ("refresh: {value: 1 s", "refresh: {value: 1", r":15:18: unit missing"),
        ("accuracy:", "acuracy:", "unknown key 'acuracy' .*did you mean 'accuracy'"),
        ("kind: meter", "kind: meter\nkind: meter", "the same key twice|repeated|twice"),
        ('source: "assumed: the display', 'source: "rumour: the display', "names the source 'rumour'"),
        ("power: number, energy", "force: number, energy", "no signal 'force'"),
    ],
)
def test_a_malformed_profile_tells_its_first_problem_and_place(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert old in SDM630
    path = put(tmp_path / "hardware" / "ours" / "meter" / "profile.yaml", SDM630.replace(old, new, 1))
    with pytest.raises(CatalogError, match=told) as caught:
        Catalogue.for_cell(tmp_path / "cell.yaml").profile("ours/meter")
    assert str(caught.value).startswith("ours/meter/profile.yaml:")
    assert caught.value.path == str(path)


def test_a_profile_is_read_when_it_is_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reader(path: Path, name: str) -> Profile:
        read.append(name)
        return read_profile(path, name)

    monkeypatch.setattr("robocell.catalog.catalogue.read_profile", reader)
    catalogue = Catalogue.shipped()
    assert catalogue.profile("generic/photo-eye") is catalogue.profile("generic/photo-eye")
    assert read == ["generic/photo-eye/profile.yaml"]


def test_every_data_file_is_one_that_the_product_reads() -> None:
    """What is in these folders loads, so that nothing in them can be wrong or dead."""
    catalogue, known = Catalogue.for_cell(ROOT / "cells" / "x.yaml"), []
    for name in catalogue.names():
        assert catalogue.profile(name)
        known.append(catalogue.profile_path(name))
    for path in sorted((ROOT / "sim" / "scenes").glob("*.yaml")):
        assert load_scene(path)
        known.append(path)
    for path in sorted((ROOT / "cells" / "recipes").glob("*.yaml")):
        recipe = load(path)
        assert recipe.recipe == path.stem
        known += [path, path.with_suffix(".npz")] if recipe.needs_model else [path]
        if read_confusion(path) is not None:
            known.append(confusion_file(path))
        for step in recipe.tools:
            if isinstance(step, PairStep) and step.pair.template is not None:
                known += (path.parent / (step.pair.folder or ".")).glob(step.pair.template.replace("{id}", "*"))
    for path in catalogue.cells().values():
        assert prepare(path).loaded.warnings == ()
        known.append(path)
    known += [ROOT / folder / "README.md" for folder in ("cells", "cells/recipes", "hardware", "sim")]
    found = {path for folder in ("cells", "hardware", "sim") for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert found == {path.resolve() for path in known}


def test_the_wheel_takes_every_data_folder_along() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {folder: f"robocell/_data/{folder}" for folder in ("hardware", "sim", "cells")}


def test_an_installed_package_finds_its_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a wheel: the package without a checkout around it, its data inside."""
    package = tmp_path / "site" / "robocell"
    stored = put(tmp_path / "store" / "profile.yaml", SDM630)  # some installers put links there
    (package / "_data" / "hardware" / "ours" / "meter").mkdir(parents=True)
    (package / "_data" / "hardware" / "ours" / "meter" / "profile.yaml").symlink_to(stored)
    put(package / "_data" / "sim" / "scenes" / "quiet.yaml", "faults: []\n")
    put(package / "_data" / "cells" / "small.yaml", "robocell: 1\n")
    put(package / "_data" / "cells" / "recipes" / "ring.yaml", "recipe: ring\n")
    monkeypatch.setattr("robocell.catalog.roots.resources.files", lambda name: tmp_path / "site" / name)
    shipped.cache_clear()
    try:
        catalogue = Catalogue.for_cell(tmp_path / "elsewhere" / "cell.yaml")
        assert catalogue.names() == ("ours/meter",)
        assert catalogue.profile("ours/meter").kind == "meter"
        assert catalogue.scene("quiet").is_file()
        assert catalogue.recipe("ring").is_file()
        assert list(catalogue.cells()) == ["small"]
    finally:
        shipped.cache_clear()
