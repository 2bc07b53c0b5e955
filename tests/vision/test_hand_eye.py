"""Hand-eye: the poses that made the pairs are found again, whatever bad pairs are among them; what is unknown is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.calibration.hand_eye import HandEye, solve, solve_streams
from robocell.vision.calibration.rotations import exp, from_quaternions, inverse, log, pose, to_quaternions
from robocell.vision.calibration.streams import PoseStream, interpolate, time_offset
from tests.data import folder

Array = NDArray[np.float64]
Rng = np.random.Generator


def rng_of(seed: int) -> Rng:
    return np.random.Generator(np.random.PCG64(seed))


def some(rng: Rng, count: int, turn: float, reach: float) -> Array:
    return pose(exp(rng.normal(0, turn, (count, 3))), rng.normal(0, reach, (count, 3)))


def pairs(seed: int, count: int, turn: float = 0.0, move: float = 0.0) -> tuple[Array, Array, Array, Array]:
    """(X, Y, hand, seen) with noise of `turn` (rad) and `move` (m) on what the camera saw."""
    rng = rng_of(seed)
    x, y = some(rng, 1, 1.0, 0.1)[0], some(rng, 1, 1.0, 0.8)[0]
    hand = some(rng, count, 0.5, 0.3)
    seen = inverse(y) @ hand @ x @ some(rng, count, turn, move)
    return x, y, hand, seen


def apart(one: Array, other: Array) -> tuple[float, float]:
    """(m, rad) between two poses."""
    off = np.linalg.inv(one) @ other
    return float(np.linalg.norm(off[:3, 3])), float(np.linalg.norm(log(off[:3, :3])))


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_pairs_without_noise_give_the_poses_that_made_them(seed: int) -> None:
    x, y, hand, seen = pairs(seed, 8)
    found = solve(hand, seen)
    assert apart(found.x, x) < (1e-7, 1e-7)
    assert apart(found.y, y) < (1e-7, 1e-7)
    assert found.used.all()


@pytest.mark.parametrize("seed", range(6))
def test_bad_pairs_are_rejected_and_have_no_say(seed: int) -> None:
    x, y, hand, seen = pairs(seed, 30, turn=5e-4, move=3e-4)
    bad = rng_of(seed + 100).permutation(30)[:11]
    spoiled = seen.copy()
    spoiled[bad] = seen[bad] @ some(rng_of(seed + 200), 11, 0.4, 0.15)
    found = solve(hand, spoiled)
    assert not found.used[bad].any()
    assert np.count_nonzero(~found.used) <= 11 + 3
    moved, turned = apart(found.x, x)
    assert moved < 1.5e-3
    assert turned < math.radians(0.12)
    assert found.translation_rms < 2e-3
    clean = solve(np.delete(hand, bad, axis=0), np.delete(seen, bad, axis=0))
    assert apart(found.x, clean.x) < (3e-4, 3e-4)


@pytest.mark.parametrize(("count", "wrong"), [(5, 0), (6, 1), (8, 2), (12, 4), (40, 18)])
def test_few_pairs_do_with_few_bad_ones(count: int, wrong: int) -> None:
    for seed in range(6):
        x, _, hand, seen = pairs(300 + seed, count, turn=5e-4, move=3e-4)
        bad = rng_of(seed).permutation(count)[:wrong]
        seen[bad] = seen[bad] @ some(rng_of(seed + 50), wrong, 0.4, 0.15)
        found = solve(hand, seen)
        moved, turned = apart(found.x, x)
        assert not found.used[bad].any()
        assert moved < 4 * found.x_sigma[0] + 1e-4
        assert moved < 5e-3
        assert turned < 5e-3


def test_the_standard_error_is_honest() -> None:
    ratios = []
    for seed in range(25):
        x, _, hand, seen = pairs(1000 + seed, 25, turn=6e-4, move=5e-4)
        found = solve(hand, seen)
        moved, turned = apart(found.x, x)
        ratios.append((moved / found.x_sigma[0], turned / found.x_sigma[1]))
    typical = np.sqrt(np.mean(np.square(ratios), axis=0))
    assert (typical > 0.6).all()  # of three directions together, against the worst one's standard error
    assert (typical < 2.2).all()


def test_a_camera_that_stands_is_the_same_equation() -> None:
    rng = rng_of(5)
    board_on_hand, camera = some(rng, 1, 0.6, 0.05)[0], some(rng, 1, 1.0, 1.0)[0]
    hand = some(rng, 12, 0.5, 0.3)
    found = solve(hand, np.linalg.inv(camera) @ hand @ board_on_hand)
    assert apart(found.y, camera) < (1e-7, 1e-7)
    assert apart(found.x, board_on_hand) < (1e-7, 1e-7)


@pytest.mark.parametrize(
    ("hand", "why"),
    [
        (pose(exp(np.outer(np.linspace(-1, 1, 12), [0.0, 0.0, 1.0])), rng_of(1).normal(0, 0.3, (12, 3))), "base's Z"),
        (pose(np.broadcast_to(np.eye(3), (12, 3, 3)), rng_of(2).normal(0, 0.3, (12, 3))), "hardly turns"),
        (some(rng_of(3), 3, 0.5, 0.3), "too few"),
    ],
)
def test_poses_that_cannot_tell_are_refused_with_what_to_add(hand: Array, why: str) -> None:
    x, y = some(rng_of(4), 2, 1.0, 0.5)
    with pytest.raises(VisionError, match=why):
        solve(hand, np.linalg.inv(y) @ hand @ x)


def test_pairs_that_belong_to_no_two_poses_are_refused() -> None:
    with pytest.raises(VisionError, match=r"pairs agree|do not agree"):
        solve(some(rng_of(1), 20, 0.5, 0.3), some(rng_of(2), 20, 0.5, 0.3))


@pytest.mark.parametrize("spoil", ["nan", "shape", "scaled", "mirrored", "count"])
def test_bad_input_is_an_error_in_words(spoil: str) -> None:
    _, _, hand, seen = pairs(1, 8)
    if spoil == "nan":
        hand[3, 0, 3] = np.nan
    if spoil == "shape":
        hand = hand[:, :3]
    if spoil == "scaled":
        hand[2, :3, :3] *= 1.1
    if spoil == "mirrored":
        hand[2, :3, 0] *= -1
    if spoil == "count":
        hand = hand[:-1]
    with pytest.raises((ValueError, VisionError)):
        solve(hand, seen)


# --- streams ---------------------------------------------------------------------------------------------------------


def moving(seed: int, stamps: Array) -> Array:
    """A hand that turns about all axes in a motion that never repeats."""
    rng = rng_of(seed)
    rate, phase = rng.uniform(0.4, 2.0, (2, 3, 4)), rng.uniform(0, 6, (2, 3, 4))
    waves = np.sin(rate[..., None] * stamps + phase[..., None]).mean(axis=2)
    return pose(exp(1.2 * waves[0].T), 0.4 * waves[1].T)


def streams(seed: int, offset: float, noise: float = 0.0) -> tuple[Array, PoseStream, PoseStream]:
    rng = rng_of(seed)
    x, y = some(rng, 1, 1.0, 0.1)[0], some(rng, 1, 1.0, 0.8)[0]
    hand_at = np.arange(0, 30, 0.008)
    seen_at = np.arange(3, 26, 0.033) + rng.uniform(-0.004, 0.004, len(np.arange(3, 26, 0.033)))
    seen = inverse(y) @ moving(seed, seen_at) @ x @ some(rng, len(seen_at), noise, noise)
    return x, PoseStream(hand_at, moving(seed, hand_at)), PoseStream(seen_at - offset, seen)


@pytest.mark.parametrize("offset", [0.0, 0.0137, -2.41, 1.3e4])
def test_streams_of_two_clocks_are_brought_together(offset: float) -> None:
    x, hand, seen = streams(3, offset, noise=2e-4)
    assert time_offset(hand, seen) == pytest.approx(offset, abs=0.01)
    found = solve_streams(hand, seen)
    assert found.offset == pytest.approx(offset, abs=2e-4)
    moved, turned = apart(found.x, x)
    assert moved < 4e-4
    assert turned < 3e-4


def test_streams_of_different_motions_are_refused() -> None:
    _, hand, _ = streams(3, 0.0)
    _, _, seen = streams(4, 0.0)
    with pytest.raises(VisionError, match="no common motion"):
        solve_streams(hand, seen)


def test_interpolation_goes_through_the_poses_and_holds_the_ends() -> None:
    at = np.array([0.0, 1.0, 3.0, 3.5])
    stream = PoseStream(at, moving(1, at))
    assert interpolate(stream, at) == pytest.approx(stream.poses, abs=1e-12)
    assert interpolate(stream, np.array([-5.0, 9.0])) == pytest.approx(stream.poses[[0, -1]], abs=1e-12)
    middle = interpolate(stream, np.array([2.0]))[0]
    before, after = log(stream.poses[1, :3, :3].T @ middle[:3, :3]), log(middle[:3, :3].T @ stream.poses[2, :3, :3])
    assert before == pytest.approx(after, abs=1e-12)


@given(st.tuples(*[st.floats(-1, 1)] * 3), st.floats(0, math.pi - 1e-3))
def test_rotations_come_back_from_vectors_and_quaternions(axis: tuple[float, float, float], angle: float) -> None:
    norm = math.sqrt(sum(a * a for a in axis))
    vector = np.array(axis) / norm * angle if norm > 1e-3 else np.zeros(3)
    turn = exp(vector)
    assert log(turn) == pytest.approx(vector, abs=1e-8)
    assert from_quaternions(to_quaternions(turn)) == pytest.approx(turn, abs=1e-12)


# --- recorded streams ------------------------------------------------------------------------------------------------


def recorded() -> tuple[PoseStream, PoseStream]:
    import io
    import zipfile

    with zipfile.ZipFile(folder("handeye") / "robot_arm_w_color_camera_sim.zip") as archive:
        names = {n.rpartition("_")[2]: n for n in archive.namelist() if n.endswith(".csv")}
        rows = [np.loadtxt(io.BytesIO(archive.read(names[n])), delimiter=",") for n in ("hand.csv", "camera.csv")]
    found = []
    for each in rows:
        _, first = np.unique(each[:, 0], return_index=True)
        each = each[first]
        found.append(PoseStream(each[:, 0], pose(from_quaternions(each[:, 4:8]), each[:, 1:4])))
    return found[0], found[1]


def part(stream: PoseStream, begin: float, end: float) -> PoseStream:
    return stream.within(begin, end, 0.0)


def agrees(one: HandEye, other: HandEye, share: float = 1.0) -> None:
    """Two results are no further apart than three of their standard errors, or a `share` of that."""
    moved, turned = apart(one.x, other.x)
    assert moved < 3 * share * math.hypot(one.x_sigma[0], other.x_sigma[0])
    assert turned < 3 * share * math.hypot(one.x_sigma[1], other.x_sigma[1])


def test_a_recorded_arm_gives_the_same_camera_again_from_shifted_and_spoiled_streams() -> None:
    hand, seen = recorded()
    whole = solve_streams(hand, seen)
    # One clock stamped both; the board lies flat on the floor that the arm stands on.
    assert abs(whole.offset) < 5e-3
    assert whole.translation_rms < 4e-3
    assert whole.rotation_rms < math.radians(0.25)
    assert "another axis" in whole.advice  # the arm turned about its vertical axis, and 5° about the others
    assert whole.y[2, 2] > math.cos(math.radians(0.5))
    shifted = solve_streams(hand, PoseStream(seen.stamps + 12.34, seen.poses))
    assert shifted.offset == pytest.approx(whole.offset - 12.34, abs=2e-3)
    agrees(shifted, whole, 0.1)
    spoiled = seen.poses.copy()
    bad = rng_of(1).permutation(len(spoiled))[: len(spoiled) // 10]
    spoiled[bad] = spoiled[bad] @ some(rng_of(2), len(bad), 0.3, 0.1)
    robust = solve_streams(hand, PoseStream(seen.stamps, spoiled))
    agrees(robust, whole, 0.5)
    early, late = (solve_streams(hand, part(seen, *span)) for span in ((87.5, 110.0), (98.0, 121.5)))
    agrees(early, late, 1.5)  # what is wrong with the recognised boards changes with the view
    assert 0.08 < np.mean(~robust.used) < 0.25
