"""A link that both ends have proved: what is said over it is sealed, whole and in order.

Touches a `ble.Connection` (or what looks like one) and the keys given. The construction is
`notturno_core.seal`; hash and cipher come from hashlib and the package cryptography.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from notturno_core import protocol
from notturno_core.pieces import Joiner, PieceError, Splitter
from notturno_core.seal import Proofs, SealError, Session, same
from notturno_core.wire import WireError, pack, unpack

from notturno.errors import Phrase
from notturno.link.kinds import LinkLost, Refused, UnknownBand

if TYPE_CHECKING:
    from notturno.link.ble import Connection

ANSWER_TIMEOUT_S = 15.0
CHALLENGE_TIMEOUT_S = 5.0  # a band lets a host go that has not proved its key by then


def ecb(key: bytes) -> Callable[..., bytes]:
    """Return a function that gives AES-ECB of whole blocks, as the band's cryptolib does."""
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update


class ProvenLink:
    """One connection whose two ends hold the same key. Use `prove`.

    device_id: the band whose key it proved.
    """

    def __init__(
        self,
        connection: Connection,
        session: Session,
        splitter: Splitter,
        joiners: dict[int, Joiner],
        device_id: str,
    ) -> None:
        self._connection = connection
        self._session = session
        self._splitter = splitter
        self._joiners = joiners
        self.device_id = device_id

    async def say(self, plain: bytes) -> None:
        """Send a request. Raises LinkLost."""
        sealed = self._session.seal(protocol.CONTROL, plain)
        for value in self._splitter.values(sealed, self._connection.room):
            await self._connection.write_control(value)

    async def next_message(self, timeout_s: float | None = None) -> tuple[int, bytes]:
        """Return (channel, plain) of the next message, in their order.

        timeout_s: for the whole message, however many pieces come; ANSWER_TIMEOUT_S where none
        is given. Raises LinkLost: the link is gone, silent, or carries what the band has not
        sealed.
        """
        try:
            async with asyncio.timeout(timeout_s or ANSWER_TIMEOUT_S):
                while True:
                    channel, value = await self._connection.next_value(None)
                    message = _joined(self._joiners, channel, value)
                    if message is None:
                        continue
                    try:
                        return channel, self._session.open(channel, message)
                    except SealError as error:
                        if channel != protocol.LIVE:
                            raise LinkLost(str(error)) from error
        except TimeoutError as error:
            raise LinkLost("the band stopped answering") from error


def _joined(joiners: dict[int, Joiner], channel: int, value: bytes) -> bytes | None:
    try:
        return joiners[channel].add(value)
    except PieceError as error:
        raise LinkLost(str(error)) from error


async def check_version(connection: Connection) -> None:
    """Raise Refused for a band that speaks another version of the protocol; LinkLost."""
    public = await connection.read_version()
    version = public[0] if public else 0
    if version > protocol.VERSION:
        raise Refused(
            "The band speaks version {version} of the protocol, this notturno "
            "version {own}; update notturno. The band keeps its records "
            "until then.",
            version=version,
            own=protocol.VERSION,
        )
    if version < protocol.VERSION:
        raise Refused(
            "The band's firmware is older (protocol {version}, without a key); put "
            "this notturno's firmware on it by cable: its records stay on it and "
            "are fetched afterwards.",
            version=version,
        )


async def prove(connection: Connection, keys: dict[str, bytes]) -> ProvenLink:
    """Prove to the band, and have it prove, that both hold one of the keys (by device id, hex).

    Raises LinkLost; Refused where no key fits or the band cannot prove any.
    """
    await check_version(connection)
    splitter = Splitter()
    joiners = {
        protocol.CONTROL: Joiner(protocol.MESSAGE_MAX),
        protocol.DATA: Joiner(protocol.MESSAGE_MAX),
        protocol.LIVE: Joiner(protocol.MESSAGE_MAX, lossy=True),
    }

    async def say(fields: tuple[tuple[str, str], ...], values: dict) -> None:
        for value in splitter.values(pack(fields, values), connection.room):
            await connection.write_control(value)

    async def heard() -> bytes:
        async with asyncio.timeout(min(CHALLENGE_TIMEOUT_S, ANSWER_TIMEOUT_S)):
            while True:
                channel, value = await connection.next_value(None)
                if channel == protocol.CONTROL:
                    message = _joined(joiners, channel, value)
                    if message is not None:
                        return message

    try:
        host_nonce = secrets.token_bytes(protocol.NONCE_LEN)
        hello = {"op": protocol.OP_HELLO, "protocol_version": protocol.VERSION}
        await say(protocol.HELLO_FIELDS, hello | {"host_nonce": host_nonce})
        challenge = unpack(protocol.CHALLENGE_FIELDS, await heard())
        device_id, key, proofs = _matching(keys, host_nonce, challenge)
        await say(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": proofs.host})
        session = Session(
            hashlib.sha256, ecb, key, host_nonce, challenge["band_nonce"], at_band=False
        )
        link = ProvenLink(connection, session, splitter, joiners, device_id)
        _, said = await link.next_message()
        if unpack(protocol.REPLY_FIELDS, said)["op"] != protocol.OP_PROOF:
            raise LinkLost("the band answered out of turn")
        return link
    except TimeoutError as error:
        raise LinkLost("the band stopped answering") from error
    except (WireError, struct.error) as error:
        raise LinkLost(f"the band says something that is no challenge ({error})") from error


def _matching(
    keys: dict[str, bytes], host_nonce: bytes, challenge: dict
) -> tuple[str, bytes, Proofs]:
    """Return (device id, key, proofs) of the key that the challenge proves."""
    if challenge["op"] != protocol.OP_HELLO:
        raise LinkLost("the band answered out of turn")
    if challenge["status"] == protocol.STATUS_NO_KEY:
        raise Refused(
            "The band has no key, so it tells nobody anything; give it one by cable: "
            "notturno bands key renew --port PORT"
        )
    if challenge["status"] != protocol.STATUS_OK:
        raise Refused(
            "The band refuses this version of the protocol; put this notturno's firmware on it."
        )
    versions = protocol.VERSION, protocol.VERSION
    for device_id, key in sorted(keys.items()):
        proofs = Proofs(hashlib.sha256, key, host_nonce, challenge["band_nonce"], versions)
        if same(challenge["proof"], proofs.band):
            return device_id, key, proofs
    raise UnknownBand(
        Phrase(
            "This computer holds no key of this band; bring its key here "
            "with  notturno bands key add  (on the computer that has it: "
            "notturno bands key show), or by cable."
        )
    )
