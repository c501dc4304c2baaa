"""AES as an ESP32's image has it: ECB and CBC of whole blocks. Done below the VM, by node.

Touches `_sim`. One object encrypts or decrypts, as on the device, where the key schedule is made
for the first of the two.
"""

import _sim
import uctypes

_ECB, _CBC = 1, 2
_BLOCK = 16


class aes:
    def __init__(self, key, mode, IV=None):
        key = bytes(key)
        if mode not in (_ECB, _CBC):
            raise ValueError("mode")
        if len(key) not in (16, 32):
            raise ValueError("key")
        if mode == _CBC and (IV is None or len(IV) != _BLOCK):
            raise ValueError("IV")
        self._key = key
        self._iv = bytearray(IV) if mode == _CBC else None
        self._encrypts = None

    def _do(self, encrypts, data, out):
        if self._encrypts not in (None, encrypts):
            raise ValueError("can't encrypt & decrypt")
        self._encrypts = encrypts
        n = len(data)
        if n % _BLOCK:
            raise ValueError("blksize % 16")
        result = bytearray(n) if out is None else out
        if len(result) < n:
            raise ValueError("output too small")
        if n:
            before = bytes(data)
            iv = 0 if self._iv is None else uctypes.addressof(self._iv)
            at = uctypes.addressof(before)
            to = uctypes.addressof(result)
            _sim.aes(uctypes.addressof(self._key), len(self._key), iv, encrypts, at, n, to)
            if self._iv is not None:
                self._iv[:] = (result if encrypts else before)[n - _BLOCK : n]
        return bytes(result) if out is None else result

    def encrypt(self, data, out=None):
        return self._do(1, data, out)

    def decrypt(self, data, out=None):
        return self._do(0, data, out)
