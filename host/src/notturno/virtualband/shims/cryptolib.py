"""AES as the ESP32 port's `cryptolib` has it: ECB and CBC only. Done by Node.js behind `_sim`.

Speaks what the real module speaks: mode 1 is ECB, 2 is CBC; ValueError for what it refuses.
"""

import _sim
import uctypes

_ECB, _CBC = 1, 2
_BLOCK = 16


class aes:  # noqa: N801  (the real module's name)
    """One key and one direction: the first call decides which. A key has 16 or 32 bytes."""

    def __init__(self, key, mode, iv=None):
        if mode != _ECB and mode != _CBC:
            raise ValueError("mode")
        if len(key) != 16 and len(key) != 32:
            raise ValueError("key")
        if mode == _CBC and iv is None or iv is not None and len(iv) != _BLOCK:
            raise ValueError("IV")
        self._key = bytes(key)
        # The last block of ciphertext, which the next call goes on from.
        self._chain = bytearray(iv) if mode == _CBC else None
        self._encrypts = None

    def encrypt(self, data, out=None):
        return self._process(True, data, out)

    def decrypt(self, data, out=None):
        return self._process(False, data, out)

    def _process(self, encrypts, data, out):
        n = len(data)
        if n % _BLOCK:
            raise ValueError("blksize % 16")
        if out is not None and len(out) < n:
            raise ValueError("output too small")
        if self._encrypts is None:
            self._encrypts = encrypts
        elif self._encrypts != encrypts:
            raise ValueError("can't encrypt & decrypt")
        result = bytearray(n) if out is None else out
        if n:
            chain = self._chain
            _sim.aes(
                encrypts,
                uctypes.addressof(self._key),
                len(self._key),
                0 if chain is None else uctypes.addressof(chain),
                uctypes.addressof(data),
                n,
                uctypes.addressof(result),
            )
        return bytes(result) if out is None else out
