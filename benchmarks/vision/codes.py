"""Photographed codes, their kind given: how many are read, and how long that takes, against zxing-cpp alone and OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.table import Aim, Contest, Row, called
from benchmarks.timing import race_over
from benchmarks.vision.pictures import U8, public
from robocell.vision.tools.codes import read_codes

FORMATS = {
    "aztec": "Aztec",
    "code128": "Code128",
    "datamatrix": "DataMatrix",
    "ean13": "EAN13",
    "pdf417": "PDF417",
    "qrcode": "QRCode",
}
# The text beside these photographs is not what the digits printed under the bars say; what is printed counts.
PRINTED = {("ean13-2", "23"): b"9784872348880", ("ean13-2", "28"): b"9784872348880"}


@dataclass(frozen=True)
class Sample:
    """A photograph and what its code says."""

    group: str
    image: U8
    expected: bytes

    @property
    def kind(self) -> str:
        """The kind of code, by the folder's name."""
        return self.group.split("-", maxsplit=1)[0]


def samples() -> list[Sample]:
    found = []
    for path in sorted(public("codes").glob("*/*")):
        if path.suffix not in (".png", ".jpg", ".webp"):
            continue
        label = next(p for p in (path.with_suffix(".txt"), path.with_suffix(".bin")) if p.exists())
        expected = PRINTED.get((path.parent.name, path.stem), label.read_bytes())
        image = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)
        found.append(Sample(path.parent.name, image, expected))
    return found


def ours(sample: Sample) -> list[bytes]:
    return [text for code in read_codes(sample.image, sample.kind) for text in (code.raw, code.text.encode())]


def zxing(sample: Sample) -> list[bytes]:
    """A single call, the kind given, as the library recommends."""
    import zxingcpp

    kind = getattr(zxingcpp.BarcodeFormat, FORMATS[sample.kind])
    found = zxingcpp.read_barcodes(sample.image, formats=kind, text_mode=zxingcpp.TextMode.Plain)
    return [text for code in found for text in (code.bytes, code.text.encode())]


def opencv(sample: Sample) -> list[bytes]:
    """OpenCV's readers, which know QR and EAN codes."""
    if sample.kind == "qrcode":
        try:
            _, texts, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(sample.image)
        except (UnicodeDecodeError, cv2.error):  # it takes all texts for UTF-8, and knows not all modes
            return []
    else:
        _, texts, _, _ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(sample.image)
    return [text.encode() for text in texts if text]


def counts(read: Callable[[Sample], list[bytes]], group: list[Sample]) -> tuple[int, int]:
    """Return how many photographs are read rightly, and in how many only something else is read."""
    texts = [read(sample) for sample in group]
    right = sum(sample.expected in found for sample, found in zip(group, texts, strict=True))
    return right, sum(bool(found) for found in texts) - right


def contest() -> list[Row]:
    """All groups, then the time of all photographs."""
    all_of_them = samples()
    rows, wrong = [], 0
    peer = called("zxing-cpp", "read_barcodes, the kind given, one call")
    for name in sorted({sample.group for sample in all_of_them}):
        group = [sample for sample in all_of_them if sample.group == name]
        right, misread = counts(ours, group)
        alone, alone_misread = counts(zxing, group)
        wrong += misread
        note = f"of {len(group)}; misread {misread}, by the peer {alone_misread}"
        if group[0].kind in ("qrcode", "ean13"):
            note += "; OpenCV reads {} and misreads {}".format(*counts(opencv, group))
        rows.append(Row(f"codes read, {name}", right, peer, alone, Aim("least", alone), "count", note))
    rows.append(Row("codes misread, all folders", wrong, aim=Aim("most", 0), unit="count"))
    first, other = race_over([ours, zxing], all_of_them, rounds=2)
    rows.append(
        Row(
            "reading a photographed code", first.median, peer, other.median, tail=first.tail, their_tail=other.tail,
            note="the tail is of photographs that are treated and read again",
        )
    )  # fmt: skip
    return rows


CONTESTS = [Contest("codes", "zxing-cpp", contest)]
