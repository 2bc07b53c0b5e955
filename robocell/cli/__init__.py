"""The command line: one file a command.

Modules here import at their top only what is quick; a command imports what it works with when it is called, so that
`robocell --help` answers at once.
"""

from __future__ import annotations


def main() -> None:
    """Run the `robocell` command; never returns: the process ends with the command's exit code."""
    import gc
    import sys
    from io import TextIOWrapper

    gc.set_threshold(50_000)  # what is imported stays: looking through it time and again costs a tenth of the start

    from robocell.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another encoding shows "?" instead of failing
    app(prog_name="robocell")
