"""What a rule set found in a night, and the movements of it sorted into kinds. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from notturno.scoring.movements.denominators import Night
from notturno.scoring.movements.series import Runs
from notturno.scoring.staging import WAKE


class Found(NamedTuple):
    """What one rule set found in a night; indices and lists run along `movements`.

    candidate: one bool each; runs: of the walk; asleep: one bool each, None without stages;
    with_resp, with_arousal: sets of indices; nonresp: the PLM without those that go with
    breathing, None where nobody looked for it.
    """

    movements: list
    candidate: list
    runs: Runs
    asleep: list | None
    with_resp: set
    with_arousal: set
    nonresp: set | None

    def in_sleep(self, which: Collection[int]) -> list | None:
        """Return those of some indices that are in sleep; None where that is not known."""
        return None if self.asleep is None else [i for i in which if self.asleep[i]]


class Kinds(NamedTuple):
    """Indices by kind. Every CLM is in one of plm, short and isolated, and in one alone.

    stage: at each onset, or None; plms, plmw, clms: those in sleep or wake, None without stages.
    """

    clm: list
    plm: list
    short: list
    isolated: list
    stage: list | None
    plms: list | None
    plmw: list | None
    clms: list | None


def kinds_of(night: Night, found: Found) -> Kinds:
    """Sort the movements into kinds: periodic goes before short, short before isolated."""
    periodic, short = found.runs.periodic(), set(found.runs.short)
    clm = [i for i, value in enumerate(found.candidate) if value]
    plm = [i for i in clm if i in periodic]
    stage = plmw = None
    if found.asleep is not None:
        stage = night.stages_at_onsets(found.movements)
        plmw = [i for i in plm if not found.asleep[i] and stage[i] == WAKE]
    return Kinds(
        clm=clm,
        plm=plm,
        short=[i for i in clm if i in short and i not in periodic],
        isolated=[i for i in clm if i not in short and i not in periodic],
        stage=stage,
        plms=found.in_sleep(plm),
        plmw=plmw,
        clms=found.in_sleep(clm),
    )
