"""What a host sends to change the band: a new version of its program, or settings.

Touches settings.PARCEL, the slot that is not in use, the pointer, the settings' file. The link has
proved who sends it; the parcel's own hash says that all of it is here. See PROTOCOL.md.

A program's parcel: the least MicroPython u8 u8, length of the architecture's name u8, name; then
each file of the program, the manifest last: length of its name u8, name, SHA-256, size u32, 1
where the content follows and 0 where the band has it already. It is read a file at a time, and
hashed before the pointer moves. A settings' parcel: the settings' file. This module is loaded when
it is asked for: a night does not hold it.
"""

import asyncio
import binascii
import json
import os
import struct
import sys

import flashfiles
import settings
import slots
from notturno_core import limits, protocol

SETTINGS = "/settings.json"
SPARE_BYTES = 65536  # of the flash, for the night's log
ANY_ARCH = "bytecode"


class Refused(Exception):
    """The parcel is not for this band, or not now; `reason`: protocol.REFUSED_*."""

    def __init__(self, reason):
        super().__init__("reason %d" % reason)
        self.reason = reason


class Parcels:
    """One parcel at a time, put together on the flash; one that was broken off goes on."""

    def __init__(self):
        self._what = None  # (kind, size, digest) of the one that is under way
        self._file = None
        self._held = 0

    def begin(self, kind, size, digest):
        """A parcel is to come; return how many bytes of it are here. Raises Refused, OSError."""
        what = kind, size, bytes(digest)
        if what == self._what:
            return self._held
        self._drop()
        if kind == protocol.PARCEL_PROGRAM:
            self._check_slots()
            room = os.statvfs("/")
            if room[0] * room[3] < 2 * size + SPARE_BYTES:
                raise Refused(protocol.REFUSED_NO_ROOM)
        elif kind != protocol.PARCEL_SETTINGS or size > protocol.SETTINGS_MAX:
            raise Refused(protocol.REFUSED_DAMAGED)
        self._what = what
        self._file = open(settings.PARCEL, "wb")
        return 0

    def piece(self, offset, data):
        """Take the next bytes; return how many are here. Raises Refused, OSError."""
        if self._what is None or offset != self._held or offset + len(data) > self._what[1]:
            raise Refused(protocol.REFUSED_DAMAGED)
        try:
            self._file.write(data)
        except OSError:
            self._drop()
            raise
        self._held += len(data)
        return self._held

    async def unpack(self):
        """Do what the parcel says; it holds from the next start. Raises Refused, OSError."""
        if self._what is None or self._held != self._what[1]:
            raise Refused(protocol.REFUSED_DAMAGED)
        kind, _, digest = self._what
        self._file.close()
        try:
            if flashfiles.sha(settings.PARCEL) != binascii.hexlify(digest).decode():
                raise Refused(protocol.REFUSED_DAMAGED)
            if kind == protocol.PARCEL_SETTINGS:
                _settings()
            else:
                with open(settings.PARCEL, "rb") as file:
                    await self._program(file)
        finally:
            self._drop()

    def _drop(self):
        """Forget the parcel, and what is here of it."""
        if self._file is not None:
            self._file.close()
        self._what, self._file, self._held = None, None, 0
        flashfiles.take_away(settings.PARCEL)

    def _check_slots(self):
        """Raise Refused unless the program that runs is a slot's, and was confirmed."""
        good, trial, _, _ = slots.read()
        if slots.running() == 0:
            raise Refused(protocol.REFUSED_NO_SLOTS)
        if trial or good != slots.running():
            raise Refused(protocol.REFUSED_ON_TRIAL)

    async def _program(self, file):
        """Fill the other slot, as an update by cable does, and make it a trial."""
        self._check_slots()
        here, there = slots.FOLDERS[slots.running()], slots.FOLDERS[3 - slots.running()]
        _check_head(file, here)
        first = file.tell()
        names = []
        for name, _, size, has in _entries(file):
            names.append(name)
            file.seek(size if has else 0, 1)
        if not names or names[-1] != slots.MANIFEST:
            raise Refused(protocol.REFUSED_NOT_RIGHT)
        flashfiles.take_away(there + "/" + slots.MANIFEST)
        if flashfiles.kind(there) == 2:
            for path in flashfiles.walk(there):
                if flashfiles.kind(path) == 1 and path[len(there) + 1 :] not in names:
                    os.remove(path)
        file.seek(first)
        for name, digest, size, has in _entries(file):
            await asyncio.sleep_ms(0)  # the watchdog, and whoever else waits
            path, at = there + "/" + name, file.tell()
            if flashfiles.sha(path) != digest:
                if has:
                    flashfiles.make_folders(path)
                    flashfiles.write_from(file, size, path)
                elif flashfiles.kind(here + "/" + name) == 1:
                    flashfiles.copy_file(here + "/" + name, path)
                if flashfiles.sha(path) != digest:
                    raise Refused(protocol.REFUSED_DAMAGED)
            file.seek(at + (size if has else 0))
        slots.write(slots.running(), 3 - slots.running(), 0, 0)


def path_of(what):
    """Return the file that OP_READ asks for; None for one that nobody may read."""
    if what == protocol.READ_MANIFEST and slots.running():
        return slots.FOLDERS[slots.running()] + "/" + slots.MANIFEST
    return SETTINGS if what == protocol.READ_SETTINGS else None


def _settings():
    """Put the settings in place where they are right: a cut leaves the old ones or the new."""
    with open(settings.PARCEL, "rb") as file:
        data = file.read()
    try:
        limits.checked(json.loads(data.decode()), settings.detector_names)
    except ValueError:
        raise Refused(protocol.REFUSED_NOT_RIGHT) from None
    os.rename(settings.PARCEL, SETTINGS)


def _check_head(file, here):
    """Raise Refused for another chip's code, or a MicroPython that is too old for it."""
    try:
        least = list(file.read(2))
        arch = file.read(file.read(1)[0]).decode()
    except (IndexError, ValueError):
        raise Refused(protocol.REFUSED_NOT_RIGHT) from None
    with open(here + "/" + slots.MANIFEST, "rb") as manifest:
        begins = manifest.read(200).decode()  # the names are ASCII, and the files come later
    if arch != ANY_ARCH and '"arch":"%s"' % arch not in begins:
        raise Refused(protocol.REFUSED_OTHER_CHIP)
    if list(sys.implementation.version[:2]) < least:
        raise Refused(protocol.REFUSED_TOO_OLD)


def _entries(file):
    """Yield (name, SHA-256 in hex, size, whether the content follows) of each file.

    The file stands before the content then; whoever asks for the next has passed it.
    """
    while True:
        head = file.read(1)
        if not head:
            return
        name, rest = file.read(head[0]), file.read(37)
        if len(rest) != 37 or rest[36] > 1:
            raise Refused(protocol.REFUSED_DAMAGED)
        try:
            name = name.decode()
        except ValueError:
            raise Refused(protocol.REFUSED_NOT_RIGHT) from None
        if not name or name[0] == "/" or ".." in name:
            raise Refused(protocol.REFUSED_NOT_RIGHT)
        digest = binascii.hexlify(rest[:32]).decode()
        yield name, digest, struct.unpack("<I", rest[32:36])[0], rest[36] == 1
