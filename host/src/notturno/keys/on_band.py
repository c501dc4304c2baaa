"""Runs on a band, sent there by cable.py with a call of `main` behind it.

MicroPython and its standard library alone. Touches /key.bin and /key.new; prints one line: mark,
device id, key in hex ("-" where none is whole), what was done (read, kept, made), or the error.
"""

import binascii
import os


def whole(name):
    try:
        with open(name, "rb") as file:
            data = file.read(37)
    except OSError:
        return b""
    check = binascii.crc32(data[:32]).to_bytes(4, "little")
    return data[:32] if len(data) == 36 and data[32:] == check else b""


def put(data):
    # A cut leaves the old key, or the new one, or (a file system that cannot rename over a file)
    # none and a whole key.new: the next time makes it good.
    with open("/key.new", "wb") as file:
        file.write(data)
    if whole("/key.new") != data[:32]:
        raise OSError("what was written does not come back")
    os.rename("/key.new", "/key.bin")
    if hasattr(os, "sync"):
        os.sync()
    if whole("/key.bin") != data[:32]:
        raise OSError("what was renamed does not come back")


def device_id():
    # As boards.Board.device_id and boards.virtual say it, without making a pin.
    import machine

    try:
        import _sim  # noqa: F401  only the virtual band has it

        return b"VB" + machine.unique_id()[:6]
    except ImportError:
        return (machine.unique_id() + bytes(8))[:8]


def firmware():
    # One of the slots that main.py chooses from, or a plain copy.
    for place in ("/slot_a", "/slot_b"):
        try:
            return os.stat(place)
        except OSError:
            pass
    return os.stat("/lib/notturno_core")


def main(key_hex, replace):
    """Put the key there (a key file in hex; "": only read), over a whole one if `replace`."""
    try:
        firmware()  # OSError: this is no band, or an empty one
        done = "read"
        if key_hex:
            done = "kept"
            if replace or not whole("/key.bin"):
                put(binascii.unhexlify(key_hex))
                done = "made"
        words = device_id(), whole("/key.bin")
        print("notturno-key", *[binascii.hexlify(w).decode() or "-" for w in words] + [done])
    except Exception as error:
        print("notturno-key", "error", type(error).__name__, *error.args[:1])
