"""A file that only a passphrase opens: scrypt makes the key, AES-256-GCM seals piece by piece.

`MAGIC`, log2 of scrypt's n, r, p (a byte each), 16 bytes of salt, 7 of nonce; then pieces of
PIECE bytes, each with its tag of 16. The nonce of a piece is those 7 bytes, its number (4 bytes,
big-endian), and 1 for the last one: a piece that is changed, left out, moved or cut off is found.
The head is sealed along with every piece.
"""

import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from notturno.errors import UserError

MAGIC = b"NOTTSEAL"
HEAD = struct.Struct(">8sBBB16s7s")
PIECE, TAG = 1 << 16, 16
LOG2_N, R, P = 17, 8, 1  # 128 MB and some tenths of a second a guess
MOST_LOG2_N, MOST_R, MOST_P = 20, 16, 4  # a file may not ask for more: it may be anybody's


class Sealer:
    """A binary stream that seals what is written to it into another; `close` seals the end."""

    def __init__(self, stream: BinaryIO, passphrase: str) -> None:
        self._stream = stream
        head = HEAD.pack(MAGIC, LOG2_N, R, P, secrets.token_bytes(16), secrets.token_bytes(7))
        self._cipher, self._head = _cipher(head, passphrase), head
        self._waiting, self._number = bytearray(), 0
        stream.write(head)

    def write(self, data: bytes) -> int:
        """Take bytes; what fills a piece is sealed at once."""
        self._waiting += data
        while len(self._waiting) > PIECE:  # the last piece is sealed by `close` alone
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def flush(self) -> None:
        """Do nothing: a piece goes out when it is full."""

    def close(self) -> None:
        """Seal what is left as the last piece."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, data: bytes, last: bool) -> None:
        nonce = _nonce(self._head, self._number, last)
        self._stream.write(self._cipher.encrypt(nonce, data, self._head))
        self._number += 1


def is_sealed(head: bytes) -> bool:
    """Say whether the first bytes of a file are those of a sealed one."""
    return head.startswith(MAGIC)


def opened(stream: BinaryIO, passphrase: str, name: str) -> Iterator[bytes]:
    """Yield the pieces of a sealed stream. Raises UserError, calling the file `name`."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        raise UserError("{name} is cut off; use another copy.", name=name)
    cipher = _cipher(head, passphrase)
    number, piece = 0, stream.read(PIECE + TAG)
    while True:
        following = stream.read(PIECE + TAG)
        try:
            yield cipher.decrypt(_nonce(head, number, not following), piece, head)
        except InvalidTag:
            if number == 0:
                raise UserError(
                    "{name} does not open: the passphrase is another one, or the file is damaged.",
                    name=name,
                ) from None
            raise UserError("{name} is damaged or cut off; use another copy.", name=name) from None
        if not following:
            return
        number, piece = number + 1, following


def _nonce(head: bytes, number: int, last: bool) -> bytes:
    return head[-7:] + struct.pack(">IB", number, last)


def _cipher(head: bytes, passphrase: str):
    _, log2_n, r, p, salt, _ = HEAD.unpack(head)
    if log2_n > MOST_LOG2_N or not 1 <= r <= MOST_R or not 1 <= p <= MOST_P or log2_n < 10:
        raise UserError("The file asks for more work than any notturno asks; it is none of ours.")
    key = Scrypt(salt=salt, length=32, n=1 << log2_n, r=r, p=p).derive(passphrase.encode())
    return AESGCM(key)
