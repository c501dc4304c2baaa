"""A strap check over a band's live rows: be still, then move each time it is said.

Touches a radio, given; stores nothing. Times in s, UTC in ms of the world the radio is in. On a
virtual radio the person is simulated, and is asked over it (radio.ask_wearer).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from notturno import texts
from notturno.errors import UserError
from notturno.link import SCAN_TIMEOUT_S, WEARER_MOVE, WEARER_PUT_ON, WEARER_TAKE_OFF
from notturno.live import (
    BEGINS,
    ENDS,
    PROVISIONAL,
    Recording,
    Row,
    follow,
    kind_name,
    left_out,
)
from notturno.strap.matching import Told, figures

if TYPE_CHECKING:
    from notturno.link.ble import Radio

CONNECT, PUT_ON, SETTLE, STILL, READY, NOW, WAIT = (
    *("connect", "put_on", "settle", "still", "ready", "now", "wait"),
)
TAKE_OFF_S = 5.0  # for a simulated person
GAP_S = (8.0, 12.0)  # between cues, irregular: nobody moves by rhythm
NOT_RECORDING = (
    "The band did not begin to record; take it off its charger, or press its button once, and "
    "begin again."
)
ENDED = (
    "The band stopped recording in the middle of the check, so it is not kept; leave it off its "
    "charger until the end, and begin again."
)
SILENT = (
    "The band did not tell where its rows lie in time, so the check says nothing; begin again "
    "with the band on its charger, and put it on when you are told."
)


@dataclass(frozen=True)
class Plan:
    """cues: how many movements; still_s: before them; put_on_s: how long to wait for a recording
    to begin; settle_s: after the strap was closed; last_s: for the last rows to come; known_s: how
    long a recording that was joined takes to tell where its rows lie (two minutes' records)."""

    cues: int = 10
    still_s: float = 60.0
    put_on_s: float = 180.0
    settle_s: float = 10.0
    last_s: float = 12.0
    known_s: float = 125.0


@dataclass
class Events:
    """The rows of a band, put together by their number."""

    told: dict = field(default_factory=dict)  # number, or one of our own -> Told
    unplaced: list = field(default_factory=list)  # when rows came that lie nowhere in time
    recording: bool = False
    ended: bool = False

    def take(self, told: Row | Recording, utc_ms: float) -> None:
        """Take what `live.follow` tells at an instant."""
        if isinstance(told, Recording):
            self.recording = told.state == BEGINS
            self.ended = told.state == ENDS
            return
        number = told.values["number"]
        key = len(self.told) + 1e9 if number is None else number
        before = self.told.get(key) if told.state != PROVISIONAL else None
        if before is not None:  # where and when it was told first stands
            self.told[key] = before._replace(**_name_of(told.values))
        elif told.late_s is None or told.duration_s is None:
            self.unplaced.append(utc_ms)
        else:
            onset = utc_ms - (told.late_s + told.duration_s) * 1000
            self.told[key] = Told(onset, utc_ms, told.late_s, **_name_of(told.values))


def _name_of(values: dict) -> dict:
    kind = {"kind": kind_name(values), "left_out": left_out(values)}
    return kind | {"peak_mg": values["peak_mg"]}


async def check(
    radio: Radio,
    keys: dict[str, bytes],
    say: Any,
    plan: Plan | None = None,
    name: str | None = None,
    scan_timeout_s: float = SCAN_TIMEOUT_S,
    chance: random.Random | None = None,
) -> dict:
    """Return the figures of a strap check (`matching.figures`), and what band it was.

    More keys: device_id, firmware, begun_utc_ms, ended_utc_ms, wearer_simulated. say(step, seconds
    or number): called at each step, for a person who waits. Raises UserError: no band, the link
    lost, no recording; then nothing is known.
    """
    plan, chance = plan or Plan(), chance or random.Random()
    events, about, begun = Events(), {}, asyncio.Event()

    def connected(band_name: str, info: dict) -> None:
        from notturno_core import wire

        events.recording = bool(info["state"] & wire.STATE_RECORDING)
        about["device_id"] = info["device_id"].hex()
        about["firmware"] = texts.of_a_band(info["firmware"])
        begun.set()

    async def person() -> tuple:
        await begun.wait()
        return await _moves(radio, events, say, plan, chance)

    say(CONNECT, scan_timeout_s)
    following = asyncio.create_task(
        follow(radio, events.take, connected, keys, name, scan_timeout_s)
    )
    moving = asyncio.create_task(person())
    try:
        await asyncio.wait({following, moving}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()  # raises what ended it
        cues, still, span = await moving
    finally:
        for task in (moving, following):
            task.cancel()
        await asyncio.wait({moving, following})
        with suppress(UserError, TimeoutError):  # however it ended: else nobody lays it down
            await asyncio.wait_for(radio.ask_wearer(WEARER_TAKE_OFF), TAKE_OFF_S)
    if any(utc_ms >= cues[0] for utc_ms in events.unplaced):
        raise UserError(SILENT)
    begun_utc_ms, ended_utc_ms = map(round, span)
    times = {"begun_utc_ms": begun_utc_ms, "ended_utc_ms": ended_utc_ms}
    simulated = {"wearer_simulated": radio.wearer_is_simulated}
    return about | times | simulated | figures(cues, list(events.told.values()), still)


async def _moves(
    radio: Radio,
    events: Events,
    say: Callable[[str, float], None],
    plan: Plan,
    chance: random.Random,
) -> tuple[list[float], tuple[float, float], tuple[float, float]]:
    """Lead the person through the check; return (cues, still span, whole span), UTC in ms."""
    settle_s = max(plan.settle_s, plan.known_s - plan.still_s)
    if not events.recording:
        settle_s = plan.settle_s
        say(PUT_ON, plan.put_on_s)
        await radio.ask_wearer(WEARER_PUT_ON)
        try:
            async with asyncio.timeout(plan.put_on_s):
                while not events.recording:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise UserError(NOT_RECORDING) from None
    begun = await radio.utc_now_ms()
    say(SETTLE, settle_s)
    await asyncio.sleep(settle_s)
    say(STILL, plan.still_s)
    still_from = await radio.utc_now_ms()
    await asyncio.sleep(plan.still_s)
    still_to = await radio.utc_now_ms()
    cues: list[float] = []
    say(READY, plan.cues)
    for number in range(1, plan.cues + 1):
        await asyncio.sleep(chance.uniform(*GAP_S))
        if events.ended:
            raise UserError(ENDED)
        cues.append(await radio.utc_now_ms())
        say(NOW, number)
        await radio.ask_wearer(WEARER_MOVE)
    say(WAIT, plan.last_s)
    await asyncio.sleep(plan.last_s)
    if events.ended:
        raise UserError(ENDED)
    ended = await radio.utc_now_ms()
    return cues, (still_from, still_to), (begun, ended)
