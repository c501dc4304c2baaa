"""What a case asks of a detector's events: each judge gives Figures, a value beside its goal.

Pure; speaks Nights and events. The goals are those the cases were written down with.
"""

from dataclasses import dataclass

from notturno.detect import named
from score import Tally, ends, overlap_s, pairs


@dataclass(frozen=True)
class Figure:
    """One measured value and its goal: at least or at most the bound."""

    what: str
    value: float
    bound: float
    least: bool = True

    @property
    def kept(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self):
        sign = ">=" if self.least else "<="
        return f"{self.what} {self.value:.3g} ({sign} {self.bound:g})"


def _truth(night, kind, low_mg=0.0, high_mg=1e9, after_s=0.0):
    return [
        t
        for t in night.truth
        if t["kind"] == kind and t["onset_s"] >= after_s and low_mg <= t["peak_mg"] < high_mg
    ]


def share_found(night, events, kind, low_mg=0.0, high_mg=1e9):
    """Share of the truth of a kind and size that a counting row of that kind meets."""
    truth = _truth(night, kind, low_mg, high_mg)
    return len(pairs(truth, named.of_kind(events, kind), kind)) / len(truth)


def per_hour(night, events, kind):
    """Counting rows of a kind an hour, true or not."""
    return len(named.of_kind(events, kind)) / night.hours


def awake_share(night, events):
    """Share of the night inside awake rows."""
    return sum(e["duration_s"] for e in events if e["kind"] == "awake") / 3600 / night.hours


def lm(night, events, f1=None, found=0.98):
    """LM are found one for one, and awake does not take them."""
    tally = Tally()
    tally.add(night, events)
    if f1:
        return [Figure("lm f1", tally.f1("lm"), f1)]
    turning_s = sum(t["duration_s"] for t in _truth(night, "posture"))
    return [
        Figure("lm found", tally.found("lm"), found),
        Figure("lm ppv", tally.ppv("lm"), found),
        Figure(
            "awake s beyond turn",
            awake_share(night, events) * night.hours * 3600 - turning_s,
            60,
            False,
        ),
    ]


def runs(night, events):
    """Each run is one row of its own rate, all of it, and no awake."""
    rows, truth = named.of_kind(events, "rhythm"), _truth(night, "rhythm")
    met = [[e for e in rows if overlap_s(e, t)] for t in truth]
    covered = [
        sum(overlap_s(e, t) for e in some) / t["duration_s"]
        for some, t in zip(met, truth, strict=True)
    ]
    right = [
        len(some) == 1 and abs(some[0]["rhythm_hz"] / t["rhythm_hz"] - 1) < 0.1
        for some, t in zip(met, truth, strict=True)
    ]
    return [
        Figure("least coverage", min(covered), 0.8),
        Figure("one row, right Hz", sum(right) / len(right), 1.0),
        Figure("single jerks/h", per_hour(night, events, "jerk"), 2, False),
        Figure("awake share", awake_share(night, events), 0.02, False),
    ]


def jerks(night, events, *bounds, false=None):
    """bounds: (low mg, high mg, share to be found); false: at most so many an hour."""
    figures = [
        Figure(
            f"jerks {low:g}+ found" if high > 1e6 else f"jerks {low:g}-{high:g} found",
            share_found(night, events, "jerk", low, high),
            bound,
        )
        for low, high, bound in bounds
    ]
    if false is not None:
        tally = Tally()
        tally.add(night, events)
        figures.append(Figure("false/h", tally.false_per_hour(), false, False))
    return figures


def silence(night, events, **most):
    """At most so many counting rows an hour of each kind; nothing of the sleeper's is there."""
    return [Figure(f"{k}/h", per_hour(night, events, k), most[k], False) for k in most]


def noisy(night, events):
    """Jerks of a noisy sensor, and no LM out of noise."""
    tally = Tally()
    tally.add(night, events)
    wrong = (tally.counted["lm"] - tally.hits["lm"]) / night.hours
    return [
        *jerks(night, events, (20, 60, 0.9), (60, 1e9, 0.98), false=1.5),
        Figure("false lm/h", wrong, 0.5, False),
    ]


def worn(night, events):
    """Minutes whose larger part is rightly called worn or not; the one of the change is out."""
    off = _truth(night, "not_worn")[0]["onset_s"]
    empty = [e for e in events if e["kind"] == "not_worn"]
    right = judged = 0
    for minute in range(1, int(night.hours * 60) - 1):
        span = dict(onset_s=60.0 * minute, duration_s=60.0)
        if span["onset_s"] - 60 < off < ends(span):
            continue
        called = sum(overlap_s(e, span) for e in empty) > 30
        right += called == (span["onset_s"] >= off)
        judged += 1
    return [Figure("minutes right", right / judged, 0.99)]


LARGE = (200, 1e9, 0.99)  # mg from, mg to, share


def switched(night, events):
    """A floor that follows finds what stands out of it, and nothing else."""
    return jerks(night, events, (60, 1e9, 0.9), false=1.5)


def kicks(night, events):
    """Slow ones are jerks all the same."""
    return jerks(night, events, LARGE, false=1.5)


def slow_limbs(night, events):
    """Found as well as those of quick limbs."""
    return jerks(night, events, (20, 60, 0.96), (60, 200, 0.96), LARGE)


def pulse(night, events):
    """A heart moves no limb."""
    awake = Figure("awake share", awake_share(night, events), 0.02, False)
    return [*silence(night, events, jerk=10, lm=10, rhythm=2), awake]


def at_25_hz(night, events):
    """A quarter of the usual samples shows the larger ones."""
    return jerks(night, events, (0, 1e9, 0.85), LARGE, false=3)


def partner(night, events):
    """The other's movements are few among the sleeper's, and the sleeper's large ones are all."""
    return jerks(night, events, (60, 1e9, 0.96), false=6)


def outside(night, events):
    """What shakes the bed is not the sleeper."""
    return silence(night, events, jerk=2, lm=2, rhythm=0)


def small(night, events):
    """How far down jerks are found where nothing else is."""
    return jerks(night, events, (4, 8, 0.6), (8, 20, 0.9), (20, 60, 0.96), false=1.5)
