"""Picture files → arrays, or the reason why a file cannot be judged; and which files a command line means."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from robocell.vision.frame import U8

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
MOST_BYTES = 512 * 1024 * 1024
MOST_PIXELS = 256_000_000

_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def find_pictures(texts: Iterable[str | Path]) -> tuple[Sequence[Path], Sequence[str]]:
    """Return the pictures that files, folders and globs name, in the order given (inside each: by name), each once.

    Returns:
        The files, and in words what named none.

    """
    found: dict[Path, None] = {}
    missing = []
    for text in texts:
        path = Path(text)
        if path.is_dir():
            named = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in ENDINGS and entry.is_file())
            if not named:
                missing.append(f"there is no picture in {text} ({', '.join(ENDINGS)})")
        elif path.exists() or not any(letter in str(text) for letter in "*?["):
            named = [path] if path.is_file() else []
            if not named:
                missing.append(f"there is no picture {text}")
        else:
            named = sorted(p for p in _fitting(path) if p.is_file())
            if not named:
                missing.append(f"no file fits {text}")
        found.update(dict.fromkeys(named))
    return tuple(found), tuple(missing)


def _fitting(pattern: Path) -> Iterable[Path]:
    """Return the files that fit a pattern such as `lots/*/good-?.png`."""
    parts = pattern.parts
    first = next(index for index, part in enumerate(parts) if any(letter in part for letter in "*?["))
    return Path(*parts[:first]).glob(str(Path(*parts[first:])))


def read_picture(path: Path, colour: bool = False) -> U8 | str:
    """Return a picture, or why it cannot be judged.

    Args:
        path: the file.
        colour: whether colours are kept; a colour picture becomes grey (luminance) otherwise.

    Returns:
        (rows, columns) uint8 grey or (rows, columns, 3) uint8 blue, green, red; or the reason, in words.

    """
    try:
        if path.stat().st_size > MOST_BYTES:
            return "the file has more than 512 MiB"
        data = path.read_bytes()
    except OSError as error:
        return f"the file cannot be read: {error.strerror or error}"
    if not data:
        return "the file is empty"
    if reason := _cut_short(data):
        return reason
    return _decoded(data, colour)


def _cut_short(data: bytes) -> str:
    """Return whether a file ends before its picture does: decoders fill the rest with grey, in silence."""
    truncated = "the file is truncated"
    if data.startswith(b"\xff\xd8"):
        # some cameras append data of their own after the end marker
        return "" if data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda") > 0 else truncated
    if data.startswith(b"\x89PNG"):
        return "" if _PNG_END in data[-4096:] else truncated
    if data.startswith(b"BM") and len(data) >= 6:
        size = struct.unpack("<I", data[2:6])[0]
        return truncated if len(data) < size else ""
    if data.startswith(b"RIFF") and len(data) >= 12:
        return truncated if len(data) < struct.unpack("<I", data[4:8])[0] + 8 else ""
    return ""


def _decoded(data: bytes, colour: bool) -> U8 | str:
    import cv2

    buffer = np.frombuffer(data, np.uint8)
    quiet = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        image = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED)
    except cv2.error:
        image = None
    finally:
        cv2.utils.logging.setLogLevel(quiet)
    if image is None or image.size == 0:
        return "the file is no picture, or is damaged"
    if image.dtype != np.uint8:
        return f"the picture has {8 * image.dtype.itemsize} bits a channel, not 8"
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim == 3 and image.shape[2] != 3:
        return "the picture has an alpha channel" if image.shape[2] in (2, 4) else f"it has {image.shape[2]} channels"
    if image.shape[0] * image.shape[1] > MOST_PIXELS:
        return f"the picture has {image.shape[1]} × {image.shape[0]} pixels, too many to be judged"
    if image.ndim == 3 and not colour:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(image, np.uint8)
