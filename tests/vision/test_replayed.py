"""A camera whose frames come from a folder judges by recipes, as the one on the floor will."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.devices import Sighting
from robocell.devices.judging import Judging
from robocell.devices.looking import FrameCamera
from robocell.errors import DeviceFault
from robocell.simloop import virtual_loop
from robocell.vision.replay import FolderFrames
from robocell.vision.runner import PreparedRecipe
from robocell.world.faces import Face
from robocell.world.imaging import Camera
from robocell.world.specimens import Studio

pytestmark = pytest.mark.vision
cv2 = pytest.importorskip("cv2")

ABOVE = np.diag([1.0, -1.0, -1.0, 1.0])
ABOVE[:3, 3] = (0.1, -0.45, 0.7)
LENSES = {
    "straight": Camera(),
    "bent": Camera(distortion=-0.6, k2=4.0, p1=4e-4, p2=-3e-4, axis=(650.0, 470.0)),
}


def looked(recipe: PreparedRecipe, studio: Studio, folder: Path, times: int) -> list[Sighting | DeviceFault]:
    async def main() -> list[Sighting | DeviceFault]:
        clock = Clock(0)
        source = FolderFrames(folder, studio.calibration(1.0), clock)
        device = FrameCamera("camera", clock, source, Judging({"cap-top": recipe}, ABOVE), ABOVE, 0.5)
        await device.configure()
        await device.activate()
        found: list[Sighting | DeviceFault] = []
        for _ in range(times):
            await clock.sleep(1.0)
            try:
                found.append(await device.inspect("cap-top", 0.1))
            except DeviceFault as fault:
                found.append(fault)
        device.close()
        return found

    return virtual_loop().run(main())


@pytest.mark.parametrize("lens", LENSES)
def test_pictures_of_a_folder_are_judged_one_by_one(
    recipe: PreparedRecipe, cap: Face, tmp_path: Path, lens: str
) -> None:
    studio = Studio(cap, 611, LENSES[lens])
    good = list(studio.specimens(3))
    bad = list(studio.specimens(2, defective=True))
    for k, specimen in enumerate([*good, *bad]):
        assert cv2.imwrite(str(tmp_path / f"{k}.png"), specimen.frame.image)
    (tmp_path / "5.png").write_bytes((tmp_path / "0.png").read_bytes()[:30000])
    assert cv2.imwrite(str(tmp_path / "6.png"), np.zeros((960, 1280), np.uint8))
    assert cv2.imwrite(str(tmp_path / "7.png"), good[0].frame.image[:480])
    found = looked(recipe, studio, tmp_path, 9)
    sightings = [one for one in found if isinstance(one, Sighting)]
    assert [one.status for one in sightings] == [*["passed"] * 3, *["failed"] * 2, *["inconclusive"] * 3]
    assert ["incomplete" in sightings[5].reasons[0], "black" in sightings[6].reasons[0]] == [True, True]
    assert "shape" in sightings[7].reasons[0]
    assert isinstance(found[8], DeviceFault)
    assert found[8].fault == "timeout"
    for one, specimen in zip(sightings, good, strict=False):
        assert one.pose is not None
        # The optical frame looks down: its X is the cell's, its Y the cell's −Y.
        assert math.dist(one.pose[:2], (0.1 + specimen.xy[0], -0.45 - specimen.xy[1])) < 60e-6
