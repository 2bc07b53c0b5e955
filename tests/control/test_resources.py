"""The banker's test: what it grants can always be finished, and it does not keep waiting what could go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.control.resources import Holder, Resources, finishes
from robocell.errors import DeadlockError
from robocell.simloop import virtual_loop

WORDS = ("a", "b", "c", "d")
Way = list[tuple[str, ...]]
"""What one holder takes, step by step; each step also gives back what the one before took."""


def needs(way: Way, at: int) -> tuple[str, ...]:
    return tuple(word for words in way[at:] for word in words)


async def walk(resources: Resources, name: str, way: Way, clock: Clock, pause: float, done: list[str]) -> None:
    at = 0
    holder = Holder(name, lambda: needs(way, at), lambda: (-at, int(name)))
    for index, words in enumerate(way):
        at = index
        await resources.take(holder, [word for word in words if word not in holder.held])
        for word in holder.held:
            assert holder.held[word] == 1
        if index:
            resources.give(holder, [word for word in way[index - 1] if word not in words])
        await clock.sleep(pause)
    resources.give_all(holder)
    done.append(name)


def run_all(capacity: dict[str, int], ways: Sequence[Way], pauses: Sequence[float]) -> list[str]:
    done: list[str] = []

    async def main() -> None:
        clock = Clock()
        resources = Resources(capacity)
        tasks = [
            asyncio.get_running_loop().create_task(walk(resources, str(k), way, clock, pause, done), name=f"holder {k}")
            for k, (way, pause) in enumerate(zip(ways, pauses, strict=True))
        ]
        for task in tasks:
            await task
        assert all(resources.free(word) == count for word, count in capacity.items())

    virtual_loop().run(main())
    return done


step = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(tuple)
ways = st.lists(st.lists(step, min_size=1, max_size=5), min_size=1, max_size=6)


@given(
    ways,
    st.lists(st.floats(0.1, 3.0), min_size=6, max_size=6),
    st.fixed_dictionaries({w: st.integers(1, 2) for w in WORDS}),
)
@settings(max_examples=300, deadline=None)
def test_whoever_asks_for_what_everybody_always_finishes(
    all_ways: list[Way], pauses: list[float], capacity: dict[str, int]
) -> None:
    assert sorted(run_all(capacity, all_ways, pauses[: len(all_ways)])) == [str(k) for k in range(len(all_ways))]


def test_two_that_would_cross_are_not_both_let_in() -> None:
    order = run_all({"a": 1, "b": 1}, [[("a",), ("a", "b")], [("b",), ("b", "a")]], [1.0, 1.0])
    assert len(order) == 2


def test_without_the_test_the_same_two_would_block_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Resources, "_safe", lambda *_: True)
    with pytest.raises(DeadlockError, match="holder 0"):
        run_all({"a": 1, "b": 1}, [[("a",), ("a", "b")], [("b",), ("b", "a")]], [1.0, 1.0])


def test_it_does_not_block_without_need_where_a_holder_gives_back_on_its_way() -> None:
    """A classic banker with one maximum per holder would make the second wait for the first's end."""
    times: dict[str, float] = {}

    async def main() -> None:
        clock = Clock()
        resources = Resources({"stop": 1, "arm": 1, "vise": 1, "unloader": 1})

        async def first() -> None:
            way = [("stop",), ("stop", "arm"), ("arm", "vise"), ("vise",), ("vise", "unloader"), ("unloader",)]
            await walk(resources, "0", way, clock, 1.0, [])

        async def second() -> None:
            holder = Holder("1", lambda: needs([("stop",), ("stop", "arm"), ("arm", "vise")], 0), lambda: (0, 1))
            await clock.sleep(0.1)
            await resources.take(holder, ["stop"])
            times["stop"] = clock.now()
            resources.give_all(holder)

        tasks = [asyncio.get_running_loop().create_task(work(), name=work.__name__) for work in (first, second)]
        for task in tasks:
            await task

    virtual_loop().run(main())
    assert times["stop"] == pytest.approx(2.0)


def test_the_better_rank_is_served_first_however_late_it_asks() -> None:
    served: list[str] = []

    async def main() -> None:
        resources = Resources({"a": 1})
        owner = Holder("owner", lambda: (), lambda: (0, 0))
        await resources.take(owner, ["a"])

        async def ask(name: str, rank: int) -> None:
            holder = Holder(name, lambda: ("a",), lambda: (rank, 0))
            await resources.take(holder, ["a"])
            served.append(name)
            resources.give_all(holder)

        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(ask("young", 5), name="young"), loop.create_task(ask("old", 1), name="old")]
        await asyncio.sleep(1.0)
        resources.give_all(owner)
        for task in tasks:
            await task

    virtual_loop().run(main())
    assert served == ["old", "young"]


def test_a_cancelled_request_leaves_nothing_taken() -> None:
    async def main() -> int:
        resources = Resources({"a": 1})
        owner = Holder("owner", lambda: (), lambda: (0, 0))
        late = Holder("late", lambda: ("a",), lambda: (1, 0))
        await resources.take(owner, ["a"])
        task = asyncio.get_running_loop().create_task(resources.take(late, ["a"]), name="late")
        await asyncio.sleep(1.0)
        resources.give_all(owner)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return resources.free("a")

    assert virtual_loop().run(main()) == 1


def _walks_to_its_end(way: Sequence[tuple[Words, Words]], held: dict[str, int], free: dict[str, int]) -> bool:
    """What `finishes` means, step by step: each takes what the holder lacks, and gives back what it has."""
    held, free = dict(held), dict(free)
    for takes, gives in way:
        for word in takes:
            if held.get(word, 0) == 0:
                if free.get(word, 0) == 0:
                    return False
                free[word] -= 1
                held[word] = 1
        for word in gives:
            if held.get(word, 0) > 0:
                held[word] -= 1
                free[word] = free.get(word, 0) + 1
    return True


Words = tuple[str, ...]
_SOME = st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple)
_COUNTS = st.dictionaries(st.sampled_from(WORDS), st.integers(0, 2))


@given(st.lists(st.tuples(_SOME, _SOME), max_size=6), _COUNTS, _COUNTS)
def test_a_way_can_be_finished_where_walking_it_step_by_step_comes_to_its_end(
    way: list[tuple[Words, Words]], held: dict[str, int], free: dict[str, int]
) -> None:
    assert finishes([word for takes, _ in way for word in takes], held, free) == _walks_to_its_end(way, held, free)
