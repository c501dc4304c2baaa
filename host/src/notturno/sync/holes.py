"""Numbers that do not come in a fetched range: left out by the band itself, or damaged there.

Pure: takes record frames in the order of their numbers. The rule is `notturno.leaps`'.
"""

from __future__ import annotations

from typing import NamedTuple

from notturno import leaps
from notturno.sync.frames import record_of, seq_of


class _Open(NamedTuple):
    """A hole of which nothing can be said yet: what came behind it, and the boot before it."""

    first: int
    last: int
    boot_id: int
    behind: list[tuple[int, bytes]]

    def judged(self) -> bool | None:
        return leaps.left_out_by_band(self.last - self.first + 1, self.behind, self.boot_id)


class Holes:
    """The holes of one range.

    absent: (first, last) of all of them; damaged: of those that are no new start's. first_seq:
    where the range begins; boot_id: the newest boot that is known before it.
    """

    def __init__(self, first_seq: int, boot_id: int) -> None:
        self.absent: list[tuple[int, int]] = []
        self.damaged: list[tuple[int, int]] = []
        self._due = first_seq
        self._boot_id = boot_id
        self._open: list[_Open] = []

    def notice(self, frames: list[bytes]) -> None:
        """Take the next frames; a hole is judged as soon as enough has come behind it."""
        for frame in frames:
            seq, record = seq_of(frame), record_of(frame)
            if self._due < seq:
                self._leave_out(seq - 1)
            self._due = seq + 1
            for hole in self._open:
                hole.behind.append(record)
            if self._open:
                self._judge(False)
            self._boot_id = max(self._boot_id, leaps.boot_named(*record))

    def end(self, last_seq: int) -> None:
        """Nothing more comes of the range, which goes to `last_seq`."""
        if self._due <= last_seq:
            self._leave_out(last_seq)
        self._judge(True)

    def _leave_out(self, last: int) -> None:
        self.absent.append((self._due, last))
        self._open.append(_Open(self._due, last, self._boot_id, []))

    def _judge(self, at_the_end: bool) -> None:
        still_open = []
        for hole in self._open:
            judged = hole.judged()
            if judged is None and not at_the_end:
                still_open.append(hole)
            elif not judged:
                self.damaged.append((hole.first, hole.last))
        self._open = still_open
