"""What a band gets over the radio: its new program, without what it has already, or settings.

Touches bytes alone, and a proven link to a band. The layout is firmware/parcels.py's; who may send
one is the link's business, and what lies in it the band hashes for itself.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from notturno_core import protocol

from notturno.errors import Phrase, UserError
from notturno.flashing import chips
from notturno.flashing.package import MANIFEST, Package
from notturno.link import LinkLost
from notturno.sync.asking import ask, status_name

if TYPE_CHECKING:
    from notturno.link.proof import ProvenLink

BY_CABLE = "plug it in and run  notturno flash"
REFUSED = {
    protocol.REFUSED_DAMAGED: "what arrived is not what was sent; repeat this",
    protocol.REFUSED_NOT_RIGHT: "it does not understand it; update notturno, or " + BY_CABLE,
    protocol.REFUSED_OTHER_CHIP: "it is for another chip; " + BY_CABLE,
    protocol.REFUSED_TOO_OLD: "its MicroPython is too old:  notturno flash --image FILE",
    protocol.REFUSED_NO_SLOTS: "its program does not lie in a slot yet; " + BY_CABLE,
    protocol.REFUSED_ON_TRIAL: "the version it runs has not shown itself yet: let it record a "
    "moment off its charger, then repeat this",
    protocol.REFUSED_NO_ROOM: "its flash has no room; run  notturno sync  first",
    protocol.REFUSED_RECORDING: "it records; put it on its charger, then repeat this",
}


def program_parcel(package: Package, manifest: dict) -> tuple[bytes, list[str]]:
    """Return (parcel, names of the files in it).

    The parcel brings a band from the program of `manifest` to `package`.
    """
    has = {name: digest for name, (_, digest) in manifest.get("files", {}).items()}
    arch = package.arch.encode()
    parts = [bytes(chips.LEAST_MICROPYTHON), bytes((len(arch),)), arch]
    names = []
    for name, data in package.everything.items():
        missing = has.get(name) != package.hashes[name]
        called, digest = name.encode(), bytes.fromhex(package.hashes[name])
        parts += [bytes((len(called),)), called, digest, struct.pack("<IB", len(data), missing)]
        if missing:
            parts.append(data)
            names.append(name)
    names.remove(MANIFEST)
    return b"".join(parts), names


async def read(link: ProvenLink, what: int) -> bytes:
    """Return a text that the band keeps (protocol.READ_*); raises LinkLost, UserError."""
    got = bytearray()
    await link.say(bytes((protocol.OP_READ, what)))
    while True:
        channel, message = await link.next_message()
        if channel == protocol.DATA:
            got += message
            if len(got) > 65536:
                raise LinkLost("the band sends more than was asked for")
        elif channel == protocol.CONTROL and message[:1] == bytes((protocol.OP_READ,)):
            break
    from notturno.sync.asking import reply_in

    reply = reply_in(message, protocol.REPLY_FIELDS)
    _check(reply)
    if len(got) < reply["next_seq"]:  # some systems hand the reply over before the last data
        channel, message = await link.next_message()
        got += message if channel == protocol.DATA else b""
    if len(got) != reply["next_seq"] or (got and zlib.crc32(got) != reply["crc32"]):
        raise LinkLost("what the band sends is not whole")
    return bytes(got)


async def manifest_of(link: ProvenLink) -> dict:
    """Return the manifest of the program that the band runs; raises LinkLost, UserError."""
    data = await read(link, protocol.READ_MANIFEST)
    try:
        manifest = json.loads(data)
        if isinstance(manifest["arch"], str) and isinstance(manifest["files"], dict):
            return manifest
    except (ValueError, KeyError, TypeError):
        pass
    _check({"status": protocol.STATUS_REFUSED, "next_seq": protocol.REFUSED_NO_SLOTS})
    raise AssertionError


async def send(
    link: ProvenLink,
    kind: int,
    data: bytes,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Send a parcel and have it unpacked; it holds from the band's next start.

    What a broken link has left there already is not sent again. Raises LinkLost, UserError.
    """
    digest = hashlib.sha256(data).digest()
    fields = protocol.REPLY_FIELDS
    reply = await ask(link, protocol.OP_PARCEL, fields, kind=kind, size=len(data), digest=digest)
    _check(reply)
    held = min(reply["next_seq"], len(data))
    while held < len(data):
        progress(held, len(data))
        piece = data[held : held + protocol.PIECE_MAX]
        reply = await _piece(link, held, piece)
        _check(reply)
        if reply["next_seq"] != held + len(piece):
            raise LinkLost("the band lost its place")
        held += len(piece)
    progress(len(data), len(data))
    _check(await ask(link, protocol.OP_UNPACK, fields))


async def _piece(link: ProvenLink, offset: int, piece: bytes) -> dict[str, int]:
    from notturno.sync.asking import reply_in

    await link.say(struct.pack("<BI", protocol.OP_PIECE, offset) + piece)
    while True:
        channel, message = await link.next_message()
        if channel == protocol.CONTROL and message[:1] == bytes((protocol.OP_PIECE,)):
            return reply_in(message, protocol.REPLY_FIELDS)


def _check(reply: dict[str, int]) -> None:
    """Raise UserError for anything but a yes."""
    status = reply["status"]
    if status == protocol.STATUS_OK:
        return
    if status == protocol.STATUS_REFUSED:
        why_said = REFUSED.get(
            reply["next_seq"], Phrase("reason {number}", number=reply["next_seq"])
        )
    elif status == protocol.STATUS_BAD_REQUEST:
        why_said = (
            "its firmware cannot do this over the radio yet; plug it in and run  notturno flash"
        )
    elif status == protocol.STATUS_BUSY:
        why_said = "its flash refuses; run  notturno sync , then repeat this"
    else:
        why_said = status_name(reply)
    raise UserError("The band did not take it: {why_said}.", why_said=why_said)
