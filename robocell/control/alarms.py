"""Alarms, and what the panel asks a person to do."""

from __future__ import annotations

from collections.abc import Sequence

from robocell.devices import Lifecycle, Panel
from robocell.journal import Journal


class Requests:
    """What people are asked to do, shown on the operator panels one at a time, oldest first.

    Args:
        journal: every change of the line is an event.
        panels: where it is shown.

    """

    def __init__(self, journal: Journal, panels: Sequence[Panel]) -> None:
        self._journal = journal
        self._panels = panels
        self._open: dict[str, None] = {}
        self._shown = ""

    def ask(self, text: str) -> None:
        """Ask for something; asking again changes nothing."""
        self._open.setdefault(text, None)
        self._show()

    def done(self, text: str) -> None:
        """Take a request back."""
        if text in self._open:
            del self._open[text]
            self._show()

    def open(self, prefix: str) -> list[str]:
        """Return the open requests that begin so."""
        return [text for text in self._open if text.startswith(prefix)]

    def _show(self) -> None:
        text = next(iter(self._open), "")
        if text == self._shown:
            return
        self._shown = text
        self._journal.append("request", text=text)
        for panel in self._panels:
            if panel.lifecycle is Lifecycle.ACTIVE:
                panel.ask(text)
                if "attention" in panel.outputs:
                    panel.show("attention", bool(text))


class Alarms:
    """Alarms (ISA-18.2): each is raised once, stays active until it is cleared, and is an event both times.

    Args:
        journal: where they are told.
        panels: a lamp "alarm" lights while any is active.

    """

    def __init__(self, journal: Journal, panels: Sequence[Panel]) -> None:
        self._journal = journal
        self._panels = panels
        self.active: dict[str, str] = {}

    def raise_(self, name: str, text: str) -> None:
        """Raise an alarm; one that is active already stays as it is."""
        if name not in self.active:
            self.active[name] = text
            self._journal.append("alarm", name=name, active=True, text=text)
            self._lamp()

    def clear(self, name: str) -> None:
        """Clear an alarm."""
        if name in self.active:
            text = self.active.pop(name)
            self._journal.append("alarm", name=name, active=False, text=text)
            self._lamp()

    def _lamp(self) -> None:
        for panel in self._panels:
            if "alarm" in panel.outputs and panel.lifecycle is Lifecycle.ACTIVE:
                panel.show("alarm", bool(self.active))
