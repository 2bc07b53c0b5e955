"""How an inspection errs, measured: what it said of parts whose truth is known."""

from __future__ import annotations

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
