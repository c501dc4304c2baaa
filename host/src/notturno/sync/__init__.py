"""Fetch what every known band in reach holds, one after the other, whatever breaks in between.

Touches a radio and a store, both given. Which band is whose says the key alone: one that only
bears a known name, or repeats what a known band once said, brings nothing into the store.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError
from notturno.link import SCAN_TIMEOUT_S, Found, LinkLost, Refused, UnknownBand
from notturno.sync.finding import NO_KEYS, Search, find
from notturno.sync.result import Result

if TYPE_CHECKING:
    from notturno.link.ble import Radio
    from notturno.sync.frames import Garbled
    from notturno.sync.logbook import Logbook

Progress = Callable[[int, int], None]  # (records stored, expected)
WAITS_S = (0.25, 1.0, 4.0)  # before each new attempt that follows one without progress
__all__ = ["Result", "find", "sync"]


async def sync(
    radio: Radio,
    store: Logbook,
    zone: str,
    *,
    keys: dict[str, bytes],
    host_id: int = 1,
    progress: Progress | None = None,
    name: str | None = None,
    scan_timeout_s: float = SCAN_TIMEOUT_S,
    again: bool = False,
    sleep: Callable = asyncio.sleep,
) -> list[Result]:
    """Find the bands whose key is known, fetch what is missing, store and confirm it.

    keys: by device id, hex. host_id: who sets their time. name: that band alone. again: fetch all
    that they still have. progress: None or callable(stored, expected), in records. Returns one
    Result a band. Raises UserError where no band was there or could be understood at all.
    """
    if not keys:
        raise UserError(NO_KEYS)
    search = Search(radio, name, keys, scan_timeout_s)
    visits = deque(_Visit(band) for band in await search.first())
    done, refused = [], []
    while visits and not search.over({result.device for result in done if not result.failed}):
        visit = visits.popleft()
        try:
            await visit.go(radio, store, zone, keys, host_id, progress, again)
            done.append(visit.result)
            continue
        except UnknownBand as error:
            if visit.unknown:
                refused.append((visit, error))
            else:
                # One more try: a challenge that changed on the way looks like a stranger's.
                visit.unknown = True
                visits.append(visit)
        except Refused as error:
            refused.append((visit, error))
            continue
        except LinkLost as error:
            if visit.tries > len(WAITS_S):
                visit.give_up(error)
                done.append(visit.result)
            else:
                await sleep(WAITS_S[max(visit.tries - 1, 0)])
                visits.append(visit)
        # Who proves nothing may stand before the true band: look who else is there.
        others = await search.again([one.band for one in visits], proven=visit.proven)
        for one in visits:
            one.band = search.found.get(one.band.address, one.band)
        visits.extendleft(_Visit(band) for band in others)
    return _told(done, refused, store, search.silent())


def _told(
    done: list[Result],
    refused: list[tuple[_Visit, Refused | UnknownBand]],
    store: Logbook,
    silent: list,
) -> list[Result]:
    """Return the results, with what was refused as warnings; raise where nothing came at all.

    silent: names of bands whose keys are known, and that were not heard.
    """
    known = [result for result in done if result.device]
    if not known:
        reasons = [str(error) for _, error in refused] + [r.failed for r in done if r.failed]
        if silent and refused:
            reasons.insert(
                0,
                Phrase(
                    "{silent} was not heard: out of reach, asleep, or "
                    "connected to another program. Of what was heard:",
                    silent=" and ".join(silent),
                ),
            )
        raise UserError(reasons[0] if len(set(reasons)) == 1 else "  ".join(reasons))
    for result in known:
        result.total_records = store.count_records(result.device)
    if all(result.failed for result in known):
        raise UserError("  ".join(result.failed or "" for result in known))
    for visit, error in refused:
        known[0].warnings.append(
            Phrase("Another band near, {name}: {why_said}", name=visit.band.name, why_said=error)
        )
    for result in done:
        if result.failed:
            known[0].warnings.append(
                Phrase("{name}: {why_said}", name=result.name, why_said=result.failed)
            )
    return known


class _Visit:
    """The attempts at one band that advertises."""

    def __init__(self, band: Found) -> None:
        self.band = band
        self.result = Result(name=band.name)
        self.tries = 0  # in a row without progress
        self.proven = False
        self.unknown = False  # no key of ours fitted, once

    async def go(
        self,
        radio: Radio,
        store: Logbook,
        zone: str,
        keys: dict[str, bytes],
        host_id: int,
        progress: Progress | None,
        again: bool,
    ) -> None:
        """Make one attempt. Raises LinkLost, Refused."""
        from notturno.link.proof import prove
        from notturno.sync.conversation import Conversation

        before = self.result.new_records
        try:
            async with radio.connect(self.band) as connection:
                link = await prove(connection, keys)
                self.proven = True
                talk = Conversation(
                    link, radio.utc_now_ms, store, zone, self.result, host_id, progress, again
                )
                await talk.run()
        except LinkLost:
            progressed = self.result.new_records > before
            self.tries = 0 if progressed else self.tries + 1
            raise

    def give_up(self, error: LinkLost | Garbled) -> None:
        self.result.failed = Phrase(
            "The link to the band was lost again and again "
            "({why_said}); bring it nearer and sync again: what came "
            "over is stored ({new_records} new records).",
            why_said=error,
            new_records=self.result.new_records,
        )
