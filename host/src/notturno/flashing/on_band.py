"""Runs on a band, sent there behind the texts of slots.py and flashfiles.py; functions only.

MicroPython and its standard library alone. Touches the files that the host names. Each call prints
one line of JSON, or lets its exception go through. Small, for a chip with 64 kB to give.
"""

import binascii
import json
import os
import sys

# ruff: noqa: F821  the names of the two texts before this one


def say(value):
    print(json.dumps(value))


def about():
    """What the board is, and what lies in its root. A watchdog that runs gets ten minutes."""
    import machine

    try:
        machine.WDT(timeout=600000)  # made again, it is set anew; there is no way to end it
    except (AttributeError, ValueError, TypeError, OSError):
        pass
    this, room = sys.implementation, os.statvfs("/")
    say(
        {
            "name": this.name,
            "version": list(this.version[:3]),
            "mpy": getattr(this, "_mpy", 0),
            "machine": getattr(this, "_machine", ""),
            "free": room[0] * room[3],
            "block": room[0],
            "pointer": list(read()),
            "there": [there(k) for k in (0, 1, 2)],
            "root": sorted(os.listdir("/")),
            "id": binascii.hexlify(device_id()).decode(),
        }
    )


def device_id():
    """As boards.Board.device_id and boards.virtual say it, without making a pin."""
    import machine

    try:
        import _sim  # noqa: F401  only the virtual band has it

        return b"VB" + machine.unique_id()[:6]
    except ImportError:
        return (machine.unique_id() + bytes(8))[:8]


def defaults(folder, names):
    """{name: value} of the config that the program in a folder comes with."""
    sys.path.insert(0, folder)
    import config

    say({name: getattr(config, name) for name in names if hasattr(config, name)})


def hashes(folder):
    """{name below the folder: SHA-256 in hex}, said bit by bit; {} where there is none."""
    sign = "{"
    for path in walk(folder) if kind(folder) == 2 else ():
        if kind(path) == 1:
            print(
                sign + json.dumps(path[len(folder) + 1 :]), json.dumps(sha(path)), sep=":", end=""
            )
            sign = ","
    print("{}" if sign == "{" else "}")


def text_of(path, most):
    """The file's bytes in base64; null where there is none or it is longer than `most`."""
    if kind(path) != 1 or os.stat(path)[6] > most:
        return say(None)
    with open(path, "rb") as file:
        say(binascii.b2a_base64(file.read()).decode().strip())


def remove(paths):
    """Take files and folders away, with what they hold; say how many there were."""
    say(sum([take_away(path) for path in paths]))


def put(path, text, how):
    """Write ("wb") or add ("ab") a piece that came as base64."""
    if how == "wb":
        make_folders(path)
    with open(path, how) as file:
        file.write(binascii.a2b_base64(text))


def copy(old, new):
    """Copy a file of the band to another place on it."""
    copy_file(old, new)
    say(1)


def settle(new, path, wanted):
    """Put a file that is whole in the place of another in one step: a cut leaves either."""
    if sha(new) != wanted:
        raise OSError(5, "what was written does not come back")
    os.rename(new, path)
    if hasattr(os, "sync"):
        os.sync()
    say(sha(path))


def point(good, trial, failed):
    """Write the pointer; say what it is then."""
    write(good, trial, 0, failed)
    say(list(read()))
