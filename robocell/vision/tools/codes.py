"""Read 1D and 2D codes of known kinds, with zxing-cpp.

One pass reads nearly every code. Where it reads none, the picture is treated in a few ways that have cured one each
(local contrast, scale, sharpening, rotation) and read again, up to a bound of pixels. What a 1D code's weak check
digit lets pass is not believed once: such texts need two passes that agree, and none at their place that do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from robocell.errors import SetupError, VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.tools.checks import colour_picture, grey_picture

if TYPE_CHECKING:
    import zxingcpp

_FORMATS: Final = {
    "aztec": "Aztec",
    "codabar": "Codabar",
    "code128": "Code128",
    "code39": "Code39",
    "code93": "Code93",
    "databar": "DataBar",
    "datamatrix": "DataMatrix",
    "ean13": "EAN13",
    "ean8": "EAN8",
    "itf": "ITF",
    "maxicode": "MaxiCode",
    "micropdf417": "MicroPDF417",
    "microqr": "MicroQRCode",
    "pdf417": "PDF417",
    "qrcode": "QRCode",
    "rmqr": "RMQRCode",
    "upca": "UPCA",
    "upce": "UPCE",
}
KINDS: Final = tuple(_FORMATS)
_MATRIX: Final = {"aztec", "datamatrix", "maxicode", "micropdf417", "microqr", "pdf417", "qrcode", "rmqr"}
_UNCHECKED: Final = {"codabar", "code39", "itf"}  # without a check that is always there: one pass is never enough
_AGREE = 2  # passes
_SLIVER = 0.25  # of a 1D code's height: what is read in so few lines beside it is a misreading of the same bars
_BESIDE = 0.15  # of its length
_MOST_PIXELS = 24e6  # that all passes but the first read together
_MOST_KEPT = 64  # codes in a picture

Treat = Callable[[U8], tuple[U8, Array]]


@dataclass(frozen=True)
class Code:
    """A code that was read.

    Attributes:
        text: what it says, control characters as they are; UPC codes as the 13 digits of their article number.
        kind: one of `KINDS`.
        corners: (4, 2) pixels (column, row): the code's own top left, top right, bottom right and bottom left.
        raw: the bytes it carries.

    """

    text: str
    kind: str
    corners: Array = field(compare=False)
    raw: bytes


@dataclass
class _Vote:
    code: Code
    passes: int = 1


def read_codes(image: U8, kinds: str | Iterable[str], *, retries: bool = True) -> tuple[Code, ...]:
    """Read all codes of the given kinds.

    Args:
        image: (H, W) uint8, or (H, W, 3) in blue, green, red.
        kinds: of `KINDS`; the fewer, the quicker and the surer.
        retries: whether a picture in which nothing is read is treated and read again.

    Raises:
        VisionError: the picture is none, or a kind is unknown.
        SetupError: zxing-cpp is not installed.

    """
    names = _checked(kinds)
    grey = _grey(image)
    votes: list[_Vote] = []
    for number, (treat, global_levels) in enumerate(_passes(grey, names, retries)):
        treated, back = treat(grey)
        found = _read(treated, names, global_levels)
        if not found and not global_levels and number > 0:
            found = _read(treated, names, global_levels=True)
        _count(votes, [_moved(code, back) for code in found])
        if number > 0 and any(code.kind not in _MATRIX for code in found):
            finer, aside = _scaled(1.5)(treated)  # the same bars, sampled otherwise
            again = _read(finer, names, global_levels=not global_levels)
            _count(votes, [_moved(_moved(code, aside), back) for code in again])
        settled = _settled(votes, first=number == 0)
        if settled is not None:
            return settled
    return tuple(vote.code for vote in votes if _believed(vote, votes, lead=1))


def _checked(kinds: str | Iterable[str]) -> tuple[str, ...]:
    names = (kinds,) if isinstance(kinds, str) else tuple(dict.fromkeys(kinds))
    unknown = [name for name in names if name not in _FORMATS]
    if unknown or not names:
        what = f"no kind of code is called {', '.join(map(repr, unknown))}" if unknown else "no kind of code is given"
        raise VisionError(f"{what}; there are {', '.join(KINDS)}")
    return names


def _grey(image: U8) -> U8:
    if isinstance(image, np.ndarray) and image.ndim == 3:
        import cv2

        return np.asarray(cv2.cvtColor(colour_picture(image), cv2.COLOR_BGR2GRAY), np.uint8)
    return grey_picture(image)


def _read(picture: U8, names: Sequence[str], global_levels: bool) -> list[Code]:
    """Read a picture once."""
    try:
        import zxingcpp
    except ImportError as error:
        raise SetupError("zxing-cpp, which reads codes, is not installed", "pip install 'robocell[vision]'") from error
    barcodes = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, _FORMATS[name]) for name in names]),
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=zxingcpp.Binarizer.GlobalHistogram if global_levels else zxingcpp.Binarizer.LocalAverage,
    )
    found = [_code(barcode, names) for barcode in barcodes[:_MOST_KEPT] if barcode.valid]
    return [code for code in found if not any(_sliver(code, other) for other in found)]


def _code(barcode: zxingcpp.Barcode, names: Sequence[str]) -> Code:
    kind = next((name for name in names if getattr(type(barcode.format), _FORMATS[name]) == barcode.format), None)
    if kind is None:  # a variant, as of DataBar: its family's name
        kind = next(name for name in names if getattr(type(barcode.format), _FORMATS[name]) == barcode.symbology)
    place = barcode.position
    corners = [(p.x, p.y) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
    return Code(barcode.text, kind, np.array(corners, float), bytes(barcode.bytes))


def _sliver(code: Code, other: Code) -> bool:
    """Whether a 1D code is read in a few lines beside another that is read in many."""
    if code.kind in _MATRIX or other.kind in _MATRIX or code.text == other.text:
        return False
    length, height, least = (math.dist(*ends) for ends in (other.corners[:2], other.corners[1:3], code.corners[1:3]))
    return least < _SLIVER * height and _overlap(code.corners, other.corners, _BESIDE * length)


def _moved(code: Code, back: Array) -> Code:
    return Code(code.text, code.kind, code.corners @ back[:, :2].T + back[:, 2], code.raw)


def _count(votes: list[_Vote], found: list[Code]) -> None:
    """Count a pass that read these; one that reads a code twice counts once."""
    counted: list[_Vote] = []
    for code in found:
        same = next((v for v in votes if v.code == code and _overlap(v.code.corners, code.corners)), None)
        if same is None:
            same = _Vote(code)
            votes.append(same)
        elif not any(same is other for other in counted):
            same.passes += 1
        counted.append(same)


def _settled(votes: list[_Vote], first: bool) -> tuple[Code, ...] | None:
    """Return what is read if it is beyond doubt; None while another pass may help."""
    if first:
        for vote in votes:
            # the reader itself wants a 1D code in several lines
            if vote.code.kind not in _UNCHECKED and not _rivals(vote, votes):
                vote.passes = _AGREE
    believed = [vote for vote in votes if _believed(vote, votes, lead=_AGREE)]
    doubtful = [vote for vote in votes if not any(vote is other or _rival(vote, other) for other in believed)]
    if first and doubtful:
        return None
    return tuple(vote.code for vote in believed) if believed else None


def _believed(vote: _Vote, votes: list[_Vote], lead: int) -> bool:
    if vote.code.kind in _MATRIX:
        return True
    most = max((other.passes for other in _rivals(vote, votes)), default=0)
    return vote.passes >= _AGREE and vote.passes - most >= lead


def _rivals(vote: _Vote, votes: list[_Vote]) -> list[_Vote]:
    return [other for other in votes if _rival(vote, other)]


def _rival(one: _Vote, other: _Vote) -> bool:
    """Whether two 1D codes are read at one place: a matrix code may lie within another on purpose."""
    if one is other or one.code.kind in _MATRIX or other.code.kind in _MATRIX:
        return False
    return one.code != other.code and _overlap(one.code.corners, other.code.corners)


def _overlap(a: Array, b: Array, margin: float = 2.0) -> bool:
    """Whether the boxes about two codes overlap, nearly; 1D codes may be read in a line without height."""
    return bool(np.all(a.min(axis=0) - margin <= b.max(axis=0)) and np.all(b.min(axis=0) - margin <= a.max(axis=0)))


def _passes(grey: U8, names: Sequence[str], retries: bool) -> Iterator[tuple[Treat, bool]]:
    """Yield how to treat the picture for each pass, and whether to use one threshold for all of it."""
    yield _as_it_is, False
    if not retries:
        return
    left = _MOST_PIXELS
    for treat, scale, global_levels in _RETRIES:
        pixels = grey.size * scale * scale
        if pixels <= left:
            left -= pixels
            yield treat, global_levels


def _as_it_is(grey: U8) -> tuple[U8, Array]:
    return grey, _back(1.0)


def _back(scale: float) -> Array:
    """Return the (2, 3) map from pixels of a scaled picture to those of the picture."""
    shift = (1 / scale - 1) / 2
    return np.array([[1 / scale, 0.0, shift], [0.0, 1 / scale, shift]])


def _scaled(scale: float) -> Treat:
    def treat(grey: U8) -> tuple[U8, Array]:
        import cv2

        size = (max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8), _back(scale)

    return treat


def _sharpened(scale: float, sigma: float, amount: float) -> Treat:
    def treat(grey: U8) -> tuple[U8, Array]:
        import cv2

        big, back = _scaled(scale)(grey)
        soft = cv2.GaussianBlur(big, (0, 0), sigma)
        return np.asarray(cv2.addWeighted(big, 1 + amount, soft, -amount, 0), np.uint8), back

    return treat


def _evened(scale: float) -> Treat:
    """Level out contrast by region (CLAHE: Zuiderveld, Graphics Gems IV, 1994)."""

    def treat(grey: U8) -> tuple[U8, Array]:
        import cv2

        big, back = _scaled(scale)(grey)
        return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(big), np.uint8), back

    return treat


def _softened(sigma: float) -> Treat:
    def treat(grey: U8) -> tuple[U8, Array]:
        import cv2

        return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.uint8), _back(1.0)

    return treat


def _turned(degrees: float) -> Treat:
    def treat(grey: U8) -> tuple[U8, Array]:
        import cv2

        h, w = grey.shape
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        size = (math.ceil(w * abs(c) + h * abs(s)), math.ceil(w * abs(s) + h * abs(c)))
        back = np.array([[c, -s, 0.0], [s, c, 0.0]])
        back[:, 2] = (np.array([w, h]) - 1) / 2 - back[:, :2] @ ((np.array(size) - 1) / 2)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(grey, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.uint8), back

    return treat


# How to treat a picture, how much larger that makes it, and whether one threshold serves all of it.
_RETRIES: Final[tuple[tuple[Treat, float, bool], ...]] = (
    (_as_it_is, 1.0, True),
    (_evened(1.0), 1.0, False),
    (_scaled(2.0), 2.0, False),
    (_evened(2.0), 2.0, False),
    (_sharpened(1.0, 1.0, 1.0), 1.0, False),
    (_scaled(0.5), 0.5, True),
    (_softened(1.0), 1.0, True),
    (_sharpened(1.0, 2.0, 2.0), 1.0, False),
    (_scaled(1.5), 1.5, False),
    (_sharpened(2.0, 3.0, 2.0), 2.0, False),
    (_turned(45.0), 1.42, False),
    (_turned(22.5), 1.31, False),
    (_turned(-22.5), 1.31, False),
)
