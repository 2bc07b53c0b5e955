"""How kernels are compiled: once, when first called, kept on disk, and never in silence."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import config, event, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

# Everything of fast-math but `reassoc`, which would fold the constants of the argument reduction in `elementary`,
# and `nnan` and `ninf`, since NaN marks what is no solution and infinity what is not limited.
FAST = {"contract", "nsz", "arcp"}

log = logging.getLogger("robocell")


def kernel(function: F) -> F:
    """Compile a kernel when it is first called, for the types it is called with, and keep it on disk."""
    with _cache_folder():
        compiled: F = numba.njit(cache=True, fastmath=FAST, error_model="numpy")(function)
    return compiled


def inlined(function: F) -> F:
    """Make a function part of every kernel that calls it."""
    compiled: F = numba.njit(fastmath=FAST, error_model="numpy", inline="always")(function)
    return compiled


@intrinsic  # type: ignore[untyped-decorator]
def widest(context: Any) -> Any:
    """Let LLVM use the widest vectors of the processor in the kernel that calls this, as `widest()`.

    It prefers 256 bits where a processor has 512, lest a few of them lower the clock for all other code; a kernel that
    does nothing but arithmetic is better off with them. No other kernel, nor code of others, is touched.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # llvmlite's own `add` knows no attributes with values, but writes them out as they are
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), generate


@contextmanager
def _cache_folder() -> Iterator[None]:
    """Let numba keep what it compiles where nothing stale is found.

    Numba looks only at the file of the kernel itself, not at what is inlined from others; so the folder's name
    is a digest of all kernels. A user's own NUMBA_CACHE_DIR is respected.
    """
    before = config.CACHE_DIR
    if not before:
        config.CACHE_DIR = str(_folder())
    try:
        yield
    finally:
        config.CACHE_DIR = before


def _folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    for parent in (Path(home), Path(tempfile.gettempdir()) / f"robocell-{os.getuid()}"):
        folder = parent / "robocell" / f"kernels-{DIGEST}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError("no folder for compiled kernels can be written to; set NUMBA_CACHE_DIR to one")


def _digest() -> str:
    sources = sorted(Path(__file__).parent.glob("*/kernels/*.py"))
    text = b"".join(source.read_bytes() for source in [Path(__file__), *sources])
    return hashlib.sha256(text + numba.__version__.encode()).hexdigest()[:16]


class _Announcement(event.Listener):  # type: ignore[misc]
    """Says once in a process that kernels are being compiled, since that takes seconds."""

    said = False

    def on_start(self, happening: event.Event) -> None:
        if not self.said and happening.data["dispatcher"].py_func.__module__.startswith("robocell."):
            self.said = True
            log.warning("compiling kernels (first run only) ...")

    def on_end(self, happening: event.Event) -> None:
        pass


DIGEST = _digest()
event.register("numba:compile", _Announcement())
