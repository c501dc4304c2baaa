"""Let a band test itself over the link, and read what it found.

Touches a radio, given. Speaks `notturno_core.protocol` and the fields of wire.CHECK_FIELDS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from notturno_core import protocol, wire

from notturno.errors import UserError
from notturno.link import SCAN_TIMEOUT_S, LinkLost
from notturno.sync.asking import ask, ask_info, status_name
from notturno.sync.conversation import LOGGED_MEANWHILE
from notturno.sync.finding import NO_KEYS, find
from notturno.sync.report import Stream, report

if TYPE_CHECKING:
    from notturno.link import Found
    from notturno.link.ble import Radio

WAITS_S = (0.5, 2.0)  # before each new attempt: a test is soon made again


async def check(
    radio: Radio,
    keys: dict[str, bytes],
    cable: int,
    name: str | None = None,
    scan_timeout_s: float = SCAN_TIMEOUT_S,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[str, dict]:
    """Return (device id in hex, the band's CHECK record) after it has tested itself.

    keys: by device id, hex. cable: what is known of the charger's (checks.CABLE_*). Where the link
    is lost it is tried again, WAITS_S apart. Raises UserError where no band is found or known,
    where it cannot be tested now, or the link is lost each time.
    """
    if not keys:
        raise UserError(NO_KEYS)
    for tried, wait_s in enumerate((*WAITS_S, None)):
        try:
            band = await find(radio, name, scan_timeout_s, again=tried > 0)
            return await _once(radio, band, keys, cable)
        except LinkLost as error:
            if wait_s is None:
                raise UserError(
                    "The link to the band was lost ({why_said}); bring it nearer and check again.",
                    why_said=error,
                ) from error
            await sleep(wait_s)
    raise AssertionError("the last attempt returns or raises")


async def _once(radio: Radio, band: Found, keys: dict[str, bytes], cable: int) -> tuple[str, dict]:
    """Make one attempt. Raises LinkLost, UserError."""
    from notturno.link.proof import prove

    async with radio.connect(band) as connection:
        link = await prove(connection, keys)
        before = (await ask_info(link))["next_seq"]
        reply = await ask(link, protocol.OP_CHECK, protocol.REPLY_FIELDS, cable=cable)
        _judge(reply)
        found = []
        stream = Stream(before, before + LOGGED_MEANWHILE)
        await report(link, stream, protocol.THROUGH_ALL, lambda frames: found.extend(frames))
        return link.device_id, _newest_check(found)


def _judge(reply: dict) -> None:
    status = reply["status"]
    if status == protocol.STATUS_BAD_REQUEST:
        raise UserError("The band's firmware has no test of itself: put a newer one on it.")
    if status == protocol.STATUS_BUSY:
        raise UserError(
            "The band cannot test itself now: it records, or its memory refuses. Put it on its "
            "charger and check again."
        )
    if status != protocol.STATUS_OK:
        raise UserError(
            "The band answered '{status_name}' to the check; try again.",
            status_name=status_name(reply),
        )


def _newest_check(frames: list[bytes]) -> dict:
    for frame in reversed(frames):
        if frame[4] == wire.REC_CHECK:
            try:
                payload = bytes(frame[wire.HEADER_LEN : -wire.CRC_LEN])
                return wire.unpack_record(wire.REC_CHECK, payload) or {}
            except wire.WireError:
                break
    raise UserError("The band tested itself and did not say what it found: check again.")
