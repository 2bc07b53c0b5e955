"""Cameras see the parts that they judge or locate: in front of the lens, inside the picture, from above."""

from __future__ import annotations

import numpy as np

from robocell.config.semantics.context import Context
from robocell.config.semantics.visits import looks
from robocell.model.frames import Frames, Matrix
from robocell.model.product import Cylinder, Product
from robocell.model.profile import CameraProfile
from robocell.model.station import BeltStation

Loc = tuple[str | int, ...]

_RIM = 24  # points on the rim of a round face


def check(context: Context) -> None:
    """Report cameras that do not see what they should."""
    if not context.whole("devices", "stations", "products", "route", "frames"):
        return
    frames = Frames(context.cell)
    seen: dict[tuple[str, str, str], Loc] = {}
    for look in looks(context):
        seen.setdefault((look.camera, look.station, look.product), (*look.loc, "with"))
    for at in context.steps():
        station = getattr(at.step.operation, "station", None)
        found = context.cell.stations.get(station or "")
        if at.step.verb == "arrive" and station and isinstance(found, BeltStation) and found.seen_by is not None:
            seen.setdefault((found.seen_by, station, at.product), ("stations", station, "seen_by"))
    for (camera, station, product), loc in seen.items():
        profile = context.profiles.get(camera)
        if isinstance(profile, CameraProfile):
            rim = face_rim(context.cell.products[product])
            for _, seat in frames.seats(station):
                told = unseen(profile, np.linalg.inv(frames.of(camera)) @ seat, rim)
                if told:
                    message = f"'{camera}' does not see a '{product}' at '{station}': {told}"
                    context.report("RC610", loc, message, "move or turn the camera")
                    break


def face_rim(product: Product) -> Matrix:
    """Return points (N, 3) on the rim of a part's top face, in the frame of its seat, m."""
    length, width, height = product.shape.extent
    if isinstance(product.shape, Cylinder):
        angle = np.linspace(0.0, 2.0 * np.pi, _RIM, endpoint=False)
        return np.column_stack([0.5 * length * np.cos(angle), 0.5 * length * np.sin(angle), np.full(_RIM, height)])
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * np.array([0.5 * length, 0.5 * width])
    return np.column_stack([corners, np.full(4, height)])


def unseen(profile: CameraProfile, seat: Matrix, rim: Matrix) -> str:
    """Return why a camera does not see a face; "" if it does.

    Args:
        profile: the camera's.
        seat: (4, 4) in the camera's optical frame.
        rim: (N, 3) points in the frame of the seat, m.

    """
    points = rim @ seat[:3, :3].T + seat[:3, 3]
    if (points[:, 2] <= profile.focal_length.value).any():
        return "it is behind the lens"
    if seat[2, 2] >= 0.0:
        return "the camera looks at it from below"
    half = 0.5 * np.array(profile.resolution) * profile.pitch.value / profile.focal_length.value
    outside = (np.abs(points[:, :2]) / points[:, 2:] - half) * points[:, 2:]
    most = float(outside.max())
    if most > 0.0:
        width, height = 2000.0 * half * float(points[:, 2].mean())
        return f"{1000.0 * most:.0f} mm of it are outside the picture, which shows {width:.0f} x {height:.0f} mm there"
    return ""
