"""One night as a reader gives it: movements, stages and events on one axis, time 0 the file's own.

Pure. Integers in microseconds, so that no rounding moves a bound.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

NOTED, REFUSED = "noted", "refused"


class Note(NamedTuple):
    """What qc.csv tells of a night that is in the tables. code: for programs; n: how many."""

    code: str
    n: int
    reason: str


@dataclass
class LabNight:
    """rows: (onset_us, end_us, side, morphology); stages: (onset_us, stage) or None without;
    resp, arousals: (onset_us, end_us), None where nobody looked, which is not the same as an
    empty list; gaps: (start_us, end_us); recorded_us: (start, end) or None; unknown: Counter of
    labels that name no stage; start_local: ISO 8601 text or None."""

    person: str
    night: str
    rows: list
    stages: list | None = None
    resp: list | None = None
    arousals: list | None = None
    gaps: list = field(default_factory=list)
    recorded_us: tuple | None = None
    unknown: Counter = field(default_factory=Counter)
    start_local: str | None = None
    source: str = ""
    format: str = ""
    notes: list = field(default_factory=list)
