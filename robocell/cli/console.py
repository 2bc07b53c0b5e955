"""Where commands print: colours on a terminal, the same words in a file or a pipe; and how errors are told."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO, cast

from robocell.errors import ConfigError, SetupError

if TYPE_CHECKING:
    from rich.console import Console

    from robocell.config.problems import Problem

WRONG = 2
"""Exit code: the file or the set-up is wrong."""
INTERRUPTED = 130
"""Exit code: somebody pressed Ctrl-C."""

_LOG_WIDTH = 120


def stdout() -> Console:
    """Return a console on standard output."""
    return _console(sys.stdout)


def stderr() -> Console:
    """Return a console on standard error."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    if stream.isatty():
        return Console(file=stream, highlight=False, markup=False, emoji=False)
    return Console(file=cast("TextIO", _Trimmed(stream)), highlight=False, markup=False, emoji=False, width=_LOG_WIDTH)


class _Trimmed(io.TextIOBase):
    """A stream without the blanks with which tables fill up their lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(re.sub(r" +(?=\n)", "", text))

    def flush(self) -> None:
        self._stream.flush()


def tell(error: Exception, console: Console) -> None:
    """Print an error for the person who must act: what is wrong and, where it is known, what to do."""
    if isinstance(error, ConfigError):
        tell_problems(error.problems, console)
        return
    from rich.text import Text

    console.print(Text.assemble(("error: ", "bold red"), (str(error), "bold")), soft_wrap=True)
    if isinstance(error, SetupError) and error.hint:
        console.print(Text.assemble(("hint: ", "green"), error.hint), soft_wrap=True)


def tell_problems(problems: Sequence[Problem], console: Console) -> None:
    """Print problems with their places, and how many there are."""
    from rich.text import Text

    from robocell.config.problems import render_rich

    console.print(render_rich(problems), soft_wrap=True, end="")
    errors = [problem for problem in problems if not problem.warning]
    if not errors:
        return
    warnings = len(problems) - len(errors)
    counts = plural(len(errors), "error") + (f", {plural(warnings, 'warning')}" if warnings else "")
    console.print(
        Text.assemble(("\n" + counts, "bold"), (f"; robocell explain {errors[0].code} tells more about a code", "dim")),
        soft_wrap=True,
    )


def plural(count: int, noun: str) -> str:
    """Return "1 part", "2 parts"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
