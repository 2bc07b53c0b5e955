"""Grow a random forest (Breiman, "Random forests", 2001) from rows of numbers, on histograms of at most 64 bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import Array
from robocell.vision.pair.kinds import Forest

_BINS = 64


@dataclass(frozen=True)
class Growth:
    """How trees are grown.

    Attributes:
        trees: how many.
        depth: questions from root to leaf, at most.
        least: rows at a leaf, at least.
        tries: numbers that are looked at for each question.
        seed: of chance.

    """

    trees: int = 32
    depth: int = 12
    least: int = 4
    tries: int = 14
    seed: int = 7


def grow_forest(rows: Array, classes: NDArray[np.int64], weight: Array, kinds: int, growth: Growth) -> Forest:
    """Grow a forest.

    Args:
        rows: (N, F) numbers.
        classes: (N,) 0 … kinds - 1.
        weight: (N,) of each row.
        kinds: how many classes.
        growth: how.

    """
    rng = np.random.default_rng(growth.seed)
    edges = [_edges(rows[:, f]) for f in range(rows.shape[1])]
    bins = np.stack([np.searchsorted(e, rows[:, f]) for f, e in enumerate(edges)], axis=1)
    nodes: list[tuple[int, float, int]] = []
    shares: list[Array] = []
    roots = []
    for _ in range(growth.trees):
        drawn = rng.integers(0, len(rows), len(rows))
        roots.append(_grow_tree(bins[drawn], classes[drawn], weight[drawn], kinds, growth, rng, edges, nodes, shares))
    feature, threshold, child = zip(*nodes, strict=True)
    return Forest(
        np.array(roots, np.int32),
        np.array(feature, np.int16),
        np.array(threshold, np.float32),
        np.array(child, np.int32),
        np.array(shares, np.float32),
    )


def _edges(values: Array) -> Array:
    """Return limits between bins: midway between values, or between quantiles where values are many."""
    distinct = np.unique(values)
    if len(distinct) > _BINS:
        distinct = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)))
    # as the forest stores and compares them, so that learning and running never differ
    return np.asarray(((distinct[1:] + distinct[:-1]) / 2).astype(np.float32), np.float64)


def _grow_tree(
    bins: NDArray[np.int64],
    classes: NDArray[np.int64],
    weight: Array,
    kinds: int,
    growth: Growth,
    rng: np.random.Generator,
    edges: list[Array],
    nodes: list[tuple[int, float, int]],
    shares: list[Array],
) -> int:
    root = len(nodes)
    nodes.append((-1, 0.0, 0))
    open_nodes = [(root, np.arange(len(classes)), 0)]
    while open_nodes:
        node, members, depth = open_nodes.pop()
        total: Array = np.asarray(np.bincount(classes[members], weight[members], kinds), np.float64)
        question = None
        if depth < growth.depth and len(members) >= 2 * growth.least and np.count_nonzero(total) > 1:
            tried = rng.permutation(bins.shape[1])[: growth.tries]
            question = _best_question(bins[members], classes[members], weight[members], total, tried, growth.least)
        if question is None:
            nodes[node] = (-1, 0.0, len(shares))
            shares.append(total / total.sum())
            continue
        f, k = question
        low = bins[members, f] <= k
        nodes[node] = (f, float(edges[f][k]), len(nodes))
        open_nodes += [(len(nodes), members[low], depth + 1), (len(nodes) + 1, members[~low], depth + 1)]
        nodes.extend([(-1, 0.0, 0)] * 2)
    return root


def _best_question(
    bins: NDArray[np.int64],
    classes: NDArray[np.int64],
    weight: Array,
    total: Array,
    tried: NDArray[np.int64],
    least: int,
) -> tuple[int, int] | None:
    """Return which number to ask for, and the last bin of the lower side, by Gini's impurity; None if nothing gains."""
    kinds = len(total)
    best, answer = 1e-9 * total.sum(), None
    before = float((total**2).sum() / total.sum())
    for f in tried:
        b = bins[:, f]
        n = int(b.max()) + 1
        if n < 2:
            continue
        low = np.bincount(b * kinds + classes, weight, n * kinds).reshape(n, kinds).cumsum(axis=0)[:-1]
        count = np.bincount(b, minlength=n).cumsum()[:-1]
        allowed = (count >= least) & (len(b) - count >= least)
        if not allowed.any():
            continue
        high = total - low
        purity = (low**2).sum(axis=1) / np.maximum(low.sum(axis=1), 1e-12)
        purity = purity + (high**2).sum(axis=1) / np.maximum(high.sum(axis=1), 1e-12)
        gain = np.where(allowed, purity - before, -np.inf)
        k = int(gain.argmax())
        if gain[k] > best:
            best, answer = float(gain[k]), (int(f), k)
    return answer
