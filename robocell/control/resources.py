"""Resources, granted by the banker's test: the cell cannot deadlock and does not block without need.

A resource is a word with a capacity: a station's slots, an arm, a gripper, a machine, a zone, a camera's view, a belt's
entry. A request names everything that is needed together. It is granted only if all of it is free *and* afterwards every
holder could still finish in some order, each walking the rest of its route step by step while the others stand still.
(Dijkstra's banker, with the route's steps in place of one maximum, which grants more and is as safe.)

Final stations are not part of the test: what is laid there stays, and a full one is a fault of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Holder:
    """Whoever can hold resources.

    Attributes:
        name: for the record and for deadlock messages.
        ahead: returns every word that the holder takes on the rest of its way, those of open alternatives included;
            asked at every test.
        rank: lower is served first: further along the route, then older.
        number: the workpiece's number for the record, 0 while it has none.
        held: what it holds.

    """

    name: str
    ahead: Callable[[], Iterable[str]]
    rank: Callable[[], tuple[int, int]]
    number: Callable[[], int] = lambda: 0
    held: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Request:
    holder: Holder
    words: tuple[str, ...]
    granted: asyncio.Future[None]


class Resources:
    """All resources of a cell.

    Args:
        capacity: by word; a word that is not listed does not exist.
        told: called after each grant and release with ("grant" | "release", holder, words).

    """

    def __init__(
        self, capacity: Mapping[str, int], told: Callable[[str, Holder, tuple[str, ...]], None] | None = None
    ) -> None:
        self.capacity = dict(sorted(capacity.items()))
        self._free = dict(self.capacity)
        self._told = told or (lambda *_: None)
        self._holders: dict[Holder, None] = {}
        self._requests: list[_Request] = []

    def free(self, word: str) -> int:
        """Return how many of a resource nobody holds."""
        return self._free[word]

    def try_take(self, holder: Holder, words: Sequence[str]) -> bool:
        """Take everything now if that is free and safe.

        Who holds nothing yet leaves it to those of a better rank that wait for any of it; who holds something never
        does, since they may wait for just that.
        """
        wanted = tuple(words)
        if not holder.held:
            rank = holder.rank()
            for request in self._requests:
                if request.holder.rank() < rank and not set(wanted).isdisjoint(request.words):
                    return False
        if not self._grantable(holder, wanted):
            return False
        self._grant(holder, wanted)
        return True

    async def take(self, holder: Holder, words: Sequence[str]) -> None:
        """Wait until everything can be granted together. Cancelling withdraws the request."""
        if not words or self.try_take(holder, words):
            return
        request = _Request(holder, tuple(words), asyncio.get_running_loop().create_future())
        self._requests.append(request)
        try:
            await request.granted
        except asyncio.CancelledError:
            if request.granted.done() and not request.granted.cancelled():
                self.give(holder, words)
            raise
        finally:
            if request in self._requests:
                self._requests.remove(request)

    def give(self, holder: Holder, words: Iterable[str]) -> None:
        """Give back; words that the holder does not hold are passed over."""
        given = []
        for word in words:
            count = holder.held.get(word, 0)
            if count == 0:
                continue
            if count == 1:
                del holder.held[word]
            else:
                holder.held[word] = count - 1
            self._free[word] += 1
            given.append(word)
        if not holder.held:
            self._holders.pop(holder, None)
        if given:
            self._told("release", holder, tuple(given))
            self._serve()

    def give_all(self, holder: Holder) -> None:
        """Give back everything."""
        self.give(holder, [word for word, count in sorted(holder.held.items()) for _ in range(count)])

    def waiting(self) -> list[str]:
        """Return "HOLDER waits for WORDS" for each request, first come first."""
        return [f"{request.holder.name} waits for {' and '.join(request.words)}" for request in self._requests]

    def _serve(self) -> None:
        """Grant what can be granted, best rank first, until nothing more can be."""
        served = True
        while served and self._requests:
            served = False
            for request in sorted(self._requests, key=lambda waiting: waiting.holder.rank()):
                if request.granted.done():
                    continue
                if self._grantable(request.holder, request.words):
                    self._requests.remove(request)
                    self._grant(request.holder, request.words)
                    request.granted.set_result(None)
                    served = True
                    break

    def _grant(self, holder: Holder, words: tuple[str, ...]) -> None:
        for word in words:
            self._free[word] -= 1
            holder.held[word] = holder.held.get(word, 0) + 1
        self._holders[holder] = None
        self._told("grant", holder, words)

    def _grantable(self, holder: Holder, words: tuple[str, ...]) -> bool:
        free = self._free
        for word in words:
            if free[word] < 1:
                return False
        return self._safe(holder, words)

    def _safe(self, holder: Holder, words: tuple[str, ...]) -> bool:
        """Whether after the grant every holder can still finish in some order."""
        others = [other for other in self._holders if other is not holder]
        if not others:
            return True
        free = dict(self._free)
        held = dict(holder.held)
        for word in words:
            free[word] -= 1
            held[word] = held.get(word, 0) + 1
        left = [(holder, held), *((other, other.held) for other in others)]
        while left:
            for index, (candidate, holding) in enumerate(left):
                if finishes(candidate.ahead(), holding, free):
                    for word, count in holding.items():
                        free[word] += count
                    del left[index]
                    break
            else:
                return False
        return True


def finishes(needs: Iterable[str], held: Mapping[str, int], free: Mapping[str, int]) -> bool:
    """Whether a holder could walk its way to the end with what is free and what it holds.

    Whenever a way takes a word again, the holder has given it back before or holds it still. So it comes to its end if
    every word that it ever takes is free or held now; in which order it takes and gives them does not matter.
    """
    return not any(free.get(word, 0) < 1 and not held.get(word) for word in needs)
