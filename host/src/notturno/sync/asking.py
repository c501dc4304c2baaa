"""One question over a proven link, and its reply. Touches the link; every wait is bounded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from notturno_core import protocol, wire

from notturno.errors import Phrase
from notturno.link import LinkLost
from notturno.sync.frames import Garbled

if TYPE_CHECKING:
    from notturno.link.proof import ProvenLink

ANSWER_TIMEOUT_S = 20.0


async def ask(
    link: ProvenLink, op: int, fields: tuple[tuple[str, str], ...], **values: int | bytes
) -> dict:
    """Ask something over a proven link and return the reply to it. Raises LinkLost."""
    await link.say(wire.pack(protocol.REQUEST_FIELDS[op], {"op": op} | values))
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while True:
                channel, message = await link.next_message()
                if channel == protocol.CONTROL and message[:1] == bytes((op,)):
                    return reply_in(message, fields)
    except TimeoutError as error:
        raise LinkLost("the band did not answer what it was asked") from error


async def ask_info(link: ProvenLink) -> dict:
    """Return what a band says of itself (protocol.INFO_FIELDS). Raises LinkLost."""
    return await ask(link, protocol.OP_INFO, protocol.INFO_FIELDS)


def reply_in(message: bytes, fields: tuple[tuple[str, str], ...]) -> dict:
    """Return a reply's values; raises Garbled for one that is cut off."""
    try:
        return wire.unpack(fields, message)
    except wire.WireError as error:
        raise Garbled(
            Phrase("what the band answers is cut off: {why_said}", why_said=error)
        ) from error


def status_name(reply: dict) -> str:
    """Return a reply's status in words, also of one that only a newer band knows."""
    status = reply["status"]
    known = status < len(protocol.STATUS_NAMES)
    return protocol.STATUS_NAMES[status] if known else f"status {status}"
