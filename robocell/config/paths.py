"""Files that a cell names: beside it or below, nowhere else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath


class OutsideError(ValueError):
    """The path leads out of the folder."""


def inside(folder: Path, text: str) -> Path:
    """Return the file that `text` names in `folder`.

    Args:
        folder: The cell file's folder.
        text: A relative path with forward slashes.

    Raises:
        OutsideError: It is absolute, has `..`, or leads out through a symbolic link.

    """
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).drive or text.startswith(("\\", "~")):
        raise OutsideError(f"'{text}' is not relative to the cell's folder")
    parts = PurePosixPath(text.replace("\\", "/")).parts
    if ".." in parts or any(not part.isprintable() for part in parts):
        raise OutsideError(f"'{text}' leads out of the cell's folder")
    path = folder.joinpath(*parts)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise OutsideError(f"'{text}' leads out of the cell's folder through a link")
    return path
