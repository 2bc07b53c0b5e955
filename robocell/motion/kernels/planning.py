"""A way round obstacles: RRT-Connect over joint positions, in one call.

Two trees of clear joint positions grow from the start and from the goals. Each sample draws one tree a step towards
it, and the other then goes straight for the new node until something is in the way (Kuffner and LaValle, RRT-Connect,
ICRA 2000). Two refinements: the smaller tree grows first, since the other is the one that fits many nodes into open
space (Kuffner and LaValle 2005), and a node that did not let the tree on is tried with near samples only (Jaillet,
Yershova, LaValle and Siméon, Adaptive Tuning of the Sampling Domain for Dynamic-Domain RRTs, IROS 2005).

Distances are Euclidean over joints times `weight`. A tree's nodes lie in tiles, a row a joint, so that the nearest one
is found by looking at all of them.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.chance import uniform
from robocell.motion.kernels.edges import clear, passes
from robocell.motion.kernels.placing import at
from robocell.motion.kernels.shortcut import shorten

FOUND: Final = 0
START_TOUCHES: Final = 1
GOALS_TOUCH: Final = 2
NO_WAY: Final = 3

WIDE: Final = 0.26  # part of the box's diagonal within which a node is tried after it failed first
NARROW: Final = 0.065  # … and after it failed for ever
SHRINK: Final = 1e-4


@kernel
def plan(
    start: np.ndarray,
    goals: np.ndarray,
    box: np.ndarray,
    weight: np.ndarray,
    figures: np.ndarray,
    samples: int,
    seed: int,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
    outcome: np.ndarray,
) -> np.ndarray:
    """Return way-points (M·n,) from the start to one of the goals; none where there is no way.

    Args:
        start: (n,) joint positions.
        goals: (G·n,) likewise.
        box: (2·n,) lowest and highest joint positions that are sampled.
        weight: (n,) of joints in distances.
        figures: longest step of a tree, distance between samples of an edge, margin, and rounds of shortening.
        samples: after how many to give up.
        seed: of all chance.
        spheres: which kernels take `data`, `layout` and `work`: `collision_spheres`, else `collision`.
        data: arm and surroundings.
        layout: likewise.
        work: likewise.
        outcome: what became of it, and how many samples were taken.

    """
    n = start.size
    reach, step, margin, rounds = figures[0], figures[1], figures[2], int(figures[3])
    outcome[1] = 0
    if not clear(start, margin, spheres, data, layout, work):
        outcome[0] = START_TOUCHES
        return np.empty(0)
    free = _clear_goals(start, goals, weight, margin, spheres, data, layout, work)
    if free.size == 0:
        outcome[0] = GOALS_TOUCH
        return np.empty(0)
    outcome[0] = FOUND
    for i in range(free.size // n):
        goal = free[i * n : (i + 1) * n]
        if passes(start, goal, step, margin, spheres, data, layout, work):
            direct = np.empty(2 * n)
            direct[:n] = start
            direct[n:] = goal
            return direct
    path = _connect(start, free, box, weight, reach, step, margin, samples, seed, spheres, data, layout, work, outcome)
    if path.size == 0:
        outcome[0] = NO_WAY
        return path
    return shorten(path, weight, step, margin, rounds, seed, spheres, data, layout, work)


@kernel
def _connect(
    start: np.ndarray,
    goals: np.ndarray,
    box: np.ndarray,
    weight: np.ndarray,
    reach: float,
    step: float,
    margin: float,
    samples: int,
    seed: int,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
    outcome: np.ndarray,
) -> np.ndarray:
    """Grow both trees until they meet; return the path (M·n,), empty if they do not."""
    n = start.size
    room = (2 * samples // TILE + goals.size // n // TILE + 2) * TILE  # nodes of a tree
    nodes, parent, domain = np.empty(2 * room * n), np.empty(2 * room, np.int64), np.empty(2 * room)
    count, end = np.zeros(2, np.int64), np.empty(2, np.int64)
    _add(nodes, parent, domain, count, room, 0, start, -1)
    for i in range(goals.size // n):
        _add(nodes, parent, domain, count, room, 1, goals[i * n : (i + 1) * n], -1)
    diagonal = 0.0
    for j in range(n):
        diagonal += ((box[n + j] - box[j]) * weight[j]) ** 2
    diagonal = math.sqrt(diagonal)
    shift, stride = sequence(n, seed)
    target, origin, least = np.empty(n), np.empty(n), np.empty(3 * TILE)
    side = 0
    for i in range(samples):
        outcome[1] = i + 1
        if count[side] > count[1 - side]:
            side = 1 - side
        for j in range(n):
            part = shift[j] + (i + 1) * stride[j]
            target[j] = box[j] + (part - math.floor(part)) * (box[n + j] - box[j])
        node, far = nearest(nodes, side * room, count[side], target, weight, least)
        # some count all the same, so that no tree is ever cut off from open space
        if far > domain[side * room + node] and i % 16 != 15:
            continue
        _read(nodes, side * room + node, origin)
        _draw_in(origin, target, reach / far if far > reach else 1.0)
        if not passes(origin, target, step, margin, spheres, data, layout, work):
            smaller = domain[side * room + node] * (1.0 - SHRINK)
            domain[side * room + node] = max(min(smaller, WIDE * diagonal), NARROW * diagonal)
            continue
        domain[side * room + node] *= 1.0 + SHRINK
        if max(count[0], count[1]) + 1 >= room:
            break
        _add(nodes, parent, domain, count, room, side, target, node)
        end[side] = count[side] - 1
        # the other tree goes for the new node
        other = 1 - side
        node, far = nearest(nodes, other * room, count[other], target, weight, least)
        while count[other] < room:
            ahead = target.copy()
            _read(nodes, other * room + node, origin)
            _draw_in(origin, ahead, reach / far if far > reach else 1.0)
            if not passes(origin, ahead, step, margin, spheres, data, layout, work):
                break
            if far <= reach:
                end[other] = node
                return _joined(nodes, parent, room, end, n)
            _add(nodes, parent, domain, count, room, other, ahead, node)
            node = count[other] - 1
            far -= reach
    return np.empty(0)


@kernel
def _draw_in(origin: np.ndarray, q: np.ndarray, part: float) -> None:
    """Bring q nearer to the origin: to a part of the way, or leave it as it is where that is all."""
    if part < 1.0:
        for j in range(q.size):
            q[j] = origin[j] + (q[j] - origin[j]) * part


@kernel
def _clear_goals(
    start: np.ndarray,
    goals: np.ndarray,
    weight: np.ndarray,
    margin: float,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> np.ndarray:
    """Return the goals that are clear, nearest to the start first."""
    n = start.size
    many = goals.size // n
    far = np.empty(many)
    for i in range(many):
        far[i] = 0.0
        for j in range(n):
            far[i] += ((goals[i * n + j] - start[j]) * weight[j]) ** 2
    free = np.empty(goals.size)
    count = 0
    for _ in range(many):
        i = 0
        for k in range(many):
            if far[k] < far[i]:
                i = k
        far[i] = math.inf
        if clear(goals[i * n : (i + 1) * n], margin, spheres, data, layout, work):
            free[count * n : (count + 1) * n] = goals[i * n : (i + 1) * n]
            count += 1
    return free[: count * n]


@kernel
def sequence(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return shift and stride (n,) of a sequence that fills the unit cube evenly: shift + i·stride, modulo 1.

    The strides are the powers of a root of xⁿ⁺¹ = x + 1 (Roberts, The Unreasonable Effectiveness of Quasirandom
    Sequences, 2018); the shift is chance.
    """
    shift, stride = np.empty(n), np.empty(n)
    root = 1.5
    for _ in range(40):
        root = (1.0 + root) ** (1.0 / (n + 1))
    state = np.array([seed])
    for j in range(n):
        shift[j] = uniform(state)
        stride[j] = root ** -(j + 1.0)
    return shift, stride


@kernel
def nearest(
    nodes: np.ndarray, first: int, count: int, q: np.ndarray, weight: np.ndarray, least: np.ndarray
) -> tuple[int, float]:
    """Return the node nearest to q, of `count` that begin at node `first`, and how far it is."""
    n = q.size
    for k in range(TILE):
        least[k] = math.inf
        least[TILE + k] = 0.0
    for tile in range((count + TILE - 1) // TILE):
        rows = (first + tile * TILE) * n
        for k in range(TILE):
            least[2 * TILE + k] = 0.0
        for j in range(n):
            x, w = q[j], weight[j]
            for k in range(TILE):
                d = (nodes[at(rows + j * TILE + k)] - x) * w
                least[2 * TILE + k] += d * d
        for k in range(TILE):
            less = least[2 * TILE + k] < least[k]
            least[k] = least[2 * TILE + k] if less else least[k]
            least[TILE + k] = float(tile) if less else least[TILE + k]
    best = 0
    for k in range(1, TILE):
        if least[k] < least[best]:
            best = k
    return int(least[TILE + best]) * TILE + best, math.sqrt(least[best])


@kernel
def _add(
    nodes: np.ndarray,
    parent: np.ndarray,
    domain: np.ndarray,
    count: np.ndarray,
    room: int,
    side: int,
    q: np.ndarray,
    node: int,
) -> None:
    n = q.size
    i = side * room + count[side]
    lane = count[side] % TILE
    rows = (i - lane) * n
    if lane == 0:
        for k in range(n * TILE):
            nodes[at(rows + k)] = math.inf  # nothing is near what is not there yet
    for j in range(n):
        nodes[rows + j * TILE + lane] = q[j]
    parent[i], domain[i] = node, math.inf
    count[side] += 1


@kernel
def _read(nodes: np.ndarray, i: int, q: np.ndarray) -> None:
    lane = i % TILE  # a tree begins with a whole tile
    for j in range(q.size):
        q[j] = nodes[(i - lane) * q.size + j * TILE + lane]


@kernel
def _joined(nodes: np.ndarray, parent: np.ndarray, room: int, end: np.ndarray, n: int) -> np.ndarray:
    """Return the path (M·n,) from the first tree's root over both ends to the second tree's."""
    count = 0
    for side in range(2):
        node = end[side]
        while node >= 0:
            count += 1
            node = parent[side * room + node]
    path = np.empty(count * n)
    before = 0
    node = end[0]
    while node >= 0:
        before += 1
        node = parent[node]
    node = end[0]
    for i in range(before - 1, -1, -1):
        _read(nodes, node, path[i * n : (i + 1) * n])
        node = parent[node]
    node = end[1]
    for i in range(before, count):
        _read(nodes, room + node, path[i * n : (i + 1) * n])
        node = parent[room + node]
    return path
