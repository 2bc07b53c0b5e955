"""The kernels of pair comparison against their plain twins, and against OpenCV where it has the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.vision.kernels import pair_align, pair_bits, pair_blobs, pair_forest, pair_rings, pair_window
from robocell.vision.kernels.pair_bits import ABOVE, ASIDE
from robocell.vision.pair.planes import Grid, Words
from tests.vision.plain import pair as plain
from tests.vision.plain.pair import Bits

SIZES = [(64, 64), (70, 130), (97, 191), (128, 192)]


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)  # noqa: TID251


def plane_of(bits: Bits) -> tuple[Words, Grid]:
    grid = Grid(*bits.shape)
    plane = grid.empty(1)[0]
    pair_bits.pack(np.where(bits, 0, 255).astype(np.uint8), 128, True, grid.column, plane)
    return plane, grid


def bits_of(plane: Words, grid: Grid) -> Bits:
    columns = plane.reshape(-1, grid.column)[ASIDE : ASIDE + grid.words, ABOVE : ABOVE + grid.rows]
    rows = np.ascontiguousarray(columns.T).view(np.uint8)
    return np.unpackbits(rows, axis=1, bitorder="little")[:, : grid.columns].astype(np.bool_)


def blotches(size: tuple[int, int], seed: int, share: float = 0.5) -> Bits:
    """Return a picture with parts some pixels large, and a little noise."""
    coarse = rng(seed).random(((size[0] + 8) // 9, (size[1] + 8) // 9)) < share
    bits = np.kron(coarse, np.ones((9, 9), np.bool_))[: size[0], : size[1]]
    return np.asarray(bits ^ (rng(seed + 1).random(size) < 0.01), np.bool_)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [True, False])
def test_packing_sets_the_bits_of_copper_and_no_others(size: tuple[int, int], dark: bool) -> None:
    image = rng(1).integers(0, 256, size, dtype=np.uint8)
    grid = Grid(*size)
    plane = grid.empty(1)[0]
    pair_bits.pack(image, 77, dark, grid.column, plane)
    expected = (image < 77) == dark
    assert np.array_equal(bits_of(plane, grid), expected)
    assert pair_bits.count(plane) == expected.sum()


def test_the_histogram_counts_every_so_manyth_pixel() -> None:
    image = rng(2).integers(0, 256, (77, 90), dtype=np.uint8)
    for step in (1, 4, 8):
        counts = np.zeros(256, np.int64)
        pair_bits.histogram(image, step, counts)
        assert np.array_equal(counts, np.bincount(image[step // 2 :: step, step // 2 :: step].ravel(), minlength=256))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("kernel", "twin"),
    [(pair_bits.dilate, plain.dilate), (pair_bits.erode, plain.erode)],
)
def test_morphology_is_that_of_the_eight_neighbours(
    size: tuple[int, int], kernel: Callable[..., None], twin: Callable[[Bits], Bits]
) -> None:
    for bits in (blotches(size, 3), np.ones(size, np.bool_), rng(4).random(size) < 0.2):
        plane, grid = plane_of(bits)
        work, out = np.zeros_like(plane), np.zeros_like(plane)
        kernel(plane, grid.column, work, out)
        assert np.array_equal(bits_of(out, grid), twin(bits))
        kernel(plane, grid.column, work, plane)  # in place
        assert np.array_equal(plane, out)


@pytest.mark.parametrize("size", SIZES)
def test_a_lone_pixel_is_not_accompanied(size: tuple[int, int]) -> None:
    bits = rng(5).random(size) < 0.06
    bits[0, 0] = bits[-1, -1] = True
    plane, grid = plane_of(bits)
    out = np.zeros_like(plane)
    pair_bits.accompanied(plane, grid.column, out)
    assert np.array_equal(bits_of(out, grid), plain.accompanied(bits))


@pytest.mark.parametrize("size", SIZES)
def test_thinning_keeps_every_fourth_pixel(size: tuple[int, int]) -> None:
    bits = blotches(size, 6)
    plane, grid = plane_of(bits)
    small = grid.quarter()
    out = small.empty(1)[0]
    pair_align.thin(plane, grid.column, grid.rows, grid.words, small.column, out)
    assert np.array_equal(bits_of(out, small), bits[::4, ::4])


@pytest.mark.parametrize("size", SIZES[1:])
def test_cost_maps_count_what_differs_under_each_shift(size: tuple[int, int]) -> None:
    seen, model = blotches(size, 7), blotches(size, 8)
    (a, grid), (b, _) = plane_of(seen), plane_of(model)
    base = rng(9).integers(-20, 20, (*grid.tiles, 2))
    costs = np.empty((*grid.tiles, 5, 5), np.int64)
    pair_align.tile_costs(a, b, grid.column, grid.rows, grid.columns, base, costs)
    for i, w, v, u in rng(10).integers(0, (*grid.tiles, 5, 5), (60, 4)):
        start = (int(base[i, w, 0]), int(base[i, w, 1]))
        shift = base[i, w] + [u - 2, v - 2]
        assert costs[i, w, v, u] == plain.tile_cost(seen, model, (int(i), int(w)), start, 2, shift)


@pytest.mark.parametrize("size", SIZES[1:])
def test_coarse_cost_maps_count_a_quarter_of_the_rows(size: tuple[int, int]) -> None:
    seen, model = blotches(size, 11), blotches(size, 12)
    (a, grid), (b, _) = plane_of(seen), plane_of(model)
    rows = np.empty((3, a.size // 4), np.uint64)
    for plane, phase, out in ((a, 0, rows[0]), (b, 0, rows[1]), (b, 2, rows[2])):
        pair_align.split_rows(plane, grid.column, phase, out)
    base = 4 * rng(13).integers(-4, 4, (*grid.tiles, 2))
    costs = np.empty((*grid.tiles, 5, 5), np.int64)
    pair_align.tile_costs_coarse(*rows, grid.column // 4, grid.rows, grid.columns, base, costs)  # type: ignore[call-arg]
    for i, w, v, u in rng(14).integers(0, (*grid.tiles, 5, 5), (60, 4)):
        dx, dy = (int(n) for n in base[i, w] + [2 * u - 4, 2 * v - 4])
        expected = 0
        for y in range(64 * i, min(64 * i + 64, size[0]), 4):
            # all rows from a multiple of 4 up to where the furthest shift leaves the model
            if not (y + base[i, w, 1] >= 4 and y // 4 < (size[0] - 4 - base[i, w, 1]) // 4):
                continue
            for x in range(64 * w, min(64 * w + 64, size[1])):
                if 4 <= x + base[i, w, 0] < size[1] - 4:
                    expected += int(seen[y, x] != model[y + dy, x + dx])
        assert costs[i, w, v, u] == expected


def test_the_whole_shift_is_where_all_tiles_together_differ_least() -> None:
    bits = blotches((200, 256), 15)
    (a, grid), (b, _) = plane_of(bits), plane_of(plain.moved(bits, -5, 3))
    base, costs = np.zeros((*grid.tiles, 2), np.int64), np.empty((*grid.tiles, 17, 17), np.int64)
    pair_align.tile_costs(a, b, grid.column, grid.rows, grid.columns, base, costs)
    best = np.zeros(2, np.int64)
    pair_align.whole_shift(costs, best)
    assert best.tolist() == [5, -3]


def test_the_affine_search_finds_the_bottom_of_bowls() -> None:
    wanted = np.array([1.5, -2.0, 0.5, -1.0, 1.5, 2.0])
    cells = np.arange(21) - 10.0
    costs = np.empty((6, 8, 21, 21), np.int64)
    for i in range(6):
        for w in range(8):
            right, down = (2 * w + 1) / 8 - 1, (2 * i + 1) / 6 - 1
            x, y = wanted[0] + wanted[1] * right + wanted[2] * down, wanted[3] + wanted[4] * right + wanted[5] * down
            costs[i, w] = np.rint(40 * ((cells[None, :] - x / 2) ** 2 + (cells[:, None] - y / 2) ** 2))
    place = np.zeros(6)
    pair_align.affine_search(costs, np.zeros((6, 8, 2), np.int64), 2.0, 0.125, place)
    assert np.abs(place - wanted).max() < 0.5
    base = np.empty((6, 8, 2), np.int64)
    pair_align.affine_base(place, 50, 4, base)
    assert (base[..., 1] % 4 == 0).all()
    pair_align.affine_base(100 * place, 50, 1, base)
    assert np.abs(base).max() == 50


def test_tiles_move_with_their_neighbours() -> None:
    costs = rng(16).integers(0, 50, (4, 5, 7, 7))
    base = rng(17).integers(-9, 9, (4, 5, 2))
    shifts = np.empty((4, 5, 2))
    pair_align.tile_shifts(costs, base, shifts)
    cells = np.arange(-3, 4)
    away = 2 * (cells[None, :] ** 2 + cells[:, None] ** 2)
    for i in range(4):
        for w in range(5):
            total = away.astype(np.int64)
            for a in range(4):
                for b in range(5):
                    if abs(a - i) <= 1 and abs(b - w) <= 1:
                        total = total + costs[a, b] * (2 - abs(a - i)) * (2 - abs(b - w))
            v, u = np.unravel_index(int(total.argmin()), (7, 7))
            assert shifts[i, w].tolist() == [base[i, w, 0] + u - 3, base[i, w, 1] + v - 3]


@pytest.mark.parametrize("size", SIZES)
def test_a_warp_lays_the_model_where_the_shifts_say(size: tuple[int, int]) -> None:
    bits = blotches(size, 18)
    model, grid = plane_of(bits)
    out, valid = grid.empty(2)
    shifts = np.zeros((*grid.tiles, 2)) + [7, -11]
    pair_align.warp(model, grid.column, grid.rows, grid.columns, shifts, out, valid)
    assert np.array_equal(bits_of(out, grid), plain.moved(bits, 7, -11))
    assert np.array_equal(bits_of(valid, grid), plain.moved(np.ones(size, np.bool_), 7, -11))


def test_shifts_between_tiles_are_interpolated() -> None:
    shifts = rng(19).random((3, 4, 2))
    assert pair_align.shift_at(shifts, 31.5, 31.5, 0) == shifts[0, 0, 0]
    assert pair_align.shift_at(shifts, 0.0, 0.0, 1) == shifts[0, 0, 1]
    assert pair_align.shift_at(shifts, 500.0, 500.0, 1) == shifts[2, 3, 1]
    middle = pair_align.shift_at(shifts, 63.5, 95.5 + 32, 0)
    assert middle == pytest.approx(shifts[1:3, 0:2, 0].mean())
    assert pair_align.shift_at(shifts[:1, :1], 10.0, 70.0, 0) == shifts[0, 0, 0]


@pytest.mark.parametrize("size", SIZES)
def test_seeds_are_thick_or_far_from_edges(size: tuple[int, int]) -> None:
    seen, model = blotches(size, 20), blotches(size, 21)
    valid = plain.moved(np.ones(size, np.bool_), 3, -2)
    (a, grid), (b, _), (v, _) = plane_of(seen), plane_of(model), plane_of(valid)
    work, out = grid.empty(4), grid.empty(2)
    differing = pair_window.seeds(a, b, v, grid.column, work, out)
    assert differing == ((seen != model) & valid).sum()
    for plane, expected in zip(out, plain.seeds(seen, model, valid), strict=True):
        assert np.array_equal(bits_of(plane, grid), expected)
        pair_window.spread(plane, grid.column, grid.rows, grid.columns, work[0])
        assert np.array_equal(bits_of(plane, grid), plain.dilate(expected, 4))
        assert pair_bits.count(plane) == plain.dilate(expected, 4).sum()


@pytest.mark.parametrize("share", [0.02, 0.2, 0.45, 0.7])
@pytest.mark.parametrize("size", SIZES)
def test_components_are_those_of_opencv(size: tuple[int, int], share: float) -> None:
    cv2 = pytest.importorskip("cv2")
    bits = rng(22).random(size) < share
    plane, grid = plane_of(bits)
    runs, found = np.empty((20000, 6), np.int32), np.empty((5000, 4), np.int64)
    n = pair_blobs.components(plane, grid.column, ABOVE, grid.words, grid.rows, runs)
    count = pair_blobs.boxes(runs, n, found)
    stats = cv2.connectedComponentsWithStats(bits.astype(np.uint8), connectivity=8)[2][1:]
    expected = np.column_stack([stats[:, 0], stats[:, 1], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]])
    assert sorted(map(tuple, found[:count].tolist())) == sorted(map(tuple, expected.tolist()))
    assert runs[:n, 2].sum() - runs[:n, 1].sum() == bits.sum()


def test_too_many_runs_or_components_are_said_to_be() -> None:
    bits = np.zeros((64, 128), np.bool_)
    bits[::2, ::2] = True
    plane, grid = plane_of(bits)
    runs = np.empty((2048, 6), np.int32)
    assert pair_blobs.components(plane, grid.column, ABOVE, grid.words, grid.rows, runs[:2047]) == -1
    assert pair_blobs.components(plane, grid.column, ABOVE, grid.words, grid.rows, runs) == 2048
    assert pair_blobs.boxes(runs, 2048, np.empty((100, 4), np.int64)) == -1


def test_the_lowest_bit_and_spans_of_words() -> None:
    for k in (0, 1, 31, 62, 63):
        assert pair_blobs.lowest(np.uint64((1 << k) | (1 << 63))) == k
    assert int(pair_blobs.span(1, 60, 70)) == 0b111111
    assert int(pair_blobs.span(0, 60, 70)) == 0b1111 << 60
    assert int(pair_blobs.span(0, 64, 70)) == 0
    assert int(pair_bits.inside(-3, 200)) == (1 << 64) - 8
    assert int(pair_bits.inside(192, 195)) == 7
    assert int(pair_bits.inside(-64, 10)) == 0


def boards(seed: int) -> tuple[Bits, Bits]:
    """Return a model and a picture of it, moved by (2, -1), with strokes too much and too little."""
    model = np.zeros((128, 190), np.bool_)
    for k in range(5):
        model[10 + 24 * k : 20 + 24 * k, 6:180] = True
    model[:, 90:100] = True
    seen = plain.moved(model, -2, 1)
    chance = rng(seed)
    for _ in range(9):
        x, y, w, h = (int(n) for n in chance.integers((0, 0, 2, 2), (180, 118, 20, 12)))
        seen[y : y + h, x : x + w] ^= True
    noise = chance.random(seen.shape) < 0.002
    return model, np.asarray(seen ^ noise, np.bool_)


@pytest.mark.parametrize("seed", range(4))
def test_candidates_are_described_as_their_plain_twins(seed: int) -> None:
    model, seen = boards(seed)
    (a, grid), (b, _) = plane_of(seen), plane_of(model)
    shifts = np.zeros((*grid.tiles, 2)) + [1, 0]
    laid = plain.moved(model, 1, 0)
    valid = plain.moved(np.ones_like(model), 1, 0)
    work, runs = np.empty((pair_window.PLANES, 9000), np.uint64), np.empty((9000, 6), np.int32)
    work[:] = rng(23).integers(0, 1 << 60, work.shape)  # what was there before does not matter
    looked_at = 0
    for missing, spots in enumerate(plain.seeds(seen, laid, valid)):
        for pixels in plain.components(plain.dilate(spots, 4))[:6]:
            candidate = plain.box_of(pixels)
            box, features = np.empty(4, np.int64), np.full(pair_rings.FEATURES, np.nan)
            there = pair_rings.examine(
                a, b, grid.column, np.array([190, 128]), shifts, bool(missing), np.array(candidate), work, runs, box,
                features,
            )  # fmt: skip
            x1, y1, x2, y2 = candidate
            expected = plain.examine(seen, model, (1, 0), bool(missing), (x1, y1, x2, y2))
            assert there == (expected is not None)
            if expected is not None:
                assert box.tolist() == expected[0]
                np.testing.assert_allclose(features, expected[1], rtol=1e-12)
                looked_at += 1
    assert looked_at >= 1


def test_the_forest_votes_as_its_trees_do() -> None:
    chance = rng(24)
    # two trees of seven nodes: 0 asks, 1 and 2 ask, the rest are leaves
    feature = np.array([0, 1, 2, -1, -1, -1, -1, 3, 0, 1, -1, -1, -1, -1], np.int16)
    child = np.array([1, 3, 5, 0, 1, 2, 3, 8, 10, 12, 4, 5, 6, 7], np.int32)
    threshold = chance.random(14).astype(np.float32)
    share: NDArray[np.float32] = chance.random((8, 3)).astype(np.float32)
    roots = np.array([0, 7], np.int32)
    rows = chance.random((40, 4))
    rows[0] = threshold[0]  # what equals the threshold goes low
    out = np.empty((40, 3))
    pair_forest.vote(rows, roots, feature, threshold, child, share, out)
    expected = plain.vote(
        rows,
        roots.astype(np.int64),
        feature.astype(np.int64),
        threshold.astype(np.float64),
        child.astype(np.int64),
        share.astype(np.float64),
    )
    np.testing.assert_allclose(out, expected, rtol=1e-9)
