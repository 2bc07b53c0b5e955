"""How kernels are declared; they are compiled when first called.

What is declared here stands for a function until that is called, and only then numba is loaded, which takes a tenth of a
second that a command without any motion need not wait for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class Lazy:
    """Stands for a function to compile. Once it has been called the compiled one has its name in its module.

    Attributes:
        function: what is to be compiled.
        kept: whether the compiled code is kept on disk.

    """

    def __init__(self, function: Callable[..., Any], compile_function: Callable[[Lazy], Any], kept: bool) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.kept = kept
        self._compile = compile_function

    def __call__(self, *args: Any) -> Any:
        return self.compiled(*args)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "compiled":
            raise AttributeError(name)
        return getattr(self.compiled, name)

    @functools.cached_property
    def compiled(self) -> Any:
        """The compiled function, which compiles itself for the types that it is called with."""
        made = self._compile(self)
        names = self.function.__globals__
        if names.get(self.function.__name__) is self:
            names[self.function.__name__] = made
        return made


def kernel(function: F) -> F:
    """Compile a kernel when it is first called, for the types it is called with, and keep it on disk."""
    return cast("F", Lazy(function, _compiled, kept=True))


def inlined(function: F) -> F:
    """Make a function part of every kernel that calls it."""
    return cast("F", Lazy(function, _compiled, kept=False))


def _compiled(lazy: Lazy) -> Any:
    from robocell import compiling

    return compiling.dispatcher(lazy)


def _widest(lazy: Lazy) -> Any:
    from robocell import compiling

    return compiling.widest


def _intrinsic(function: F) -> F:
    return cast("F", Lazy(function, _widest, kept=False))


@_intrinsic
def widest() -> None:
    """Let LLVM use the widest vectors of the processor in the kernel that calls this.

    It prefers 256 bits where a processor has 512, lest a few of them lower the clock for all other code; a kernel that
    does nothing but arithmetic is better off with them. No other kernel, nor code of others, is touched.
    """
