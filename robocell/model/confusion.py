"""How an inspection errs, measured: what it said of parts whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

Count = int


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdicts(_Frozen):
    """How often each verdict was given."""

    passed: Count = Field(default=0, ge=0)
    failed: Count = Field(default=0, ge=0)
    inconclusive: Count = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.inconclusive


class KindConfusion(_Frozen):
    """What became of the defects of one kind.

    Attributes:
        planted: how many there were on parts that were judged.
        found: how many of them the inspection found.
        told: as which kind it told them, by kind.

    """

    planted: Count = Field(ge=0)
    found: Count = Field(ge=0)
    told: dict[str, Count] = Field(default_factory=dict)


class Confusion(_Frozen):
    """An inspection's verdicts against the truth.

    Attributes:
        good: verdicts on parts without a defect.
        defective: verdicts on parts with at least one.
        kinds: by kind of defect, sorted.
        false_alarms: findings where nothing is wrong, by the kind that was told.

    """

    good: Verdicts = Verdicts()
    defective: Verdicts = Verdicts()
    kinds: dict[str, KindConfusion] = Field(default_factory=dict)
    false_alarms: dict[str, Count] = Field(default_factory=dict)

    @property
    def parts(self) -> int:
        """How many verdicts it holds."""
        return self.good.total + self.defective.total

    @property
    def missed(self) -> int:
        """Defective parts that passed."""
        return self.defective.passed

    @property
    def wrongly_failed(self) -> int:
        """Good parts that failed."""
        return self.good.failed

    def plus(self, other: Confusion) -> Confusion:
        """Return the verdicts of both."""
        return Confusion(
            good=_sum(self.good, other.good),
            defective=_sum(self.defective, other.defective),
            kinds={
                name: _together(self.kinds.get(name, _NONE), other.kinds.get(name, _NONE))
                for name in sorted({*self.kinds, *other.kinds})
            },
            false_alarms=_added(self.false_alarms, other.false_alarms),
        )


_NONE = KindConfusion(planted=0, found=0)


def _sum(a: Verdicts, b: Verdicts) -> Verdicts:
    return Verdicts(
        passed=a.passed + b.passed, failed=a.failed + b.failed, inconclusive=a.inconclusive + b.inconclusive
    )


def _added(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
    return {name: a.get(name, 0) + b.get(name, 0) for name in sorted({*a, *b})}


def _together(a: KindConfusion, b: KindConfusion) -> KindConfusion:
    return KindConfusion(planted=a.planted + b.planted, found=a.found + b.found, told=_added(a.told, b.told))
