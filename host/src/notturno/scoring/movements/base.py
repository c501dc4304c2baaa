"""What a rule set for limb movements is: a class `Rules` in a file of its own, one of these.

Its row in `nights.columns.RULES` names the file; whoever scores finds it by that. A set that is
like another but for its bounds derives from that one's `Rules` and says them. Units: microseconds.
Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from notturno.scoring.movements import series

if TYPE_CHECKING:
    from notturno.nights.columns import RuleSet
    from notturno.scoring.movements.conventions import Choices
    from notturno.scoring.movements.legs import Movement


class Base:
    """One rule set; a file of it says what stands here without a value, and its methods.

    choices_of: whose open choices (`conventions`) it takes, "wasm2016" or "aasm3". LM_MAX_US: the
    longest candidate of one leg; IMI_MIN_US, IMI_MAX_US: the intervals of a series. All bounds
    belong to their range. From its row: key, version, series_min.
    """

    choices_of: str
    LM_MAX_US: int
    IMI_MIN_US: int
    IMI_MAX_US = series.IMI_MAX_US

    def __init__(self, row: RuleSet) -> None:
        self.key, self.version, self.series_min = row.key, row.version, row.series_min

    def longest_us(self) -> int:
        """Return the longest candidate of both legs; this: as long as one leg's."""
        return self.LM_MAX_US

    def parameters(self) -> dict[str, Any]:
        """Return the bounds as results tell them, in seconds."""
        raise NotImplementedError

    def combine(self, leg_lms: list[Movement], choices: Choices) -> list[Any | Movement]:
        """Return the movements of both legs taken together, sorted by onset."""
        raise NotImplementedError

    def is_candidate(self, movement: Movement, choices: Choices) -> bool:
        """Tell whether a movement may stand in a series."""
        raise NotImplementedError

    def walk(
        self,
        movements: list[Movement],
        candidate: list[bool],
        choices: Choices,
        restarts: Sequence[int] = (),
        passed_over: Collection[int] = frozenset(),
    ) -> series.Runs:
        """Return the Runs.

        restarts: of `series.restarts_of`; passed_over: indices taken as if they were not there.
        """
        raise NotImplementedError

    def sleep_instant(self, choices: Choices) -> str:
        """Return which instant of a movement says whether it is in sleep."""
        raise NotImplementedError

    def with_breathing(
        self, movements: list[Movement], resp: Sequence[tuple[int, int]], choices: Choices
    ) -> set[int]:
        """Return the indices of the movements that go with a respiratory event."""
        raise NotImplementedError

    def passed_over(
        self, with_resp: set[int], asleep: list[bool] | None, choices: Choices
    ) -> set[int]:
        """Return the indices that form no series for their breathing or their wake; this: none."""
        return set()

    def scores_wake(self, choices: Choices) -> bool:
        """Tell whether movements in wake may form a series, where the stages are known."""
        return True
