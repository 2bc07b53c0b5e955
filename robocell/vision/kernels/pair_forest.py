"""A forest's vote: each tree is walked down for each row of numbers, and the shares at its leaves are averaged."""

from __future__ import annotations

import numpy as np

from robocell.compiler import kernel


@kernel
def vote(
    rows: np.ndarray,
    roots: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    child: np.ndarray,
    share: np.ndarray,
    out: np.ndarray,
) -> None:
    """Average the shares of classes at the leaves that rows of numbers come to.

    Args:
        rows: (K, F) numbers.
        roots: (trees,) nodes at which walks begin.
        feature: (nodes,) which number is asked for; -1 at a leaf.
        threshold: (nodes,) the walk goes to `child` where the number is not greater, and to the node after it else.
        child: (nodes,) see there; at a leaf, the row of `share`.
        share: (leaves, classes).
        out: (K, classes) receives the averages.

    """
    for i in range(rows.shape[0]):
        for c in range(share.shape[1]):
            out[i, c] = 0.0
        for root in roots:
            node = root
            while feature[node] >= 0:
                node = child[node] + (0 if rows[i, feature[node]] <= threshold[node] else 1)
            for c in range(share.shape[1]):
                out[i, c] += share[child[node], c] / roots.size
