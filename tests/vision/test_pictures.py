"""Which files are pictures, and why others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robocell.vision.pictures import find_pictures, read_picture

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

IMAGE = np.random.Generator(np.random.PCG64(8)).integers(0, 256, (48, 64), dtype=np.uint8)


def encoded(ending: str, image: np.ndarray = IMAGE) -> bytes:
    data: bytes = cv2.imencode(ending, image)[1].tobytes()
    return data


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif", ".pgm"])
def test_a_picture_is_read_as_it_was_written(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(encoded(ending))
    read = read_picture(path)
    assert isinstance(read, np.ndarray)
    assert np.array_equal(read, IMAGE)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".bmp", ".tif", ".webp", ".pgm"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.98])
def test_no_truncated_file_is_a_picture(ending: str, share: float, tmp_path: Path) -> None:
    data = encoded(ending)
    path = tmp_path / f"a{ending}"
    path.write_bytes(data[: int(share * len(data))])
    assert isinstance(read_picture(path), str)


def test_what_a_camera_appends_to_a_jpeg_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(".jpg") + b"made by a camera" * 9)
    assert isinstance(read_picture(path), np.ndarray)


def test_colours_are_kept_where_they_are_wanted(tmp_path: Path) -> None:
    colours = np.random.Generator(np.random.PCG64(9)).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    path = tmp_path / "a.png"
    path.write_bytes(encoded(".png", colours))
    kept, grey = read_picture(path, colour=True), read_picture(path)
    assert isinstance(kept, np.ndarray)
    assert isinstance(grey, np.ndarray)
    assert np.array_equal(kept, colours)
    luminance = colours @ [0.114, 0.587, 0.299]
    assert np.abs(grey - luminance).max() <= 1


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (IMAGE.astype(np.uint16), "16 bits"),
        (np.dstack([IMAGE] * 4), "alpha"),
        (np.dstack([IMAGE] * 3).astype(np.uint16), "16 bits"),
    ],
)
def test_other_depths_and_channels_are_told(image: np.ndarray, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(".png", image))
    assert words in str(read_picture(path))


def test_what_is_no_picture_says_so(tmp_path: Path) -> None:
    for name, data, words in (
        ("a.png", b"", "empty"),
        ("b.png", b"text", "no picture"),
        ("c.jpg", b"\xff\xd8", "truncated"),
    ):
        (tmp_path / name).write_bytes(data)
        assert words in str(read_picture(tmp_path / name))
    assert "cannot be read" in str(read_picture(tmp_path / "none.png"))
    assert "cannot be read" in str(read_picture(tmp_path))


def test_files_folders_and_patterns_name_pictures_once_in_the_order_given(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "notes.txt", "sub/c.png", "sub/d.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found, missing = find_pictures(
        [tmp_path / "sub" / "d.tif", tmp_path, str(tmp_path / "*" / "*.png"), str(tmp_path / "sub")]
    )
    assert [path.name for path in found] == ["d.tif", "a.JPG", "b.png", "c.png"]
    assert missing == ()
    (tmp_path / "bare").mkdir()
    found, missing = find_pictures([tmp_path / "none.png", str(tmp_path / "*.none"), tmp_path / "bare"])
    assert found == ()
    assert [word in text for word, text in zip(("none.png", "*.none", "bare"), missing, strict=True)] == [True] * 3
