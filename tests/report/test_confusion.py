from __future__ import annotations

from robocell.report.confusion import Blemish, ConfusionCount, intersection_over_union

OPEN = Blemish("open", (10, 10, 30, 30), 1e-6)
SHORT = Blemish("short", (100, 100, 120, 140), 2e-6)


def shifted(blemish: Blemish, by: float, kind: str | None = None) -> Blemish:
    assert blemish.box is not None
    x1, y1, x2, y2 = blemish.box
    return Blemish(kind or blemish.kind, (x1 + by, y1 + by, x2 + by, y2 + by))


def test_every_verdict_falls_in_one_of_six_fields() -> None:
    count = ConfusionCount()
    for status in ("passed", "failed", "inconclusive"):
        count.add(status, [shifted(OPEN, 2)] if status == "failed" else [], [])
        count.add(status, [shifted(OPEN, 2)] if status == "failed" else [], [OPEN])
    result = count.result()
    assert result.parts == 6
    assert (result.good.passed, result.good.failed, result.good.inconclusive) == (1, 1, 1)
    assert (result.missed, result.wrongly_failed) == (1, 1)
    assert result.false_alarms == {"open": 1}
    assert (result.kinds["open"].planted, result.kinds["open"].found) == (2, 1)


def test_defects_are_told_apart_by_place_and_counted_as_what_they_were_told() -> None:
    count = ConfusionCount()
    count.add(
        "failed",
        [shifted(SHORT, 3, "copper"), shifted(OPEN, 1), Blemish("spur", (300, 300, 310, 310))],
        [OPEN, SHORT],
    )
    result = count.result()
    assert result.kinds["short"].told == {"copper": 1}
    assert result.kinds["open"].told == {"open": 1}
    assert result.false_alarms == {"spur": 1}
    assert [(kind.planted, kind.found) for kind in result.kinds.values()] == [(1, 1), (1, 1)]


def test_a_defect_that_a_failed_part_s_findings_leave_out_is_missed_but_the_part_is_not() -> None:
    count = ConfusionCount()
    count.add("failed", [shifted(OPEN, 1)], [OPEN, SHORT])
    assert count.result().missed == 0
    kinds = count.result().kinds
    assert {name: kind.planted - kind.found for name, kind in kinds.items()} == {"open": 0, "short": 1}


def test_two_findings_on_one_defect_are_no_false_alarm_and_one_finding_serves_once() -> None:
    count = ConfusionCount()
    count.add("failed", [shifted(OPEN, 1), shifted(OPEN, 6, "mousebite")], [OPEN])
    twin = shifted(OPEN, 8, "mousebite")
    count.add("failed", [shifted(OPEN, 1)], [OPEN, twin])
    result = count.result()
    assert result.false_alarms == {}
    assert (result.kinds["open"].found, result.kinds["mousebite"].found) == (2, 0)


def test_without_places_a_failed_part_s_defects_count_as_found() -> None:
    count = ConfusionCount()
    count.add("failed", [], [Blemish("scratch")])
    count.add("failed", [Blemish("flaw")], [])
    result = count.result()
    assert result.kinds["scratch"].told == {"scratch": 1}
    assert result.false_alarms == {"flaw": 1}


def test_overlap_is_one_of_equal_boxes_and_none_of_touching_ones() -> None:
    assert intersection_over_union((0, 0, 4, 4), (0, 0, 4, 4)) == 1
    assert intersection_over_union((0, 0, 4, 4), (4, 0, 8, 4)) == 0
    assert intersection_over_union((0, 0, 4, 4), (2, 0, 6, 4)) == 1 / 3
