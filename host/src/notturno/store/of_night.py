"""What the store gives of one night of one band to who scores, counts or draws it.

The SQL and the rows stand in `night_inputs`; the rules come with it, so it is imported inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.store import nightly_table
from notturno.store.door import said_plainly
from notturno.store.opened import Opened
from notturno.store.people import reads

if TYPE_CHECKING:
    from notturno.nights.axis import NightAxis
    from notturno.nights.summary import Facts


class OfNight(Opened):
    """The part of the store that knows one night."""

    newest_name = reads(nightly_table.newest_name)
    names_beside = reads(nightly_table.names_beside)
    is_stored = reads(nightly_table.is_stored)

    def night_inputs(
        self, night: str, device_id: str, events: list[dict] | None = None
    ) -> tuple[list[dict], dict[str, list], tuple[int | None, int | None], Facts]:
        """Return (sessions, {events, minutes, gaps, marks}, in-bed UTC pair, Facts) of a night.

        What `scoring.onenight.report.night_report` wants. events: the band's, if read already.
        """
        with said_plainly(self.path):
            from notturno.store.night_inputs import night_inputs

            return night_inputs(self._db, night, device_id, events)

    def night_on_axis(
        self, night: str, device_id: str, events: list[dict] | None = None
    ) -> tuple[NightAxis, dict[str, list]]:
        """Return (NightAxis, {events, minutes, gaps, marks}) of a band's night, for a picture."""
        with said_plainly(self.path):
            from notturno.store.night_inputs import night_on_axis

            return night_on_axis(self._db, night, device_id, events)

    def night_on_axis_of(self, night: str, device_id: str, kind: str) -> NightAxis:
        """Return a band's night on its axis with one kind of events, its minutes left out."""
        with said_plainly(self.path):
            from notturno.store.night_inputs import night_on_axis_of

            return night_on_axis_of(self._db, night, device_id, kind)
