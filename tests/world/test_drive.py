from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from robocell.world.drive import Drive
from robocell.world.plan import INF, Piece, crossing, lesser, position, speed

SPEEDS = st.floats(-0.5, 0.5).filter(lambda v: abs(v) > 1e-3)
COMMANDS = st.lists(st.tuples(st.floats(0.01, 2.0), st.one_of(st.just(0.0), SPEEDS)), min_size=1, max_size=6)


@given(COMMANDS, st.floats(0.2, 5.0))
def test_travel_is_the_integral_of_a_speed_within_the_ramp(
    commands: list[tuple[float, float]], acceleration: float
) -> None:
    drive = Drive(acceleration, 0.25)
    now, step, travel = 0.0, 1e-3, 0.0
    for wait, target in commands:
        before = drive.speed(now)
        drive.run(now, target)
        assert drive.speed(now) == pytest.approx(before, abs=1e-12)
        for _ in range(int(wait / step)):
            a, b = drive.speed(now), drive.speed(now + step)
            assert abs(b - a) <= acceleration * step + 1e-9
            travel += 0.5 * (a + b) * step
            now += step
        # The trapezium rule errs where a ramp ends inside a step, by at most a·step²/8 for each command.
        assert drive.travel(now) == pytest.approx(travel, abs=len(commands) * acceleration * step**2)


@given(st.floats(0.0, 0.5), st.floats(0.2, 5.0), st.floats(0.0, 2.0), st.floats(0.0, 3.0))
def test_run_to_rests_exactly_at_the_target_or_as_early_as_the_ramp_can(
    setpoint: float, acceleration: float, wait: float, ahead: float
) -> None:
    assume(setpoint == 0.0 or setpoint > 1e-3)
    drive = Drive(acceleration, 0.25)
    drive.run(0.0, setpoint)
    v, at = drive.speed(wait), drive.travel(wait)
    braking = v * v / (2.0 * acceleration)
    assume(abs(ahead - braking) > 1e-6)
    drive.run_to(wait, at + ahead)
    end = drive.rests_at
    assert end < INF
    assert drive.speed(end) == pytest.approx(0.0, abs=1e-9)
    assert drive.travel(end + 1.0) == drive.travel(end)
    assert drive.travel(end) == pytest.approx(at + max(ahead, braking), abs=1e-9)
    top = max(v, setpoint or 0.25)
    samples = [wait + (end - wait) * k / 200 for k in range(201)]
    assert all(-1e-9 <= drive.speed(t) <= top + 1e-9 for t in samples)
    assert all(drive.travel(a) <= drive.travel(b) + 1e-12 for a, b in zip(samples, samples[1:], strict=False))


def test_run_to_backwards_at_a_negative_setpoint() -> None:
    drive = Drive(1.0, 0.25)
    drive.run(0.0, -0.2)
    drive.run_to(1.0, drive.travel(1.0) - 0.3)
    assert drive.travel(drive.rests_at) == pytest.approx(drive.travel(1.0) - 0.3)


PIECES = st.lists(st.tuples(st.floats(0.1, 1.0), st.floats(-2.0, 2.0)), min_size=1, max_size=4)


def plan_of(steps: list[tuple[float, float]], v: float) -> list[Piece]:
    pieces: list[Piece] = []
    t = s = 0.0
    for duration, a in steps:
        pieces.append((t, s, v, a))
        s += v * duration + 0.5 * a * duration**2
        v += a * duration
        t += duration
    return [*pieces, (t, s, v, 0.0)]


@given(PIECES, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.sampled_from([1, -1]))
def test_a_crossing_is_the_first_passage_in_its_direction(
    steps: list[tuple[float, float]], v: float, level: float, sign: int
) -> None:
    plan = plan_of(steps, v)
    found = crossing(plan, level, 0.0, sign)
    times = [k * 5e-4 for k in range(8000)]
    side = [sign * (position(plan, t) - level) for t in times]
    sampled = next((t for t, a, b in zip(times[1:], side, side[1:], strict=False) if a < -1e-7 and b > 1e-7), INF)
    if found < INF:
        assert position(plan, found) == pytest.approx(level, abs=1e-7)
        assert sign * speed(plan, found) > -1e-9  # figures of 1e-116 come and go in rounding
        assert found <= sampled + 1e-6
    else:
        assert sampled == INF


@given(PIECES, PIECES, st.floats(-1.0, 1.0), st.floats(-0.3, 0.3), st.sampled_from([1, -1]))
def test_the_lesser_of_two_plans_is_it_everywhere(
    f_steps: list[tuple[float, float]], g_steps: list[tuple[float, float]], v: float, gap: float, sign: int
) -> None:
    f = plan_of(f_steps, v)
    g = [(t, s + gap, w, a) for t, s, w, a in plan_of(g_steps, -v)]
    both = lesser(f, g, 0.0, sign)
    choose = min if sign == 1 else max
    for k in range(200):
        t = k * 0.025 + 1e-6
        assert position(both, t) == pytest.approx(choose(position(f, t), position(g, t)), abs=1e-6)
    assert math.isfinite(both[-1][0])
