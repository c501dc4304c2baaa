"""The band's settings: the defaults of config.py, and over them what a person has changed.

Touches the settings' file in the root of the flash, which outlives every update: JSON,
{"form": 1, "settings": {name: value}}, names as in config.py, limits in notturno_core.limits. A
file that is not right is put aside as settings.bad and said; the defaults then hold.
"""

import json
import os

import config

FILE_NAME = "settings.json"
BAD_NAME = "settings.bad"
MAX_BYTES = 4096
PARCEL = "/parcel.bin"  # where what comes over the radio lies until it is unpacked: parcels.py

trouble = ""  # what was wrong with the file at the last load
_changed = {}


class Settings:
    """The names of config.py, as attributes."""


def detector_names():
    """Return {name: highest value} of the detector's settings; the log keeps rules in 16 bits."""
    from notturno_core import namer, segments

    names = {name: 0x7FFFFFFF for name in segments.DEFAULTS}
    names.update({name: 0xFFFF for name in namer.DEFAULTS})
    return names


def load(path=FILE_NAME, bad_path=BAD_NAME):
    """Return the settings that hold. Never raises: a band starts with whatever lies there."""
    global trouble, _changed
    trouble = ""
    loaded = Settings()
    for name in dir(config):
        if name.isupper():
            setattr(loaded, name, getattr(config, name))
    values = _read(path, bad_path)
    _changed = {n: v for n, v in values.items() if hasattr(config, n) and v != getattr(config, n)}
    for name in _changed:
        setattr(loaded, name, _changed[name])
    return loaded


def drop_parcel():
    """Remove the parcel that a power cut has left: a night wants its room."""
    try:
        os.remove(PARCEL)
    except OSError:
        pass  # there is none


def changed():
    """Return what differs from the defaults since the last load, as JSON text; "{}": nothing."""
    return "{%s}" % ", ".join(
        ["%s: %s" % (json.dumps(name), _text(_changed[name])) for name in sorted(_changed)]
    )


def _text(value):
    if not isinstance(value, dict):
        return json.dumps(list(value) if isinstance(value, tuple) else value)
    return "{%s}" % ", ".join(["%s: %d" % (json.dumps(k), value[k]) for k in sorted(value)])


def _read(path, bad_path):
    global trouble
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        return {}
    from notturno_core import limits  # where nothing was changed they need no heap

    try:
        if len(data) > MAX_BYTES:
            raise ValueError("it is too long")
        values, unknown = limits.checked(json.loads(data.decode()), detector_names)
        if unknown:
            trouble = "settings that this version has not: " + ", ".join(unknown)
            print("notturno:", trouble)
        return values
    except Exception as error:  # also a text of 4 kB that nests deeper than the stack
        trouble = "%s is put aside: %s" % (path, error)
    print("notturno:", trouble)
    try:
        os.rename(path, bad_path)
    except OSError as error:
        print("notturno: it cannot be put aside:", error)
    return {}
