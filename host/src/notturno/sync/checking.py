"""Let a band test itself over the link, and read what it found.

Touches a radio, given. Speaks `notturno_core.protocol` and the fields of wire.CHECK_FIELDS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno_core import protocol, wire

from notturno.errors import UserError
from notturno.link import LinkLost
from notturno.sync.asking import ask, ask_info, status_name
from notturno.sync.conversation import LOGGED_MEANWHILE
from notturno.sync.finding import NO_KEYS, find
from notturno.sync.report import Stream, report

if TYPE_CHECKING:
    from notturno.link.ble import Radio


async def check(
    radio: Radio,
    keys: dict[str, bytes],
    cable: int,
    name: str | None = None,
    scan_timeout_s: float = 30,
) -> tuple[str, dict]:
    """Return (device id in hex, the band's CHECK record) after it has tested itself.

    keys: by device id, hex. cable: what is known of the charger's (checks.CABLE_*). Raises
    UserError where no band is found or known, where it cannot be tested now, or the link is lost.
    """
    if not keys:
        raise UserError(NO_KEYS)
    from notturno.link.proof import prove

    band = await find(radio, name, scan_timeout_s)
    try:
        async with radio.connect(band) as connection:
            link = await prove(connection, keys)
            before = (await ask_info(link))["next_seq"]
            reply = await ask(link, protocol.OP_CHECK, protocol.REPLY_FIELDS, cable=cable)
            _judge(reply)
            found = []
            stream = Stream(before, before + LOGGED_MEANWHILE)
            await report(link, stream, protocol.THROUGH_ALL, lambda frames: found.extend(frames))
            return link.device_id, _newest_check(found)
    except LinkLost as error:
        raise UserError(
            "The link to the band was lost ({why_said}); bring it nearer and check again.",
            why_said=error,
        ) from error


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
