"""What a band finds while it finds it: rows that may still change, and what became of each.

Touches a radio, given; stores nothing: what is final is in the band's log, and a sync fetches it.
Speaks the records of `notturno_core.wire`; times of records in samples and ticks (ms) of the band.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from notturno_core import protocol, wire

from notturno.errors import UserError
from notturno.link import SCAN_TIMEOUT_S, LinkLost
from notturno.link.proof import ProvenLink, prove
from notturno.nights.counts import WORDS, left_out_as
from notturno.sync.asking import ask, ask_info
from notturno.sync.checking import WAITS_S
from notturno.sync.finding import NO_KEYS, find
from notturno.sync.frames import Garbled, seq_of, split_frames

if TYPE_CHECKING:
    from notturno.link import Found
    from notturno.link.ble import Radio

ASK_EVERY_S = 20.0
LEARN_MS = 20_000  # below, the pace of the drains would show in the rate
SILENCE_S = 60.0  # the answers to what we ask now and then break a silence; if not, it is gone

PROVISIONAL, FINAL, REVISED = "provisional", "final", "revised"
BEGINS, ENDS = "begins", "ends"


@dataclass(frozen=True)
class Row:
    """One event as the band says it now.

    values: by the names of wire.EVENT_FIELDS; state: PROVISIONAL, FINAL, or REVISED: final, and
    not what was said before; was: the values said before, None where none were; rate_hz: of the
    samples, None until the band has said it; end_tick_ms: when it was over, None until the band
    has said where its samples are; late_s: from then to when it was told.
    """

    state: str
    values: dict
    was: dict | None = None
    rate_hz: float | None = None
    end_tick_ms: float | None = None
    late_s: float | None = None

    @property
    def duration_s(self) -> float | None:
        """How long it lasts; None while the rate is not known."""
        if self.rate_hz is None:
            return None
        return round(self.values["duration_samples"] / self.rate_hz, 3)

    @property
    def change(self) -> str:
        """What it was and is, as words; empty where that is the same."""
        if self.state != REVISED or self.was is None:
            return ""
        return f"{_called(self.was, self.values)} -> {_called(self.values, self.was)}"


@dataclass(frozen=True)
class Recording:
    """A recording begins or ends. reason: wire.END_* of one that ends."""

    state: str
    reason: int | None = None


def left_out(values: dict) -> str | None:
    """Return why an event does not count, as far as its flags say; None where it does."""
    return left_out_as(values["kind"], values["flags"])


def kind_name(values: dict) -> str:
    """Return the name of an event's kind, also of one that only a newer firmware knows."""
    return wire.EVENT_NAMES.get(values["kind"], f"kind {values['kind']}")


def _called(values: dict, other: dict) -> str:
    """Return in words what an event is taken for, as far as it differs from the other."""
    reason = left_out(values)
    if reason is not None and values["kind"] == other["kind"]:
        return WORDS[reason]
    return kind_name(values) + ("" if reason is None else f" {WORDS[reason]}")


class Follower:
    """Puts the frames of the live characteristic together: which row is the end of which."""

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, rate_hz: float | None) -> None:
        self._waiting = {}  # number of a row that may still change -> its values
        self._rate_hz = rate_hz
        self._minute = None  # sample and tick of the last one, or of a segment's beginning
        self._place = None  # the last sample whose tick is known, and that tick

    def take(self, frame: bytes) -> Row | Recording | None:
        """Take one frame; return what it says, None for a record that is neither.

        A layout that this version does not know says nothing.
        """
        kind, payload = frame[4], frame[wire.HEADER_LEN : -wire.CRC_LEN]
        try:
            values = wire.unpack_record(kind, payload)
        except wire.WireError:
            return None
        if values is None:
            return None
        if kind == wire.REC_EVENT:
            return self._row(values, seq_of(frame) == wire.SEQ_PROVISIONAL)
        if kind == wire.REC_SESSION:
            self._begin(values["odr_mhz"] / 1000 or None)
            return Recording(BEGINS)
        if kind == wire.REC_END:
            return Recording(ENDS, values["reason"])
        if kind in (wire.REC_SEGMENT, wire.REC_MINUTE):
            self._place = values["sample"], values["tick_ms"]
            self._learn_rate(*self._place, kind == wire.REC_MINUTE)
        return None

    def _row(self, values: dict, provisional: bool) -> Row:
        number = values["number"]
        if provisional:
            self._waiting[number] = values
            return Row(PROVISIONAL, values, None, self._rate_hz, self._end_tick_ms(values))
        was = self._waiting.pop(number, None)
        state = FINAL
        if was is not None:
            now = (values["kind"], left_out(values))
            state = FINAL if now == (was["kind"], left_out(was)) else REVISED
        return Row(state, values, was, self._rate_hz, self._end_tick_ms(values))

    def _end_tick_ms(self, values: dict) -> float | None:
        if self._place is None or self._rate_hz is None:
            return None
        sample, tick_ms = self._place
        end = values["onset_sample"] + values["duration_samples"]
        return tick_ms + (end - sample) * 1000 / self._rate_hz

    def _learn_rate(self, sample: int, tick_ms: int, on_end: bool) -> None:
        """A minute on end tells the rate that the chip has, which may be 2 % from the named one.

        on_end: no sample is missing since the record before.
        """
        before, self._minute = self._minute, (sample, tick_ms)
        if on_end and before is not None and tick_ms - before[1] >= LEARN_MS:
            self._rate_hz = (sample - before[0]) * 1000 / (tick_ms - before[1])


async def follow(
    radio: Radio,
    tell: Callable[[Row | Recording, int], None],
    begun: Callable[[str, dict], None],
    keys: dict[str, bytes],
    name: str | None = None,
    scan_timeout_s: float = SCAN_TIMEOUT_S,
    seconds: float | None = None,
) -> None:
    """Find the band and tell what it finds, until cancelled or for so many seconds.

    begun: called once with the band's name and what it says of itself (protocol.INFO_FIELDS);
    tell: with each Row and Recording and when it came (UTC, ms); keys: by device id, hex. A link
    that is lost before anything began is tried again, WAITS_S apart. Raises UserError where no
    band is found or known, or where the link is lost.
    """
    if not keys:
        raise UserError(NO_KEYS)
    started = False

    def begins(name: str, info: dict) -> None:
        nonlocal started
        started = True
        begun(name, info)

    for tried, wait_s in enumerate((*WAITS_S, None)):
        try:
            band = await find(radio, name, scan_timeout_s, again=tried > 0)
            return await _watch(radio, band, tell, begins, keys, seconds)
        except LinkLost as error:
            if started or wait_s is None:
                raise UserError(
                    "The link to the band was lost ({why_said}); bring it nearer and "
                    "begin again. What it found is in its memory: notturno sync "
                    "fetches it.",
                    why_said=error,
                ) from error
            await asyncio.sleep(wait_s)


async def _watch(
    radio: Radio,
    band: Found,
    tell: Callable[[Row | Recording, int], None],
    begun: Callable[[str, dict], None],
    keys: dict[str, bytes],
    seconds: float | None,
) -> None:
    """Make one attempt to follow a band. Raises LinkLost, UserError."""
    async with radio.connect(band) as connection:
        link = await prove(connection, keys)
        info = await ask_info(link)
        await connection.subscribe_live()
        await ask(link, protocol.OP_LIVE, protocol.REPLY_FIELDS, on=1)
        begun(band.name, info)
        now = info["tick_ms"], await radio.utc_now_ms()
        over = asyncio.timeout(seconds)
        try:
            async with over:
                await _listen(link, radio, tell, now)
        except TimeoutError:
            if not over.expired():
                raise


def told_late(row: Row, now: tuple[int, int], utc_ms: int) -> Row:
    """Return a row that says how late it is told; now: a tick and its UTC, both in ms."""
    if row.end_tick_ms is None:
        return row
    late_ms = utc_ms - now[1] - (row.end_tick_ms - now[0])
    return replace(row, late_s=round(max(late_ms, 0) / 1000, 1))


async def _listen(link: ProvenLink, radio: Radio, tell: Callable, now: tuple[int, int]) -> None:
    follower = Follower()
    asking = asyncio.create_task(_ask_now_and_then(link))
    try:
        while True:
            channel, data = await link.next_message(SILENCE_S)
            if channel != protocol.LIVE:
                continue
            try:
                frames = split_frames(data)
            except Garbled:
                continue  # what it said is in the log
            for frame in frames:
                told = follower.take(frame)
                if told is None:
                    continue
                utc_ms = await radio.utc_now_ms()
                if isinstance(told, Row):
                    told = told_late(told, now, utc_ms)
                tell(told, utc_ms)
    finally:
        asking.cancel()


async def _ask_now_and_then(link: ProvenLink) -> None:
    """Show the band that somebody listens: it lets an idle host go."""
    while True:
        await asyncio.sleep(ASK_EVERY_S)
        await link.say(wire.pack(protocol.ASK_INFO_FIELDS, {"op": protocol.OP_INFO}))
