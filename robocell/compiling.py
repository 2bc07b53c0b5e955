"""How kernels are compiled: once, when first called, kept on disk, and never in silence.

Loaded when the first kernel is called; see `robocell.compiler`.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import numba
from numba.core import caching, config, event, types
from numba.core.runtime import rtsys
from numba.extending import intrinsic

from robocell.compiler import Lazy

# Everything of fast-math but `reassoc`, which would fold the constants of the argument reduction in `elementary`,
# and `nnan` and `ninf`, since NaN marks what is no solution and infinity what is not limited.
FAST = {"contract", "nsz", "arcp"}

log = logging.getLogger("robocell")


def dispatcher(lazy: Lazy) -> Any:
    """Return numba's dispatcher of a function."""
    function = lazy.function
    if not lazy.kept:
        settle(function)
        return numba.njit(fastmath=FAST, error_model="numpy", inline="always")(function)
    made = numba.njit(fastmath=FAST, error_model="numpy")(function)
    if not config.DISABLE_JIT:
        with _cache_folder():
            made._cache = Kept(function)
    return made


def settle(function: Callable[..., Any]) -> None:
    """Put compiled functions in the place of what stands for them, in all that a function calls."""
    names = function.__globals__
    for name in _names(function.__code__):
        found = names.get(name)
        if isinstance(found, Lazy):
            names[name] = found.compiled
            settle(found.function)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


class Kept(caching.FunctionCache):  # type: ignore[misc]
    """A kernel's compiled code on disk.

    Numba loads all that it knows how to compile, for a quarter of a second, before it looks; here only once it must
    compile.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was kept for a signature; None if there is nothing."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            found = self._load_overload(sig, target_context)
        if found is None:
            settle(self._py_func)
        return found


@intrinsic  # type: ignore[untyped-decorator]
def widest(context: Any) -> Any:
    """See `robocell.compiler.widest`."""

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


@functools.cache
def _folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    for parent in (Path(home), Path(tempfile.gettempdir()) / f"robocell-{os.getuid()}"):
        folder = parent / "robocell" / f"kernels-{_digest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    raise OSError("no folder for compiled kernels can be written to; set NUMBA_CACHE_DIR to one")


def _digest() -> str:
    here = Path(__file__)
    sources = [here, here.with_name("compiler.py"), *sorted(here.parent.glob("*/kernels/*.py"))]
    text = b"".join(source.read_bytes() for source in sources)
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


event.register("numba:compile", _Announcement())
