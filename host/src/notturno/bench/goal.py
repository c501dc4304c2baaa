"""One goal, and the row that stands for it in the table.

Pure. A row says what was measured on tuning and on held-out models, what the best baseline and
the reference reached on the latter, and whether the goal is met there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notturno.bench.metrics import ratio
from notturno.bench.run import HELD_OUT, OURS, REFERENCE, TUNING

LEAST_FOUND = 0.5


@dataclass(frozen=True)
class Row:
    """One goal: `met` is None where there is none, or nothing was measured."""

    what: str
    goal: str
    tuning: str
    held_out: str
    met: bool | None
    best: str = "-"
    reference: str = "-"


@dataclass(frozen=True)
class Goal:
    """What is asked: `least` or `most`, neither where a figure is only shown."""

    what: str
    least: float | None = None
    most: float | None = None
    unit: str = ""
    digits: int = 3

    def text(self, value: float | None) -> str:
        """Return a value in words."""
        return "none" if value is None else f"{value:.{self.digits}f}{self.unit}"

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.least is None and self.most is None:
            return "(none)"
        sign, value = (">=", self.least) if self.most is None else ("<=", self.most)
        return f"{sign} {value:g}{self.unit}"

    def met(self, value: float | None) -> bool | None:
        """Say whether a value meets the goal; None without a goal or a value."""
        if value is None or self.bound == "(none)":
            return None
        if self.most is None:
            return self.least is None or value >= self.least
        return value <= self.most


def compared(
    goal: Goal, held_out: dict, tuning: dict | None = None, skip: Sequence[str] = ()
) -> Row:
    """Return a row of values {system: value}; baselines in `skip` are not compared."""
    others = {
        name: value
        for name, value in held_out.items()
        if name not in (OURS, REFERENCE, *skip) and value is not None
    }
    best = "none has one"
    if others:
        name = (max if goal.most is None else min)(others, key=lambda key: others[key])
        best = f"{goal.text(others[name])} ({name})"
    reference = goal.text(held_out[REFERENCE]) if REFERENCE in held_out else "-"
    ours = held_out[OURS]
    shown = goal.text(tuning[OURS]) if tuning else "-"
    return Row(goal.what, goal.bound, shown, goal.text(ours), goal.met(ours), best, reference)


def alone(goal: Goal, value: float | None, missing: str = "not measured") -> Row:
    """Return a row of one value that no other system has; `missing`: what to say for None."""
    said = missing if value is None else goal.text(value)
    return Row(goal.what, goal.bound, "-", said, goal.met(value))


def of_nights(
    result: dict, goal: Goal, get: Callable, profile: str = "all", finds: str | None = None
) -> Row:
    """Return a row of a figure of the synthetic nights; get: function (figures) -> value.

    finds: a kind; only baselines that find at least LEAST_FOUND of it, over all profiles, are
    compared, for a rule that finds nothing is never false and never late.
    """
    nights = result["profiles"]
    values = {
        group: {name: get(by[profile]) for name, by in systems.items() if profile in by}
        for group, systems in nights.items()
    }
    skip = [name for name, by in nights[HELD_OUT].items() if finds and not able(by["all"], finds)]
    return compared(goal, values[HELD_OUT], values[TUNING], skip)


def able(figures: dict, kind: str) -> bool:
    """Say whether a system finds enough of a kind to be compared on its errors."""
    found = figures["sensitivity"][kind]
    return found is not None and found >= LEAST_FOUND


def share(pair: list[int]) -> float | None:
    """Return [part, whole] as a share; None without a whole."""
    return ratio(*pair)
