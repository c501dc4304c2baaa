"""What the port gives to prove and to seal with: the one door to `hashlib` and `cryptolib`.

ESP32 images have AES in ECB and CBC; counter mode is made from ECB (see notturno_core.seal).
"""

import os
from hashlib import sha256  # noqa: F401  handed on

from cryptolib import aes

_MODE_ECB = 1


def ecb(key):
    """Return a function that gives AES-ECB of whole blocks (bytes in, bytes out)."""
    return aes(key, _MODE_ECB).encrypt


def random(n):
    """Return n bytes that nobody can guess: from the chip's own noise source.

    It is fed by the radio, which is on whenever a nonce is made.
    """
    return os.urandom(n)
