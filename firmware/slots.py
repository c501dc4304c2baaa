"""Which program a start runs: two slots, and a pointer that a cut at any write leaves whole.

Touches /slot.0 and /slot.1 (the pointer), and looks at what lies in /slot_a, /slot_b and the root.
`main.py` asks `choose()`; the program that runs says `confirm()` once it has shown that it works.

The pointer is two files written in turn, so that one of them is always whole; the whole one with
the higher number counts. Little-endian: magic, form, good, trial, tries, failed, a zero byte,
number (I), CRC-32 of all before (I). A slot is 1 or 2; 0 is none.

    good    the program that was confirmed last; 0: none yet
    trial   a new one that has to show itself; it runs at most TRIES times before it is confirmed
    failed  the one that was given up last, kept for whoever asks why the old one runs

What wins: the trial, the good slot, a plain copy in the root, any slot that is whole. Without a
whole pointer the plain copy comes first: so a developer's files run, and the virtual band's, and
on a band with slots they run once /slot.0 and /slot.1 are gone. A slot without its manifest is
none: whoever fills one takes the manifest away first and writes it last.
"""

import binascii
import os
import struct

FORM = 1
MAGIC = b"NS"
FIELDS = "<2sBBBBBxI"
TRIES = 3  # a trial may be switched off, or stopped at its cable, twice
FOLDERS = ("/", "/slot_a", "/slot_b")  # by number; 0: the root, where a plain copy lies
MANIFEST = "manifest.json"
COPIES = ("/slot.0", "/slot.1")
NOTHING = (0, 0, 0, 0)

_running = 0  # the slot that this start runs
_waits = True  # it may be on trial


def running():
    """Return the slot that this start runs; 0: a plain copy."""
    return _running


def read():
    """Return (good, trial, tries, failed); NOTHING where no copy is whole."""
    found = _newest()
    return NOTHING if found is None else found[1:5]


def write(good, trial, tries, failed):
    """Make this the pointer, over the older copy. Raises OSError; the old pointer then stands."""
    found = _newest()
    number, path = (0, COPIES[0]) if found is None else (found[0], COPIES[1 - found[5]])
    data = struct.pack(FIELDS, MAGIC, FORM, good, trial, tries, failed, number + 1)
    data += struct.pack("<I", binascii.crc32(data) & 0xFFFFFFFF)
    with open(path, "wb") as file:
        file.write(data)
    if hasattr(os, "sync"):
        os.sync()
    if read() != (good, trial, tries, failed):
        raise OSError(5, "the pointer does not come back")


def _newest():
    """Return (number, good, trial, tries, failed, which copy) of the copy that counts."""
    best = None
    for which in (0, 1):
        try:
            with open(COPIES[which], "rb") as file:
                data = file.read(17)
        except OSError:
            continue
        if len(data) != 16 or data[:3] != MAGIC + bytes((FORM,)):
            continue
        if struct.unpack("<I", data[12:])[0] != binascii.crc32(data[:12]) & 0xFFFFFFFF:
            continue
        _, _, good, trial, tries, failed, number = struct.unpack(FIELDS, data[:12])
        if good < 3 and trial < 3 and (best is None or number > best[0]):
            best = (number, good, trial, tries, failed, which)
    return best


def there(slot):
    """Is there a program to run: a slot with its manifest, or in the root (0) a plain copy?"""
    names = ("/app.py", "/app.mpy") if slot == 0 else (FOLDERS[slot] + "/" + MANIFEST,)
    for name in names:
        try:
            os.stat(name)
            return True
        except OSError:
            pass
    return False


def choose(hung=False, slept=False):
    """Return the folder whose program this start runs, or None; a trial is counted first.

    hung: the watchdog has ended the start before. slept: it went to deep sleep in good order, so
    that this one only goes on, and is not counted.
    """
    global _running, _waits
    _running, _waits = 0, True
    good, trial, tries, failed = read()
    if trial and there(trial):
        others = [slot for slot in (good, 0, 3 - trial) if slot != trial and there(slot)]
        if not others:
            _running = trial  # there is nothing to go back to
            return FOLDERS[trial]
        if tries < TRIES and not (hung and tries):
            try:
                if not slept:
                    write(good, trial, tries + 1, failed)
                _running = trial
                return FOLDERS[trial]
            except OSError as error:  # what cannot be counted would be tried for ever
                print("notturno: the trial of a new version waits:", error)
        else:
            _give_up(good, trial)
            failed = trial
    order = [good] if good else []
    order += [0] + [slot for slot in (1, 2) if slot != failed] + [1, 2]
    for slot in order:
        if there(slot):
            _running = slot
            return FOLDERS[slot]
    return None


def confirm():
    """The program that runs has shown that it works: it stays. Said again it costs nothing."""
    global _waits
    if not _waits:
        return
    good, trial, _, failed = read()
    if _running and trial == _running:
        try:
            write(trial, 0, 0, 0 if failed == trial else failed)
        except OSError as error:  # the next time, then
            print("notturno: the trial goes on:", error)
            return
    _waits = False


def failed(imported=True):
    """The program that runs has failed; return whether another one takes over at the next start.

    One that was confirmed stays: what ends it now is not what was changed last. But where it
    could not even be imported its files are no longer whole, and another slot has its turn.
    """
    good, trial, _, _ = read()
    if not _running:
        return False
    if trial != _running:
        other = 3 - _running
        return not imported and there(other) and _give_up(other, _running)
    others = [slot for slot in (good, 0, 3 - trial) if slot != trial and there(slot)]
    return bool(others) and _give_up(good, trial)


def not_counted():
    """This start was ended from outside: it says nothing about the program."""
    good, trial, tries, failed = read()
    if _running and trial == _running and tries:
        try:
            write(good, trial, tries - 1, failed)
        except OSError:
            pass


def _give_up(good, trial):
    try:
        write(good, 0, 0, trial)
    except OSError as error:
        print("notturno: the failed version could not be written down:", error)
        return False
    return True
