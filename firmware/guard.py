"""Who may talk: the proof of the key, and sealing from then on, for one connection at a time.

Touches the link given, the key, a source of random bytes, hash and cipher. Speaks messages: what a
host asks comes out plain, what it is told goes in plain. Times in ms of the clock given.

Until a host has proved the key it is told nothing but the challenge, and nothing it sends reaches
the log. See PROTOCOL.md, "The proof".
"""

from ble_link import LinkLost
from notturno_core import protocol
from notturno_core.pieces import Joiner, PieceError, Splitter
from notturno_core.seal import Proofs, SealError, Session, same
from notturno_core.wire import WireError, pack, unpack

_FREE_TRIES = 3  # connections in a row without a proof that cost no pause
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 2_000, 32_000
_STRANGERS_MOST = 0xFFFF


class Guard:
    """Stands between the link and those who answer.

    key: 32 bytes, None where the band has none. random: callable(n) giving n bytes that nobody can
    guess. tick_ms: callable, ms since start. handles: {channel: GATT handle}, set when known.
    """

    def __init__(self, link, key, sha256, ecb, random, tick_ms):
        self._link = link
        self._key = key
        self._sha256 = sha256
        self._ecb = ecb
        self._random = random
        self.tick_ms = tick_ms
        self._in_a_row = 0
        self.handles = {}
        self.strangers = 0
        self.begin()

    def begin(self):
        """A host has connected: forget the one before. Called in the radio's interrupt."""
        self._session = None
        self._proofs = None
        self._refused = False
        self._joiner = Joiner(protocol.REQUEST_MAX)
        self._splitters = {}
        self._since_ms = None  # the clock is not for interrupts: `note_work` sets it

    @property
    def proven(self):
        """Say whether the host that is connected has proved the key."""
        return self._session is not None and self._link.conn is not None

    def overdue(self):
        """Say whether the host has had its time: to prove the key, or to ask for anything."""
        limit_ms = protocol.IDLE_MS if self._session else protocol.UNPROVEN_MS
        return self._since_ms is not None and self.tick_ms() - self._since_ms > limit_ms

    def note_work(self):
        """The host has just come, or keeps us busy: its time begins anew."""
        self._since_ms = self.tick_ms()

    def pause_ms(self):
        """A host has left; return how long to be silent before the next may come.

        Each stranger in a row waits longer, so that nobody empties the cell by knocking.
        """
        if self._session is not None:
            return 0
        self.strangers = min(self.strangers + 1, _STRANGERS_MOST)
        self._in_a_row += 1
        over = self._in_a_row - _FREE_TRIES
        return 0 if over <= 0 else min(_FIRST_PAUSE_MS << min(over - 1, 8), _LONGEST_PAUSE_MS)

    # --- hearing -------------------------------------------------------------------------------

    async def hear(self, value):
        """Take a value written to CONTROL; return the request it ends, or None.

        Raises LinkLost, after letting go of the host, for whatever a holder of the key would not
        have written.
        """
        if self._refused:
            return None
        try:
            message = self._joiner.add(value)
            if message is None:
                return None
            if self._session is None:
                await self._prove(message)
                return None
            request = self._session.open(protocol.CONTROL, message)
        except (PieceError, SealError, WireError) as error:
            self._refused = True
            self._link.disconnect()
            raise LinkLost from error
        self.note_work()
        return request

    async def _prove(self, message):
        op = message[0] if message else 0
        if op == protocol.OP_HELLO and self._proofs is None:
            await self._challenge(unpack(protocol.HELLO_FIELDS, message))
        elif op == protocol.OP_PROOF and self._proofs is not None:
            proofs, session = self._proofs
            if not same(unpack(protocol.PROOF_FIELDS, message)["proof"], proofs.host):
                raise SealError("a false proof")
            self._session = session
            self._in_a_row = 0
            self.note_work()
            await self.reply({"op": op})
        else:
            raise WireError("not the next step of the proof")

    async def _challenge(self, hello):
        answer = {"op": protocol.OP_HELLO}
        if hello["protocol_version"] != protocol.VERSION:
            answer["status"] = protocol.STATUS_BAD_REQUEST
        elif self._key is None:
            answer["status"] = protocol.STATUS_NO_KEY
        else:
            nonces = hello["host_nonce"], self._random(protocol.NONCE_LEN)
            versions = hello["protocol_version"], protocol.VERSION
            proofs = Proofs(self._sha256, self._key, *nonces, versions)
            session = Session(self._sha256, self._ecb, self._key, *nonces, True)
            self._proofs = proofs, session
            answer["band_nonce"] = nonces[1]
            answer["proof"] = proofs.band
        await self._send(protocol.CONTROL, pack(protocol.CHALLENGE_FIELDS, answer))

    # --- saying --------------------------------------------------------------------------------

    async def reply(self, values):
        """Indicate a reply of protocol.REPLY_FIELDS; `tick_ms` is filled in."""
        values["crc32"] = values.get("crc32", 0) & 0xFFFFFFFF
        values["tick_ms"] = self.tick_ms() & 0xFFFFFFFF
        await self.say(protocol.CONTROL, pack(protocol.REPLY_FIELDS, values))

    async def say(self, channel, plain):
        """Seal a message and send it. Raises LinkLost."""
        if self._session is None:
            raise LinkLost  # nothing is said to a stranger, whoever asks us to
        await self._send(channel, self._session.seal(channel, plain))

    async def _send(self, channel, message):
        number = self._link.number
        if channel not in self._splitters:
            self._splitters[channel] = Splitter()
        send = self._link.indicate if channel == protocol.CONTROL else self._link.notify
        for value in self._splitters[channel].values(message, self._link.room):
            self._link.still(number)
            await send(self.handles[channel], value)
