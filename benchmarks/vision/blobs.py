"""Band and blobs of a 5 MP picture: against inRange, findContours and boundingRect, and against reading memory."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race_over
from benchmarks.vision.pictures import COLD, SIZE, U8, rng
from robocell.compiler import kernel, widest
from robocell.vision.tools.blobs import find_blobs

Case = tuple[U8, U8, U8]
SPOTS = 300
CHAIN = "inRange + findContours + boundingRect"


def scene() -> Case:
    """Return a grey picture with dark and bright spots, none inside another, and its lower and upper limits."""
    chance = rng(1)
    picture: U8 = np.asarray(cv2.GaussianBlur(chance.integers(90, 160, SIZE, dtype=np.uint8), (0, 0), 1.5), np.uint8)
    for cell in chance.permutation((SIZE[0] // 64) * (SIZE[1] // 64))[:SPOTS]:
        row, column = divmod(int(cell), SIZE[1] // 64)
        middle, radius = (64 * column + 32, 64 * row + 32), int(chance.integers(2, 12))
        cv2.circle(picture, middle, radius, int(chance.choice([20, 230])), -1)
    few = chance.integers(0, 12, (8, 8), dtype=np.uint8)
    shade = np.asarray(cv2.resize(few, SIZE[::-1], interpolation=cv2.INTER_LINEAR))
    return picture, (70 + shade).astype(np.uint8), (180 - shade).astype(np.uint8)


def boxes_of(mask: U8) -> list[tuple[int, ...]]:
    """The strongest chain of OpenCV from a mask to boxes; it does not see a blob inside another's hole."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [tuple(cv2.boundingRect(contour)) for contour in contours]


def agree_on(mask: U8, case: Case, outside: bool) -> None:
    """See that boxes and areas are those of OpenCV's connected components, all of which the chain finds."""
    found = find_blobs(*case, outside=outside)
    stats = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:]
    agree(abs(len(found) - len(stats)) + abs(len(boxes_of(mask)) - len(stats)), 0, "numbers of blobs")
    ours = np.column_stack([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2], found.area])
    agree(float(np.abs(ours[np.lexsort(ours.T)] - stats[np.lexsort(stats.T)]).max()), 0, "boxes or areas")


def against(
    name: str, case: Case, ours: Callable[[Case], object], chain: str, theirs: Callable[[Case], object]
) -> list[Row]:
    """Race cold and warm."""
    peer, rows = called("opencv-python-headless", chain), []
    cold = [(a.copy(), b.copy(), c.copy()) for a, b, c in [case] * (COLD // (3 * case[0].nbytes) + 1)]
    for how, items, aim in (("cold", cold, Aim("ratio", 1.7)), ("warm", [case] * 25, None)):
        o, t = race_over([ours, theirs], items)
        rows.append(
            Row(f"{name}, {how}", o.median, peer, t.median, aim, tail=o.tail, their_tail=t.tail),
        )
    return rows


def inside() -> list[Row]:
    """What lies in the band forms the blobs, so that inRange gives the mask itself."""
    picture, _, high = scene()
    case = (picture, high, np.full_like(high, 255))
    agree_on(np.asarray(cv2.inRange(*case)), case, outside=False)
    return against(
        "5 MP band + blobs of what is in it",
        case,
        lambda c: find_blobs(*c),
        CHAIN,
        lambda c: boxes_of(np.asarray(cv2.inRange(*c))),
    )


def outside() -> list[Row]:
    """What leaves the band forms the blobs, as where good parts are compared with."""
    case = scene()
    agree_on(np.asarray(cv2.bitwise_not(cv2.inRange(*case))), case, outside=True)
    return against(
        "5 MP band + blobs of what leaves it",
        case,
        lambda c: find_blobs(*c, outside=True),
        CHAIN.replace("inRange", "inRange + bitwise_not"),
        lambda c: boxes_of(np.asarray(cv2.bitwise_not(cv2.inRange(*c)))),
    )


def limits() -> list[Row]:
    """One pair of limits for all pixels."""
    case = scene()
    agree_on(np.asarray(cv2.inRange(case[0], 190, 255)), (case[0], 190, 255), outside=False)  # type: ignore[arg-type]
    return against(
        "5 MP threshold + blobs",
        case,
        lambda c: find_blobs(c[0], 190, 255),
        CHAIN,
        lambda c: boxes_of(np.asarray(cv2.inRange(c[0], 190, 255))),
    )


@kernel
def read(a: U8, b: U8, c: U8) -> np.uint64:
    """Read three arrays as fast as can be; what comes out keeps the compiler from leaving it out."""
    widest()
    x, y, z, total = a.view(np.uint64), b.view(np.uint64), c.view(np.uint64), np.uint64(0)
    for k in range(len(x)):
        total += x[k] ^ y[k] ^ z[k]
    return total


def bandwidth() -> list[Row]:
    """How near the band test comes to only reading the same three pictures."""
    case = scene()
    cold = [(a.copy(), b.copy(), c.copy()) for a, b, c in [case] * (COLD // (3 * case[0].nbytes) + 1)]
    flat = [tuple(picture.reshape(-1) for picture in item) for item in cold]
    numbers = list(range(len(cold)))
    ours, only = race_over([lambda k: find_blobs(*cold[k], outside=True), lambda k: read(*flat[k])], numbers)
    rate = 3 * case[0].nbytes / only.median / 1e9
    return [
        Row(
            "5 MP band + blobs, cold: share of the measured read bandwidth",
            only.median / ours.median,
            aim=Aim("least", 0.8),
            unit="share",
            note=f"a kernel that only reads the three pictures: {rate:.1f} GB/s",
        )
    ]


CONTESTS = [
    Contest("5 MP band + blobs of what is in it", "opencv-python-headless", inside),
    Contest("5 MP band + blobs of what leaves it", "opencv-python-headless", outside),
    Contest("5 MP threshold + blobs", "opencv-python-headless", limits),
    Contest("5 MP band + blobs: bandwidth", "", bandwidth),
]
