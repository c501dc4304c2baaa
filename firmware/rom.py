"""Runs a slot's program where it lies in flash: mapped into memory, its code takes no heap.

Touches the port's ROM partition (`vfs.rom_ioctl`), /rom.ok, the slot's files (read alone) and
`sys.path`. Stage 0 asks for it before it starts a slot. The slot stays the truth: the partition is
a copy of it, made anew when another slot is to run, and not used while it is not whole. So a cut
at any write leaves what there was, and a board without a partition runs from the slot as ever.

/rom.ok: CRC-32 of the slot's manifest, bytes of the image, their CRC-32 (three I, little-endian).
The image is MicroPython's ROMFS (docs/reference/romfs.rst). Code and strings stay in flash;
machine code is copied to where a chip can execute it; tables of names are made in the heap.
"""

import binascii
import gc
import os
import struct
import sys

PLACE = "/rom"
NOTE = "/rom.ok"
MANIFEST = "/manifest.json"
MAGIC = b"\xd2\xcd\x31"
DATA, FOLDER, FILE = 2, 4, 5  # kinds of records
BLOCK = 4096
PIECE = 512
_COUNT, _GET, _ERASE, _WRITE, _DONE = 1, 2, 3, 4, 5  # of rom_ioctl
_ERASE_BLOCK = 6  # of a block device's ioctl


def use(folder, vfs=None):
    """Let imports find a slot's program in flash; return whether they do now.

    vfs: the module, or who stands for it. What goes wrong here is said, and costs heap alone.
    """
    try:
        if vfs is None:
            import vfs
        device = _device(vfs)
        if device is None:
            return False
        _unmount(vfs)
        manifest = _crc_of(folder + MANIFEST)
        if not _whole(device, manifest):
            gc.collect()
            _fill(vfs, device, folder, manifest)
        vfs.mount(vfs.VfsRom(device), PLACE)
    except (OSError, ValueError, MemoryError, ImportError) as error:
        print("notturno: it runs from the slot's files:", error)
        return False
    sys.path[:] = [PLACE, PLACE + "/lib"] + sys.path
    return True


def _device(vfs):
    """Return the first ROM partition, whose bytes `memoryview` shows; None where there is none."""
    if not hasattr(vfs, "rom_ioctl") or not hasattr(vfs, "VfsRom"):
        return None
    if vfs.rom_ioctl(_COUNT) < 1:
        return None
    device = vfs.rom_ioctl(_GET, 0)
    if isinstance(device, int) or len(memoryview(device)) < BLOCK:
        return None
    return device


def _unmount(vfs):
    """The port has mounted what lies there, whatever it is."""
    try:
        vfs.umount(PLACE)
    except OSError:
        pass


def _crc_of(path):
    crc = 0
    piece = bytearray(PIECE)
    with open(path, "rb") as file:
        n = file.readinto(piece)
        while n:
            crc = binascii.crc32(memoryview(piece)[:n], crc)
            n = file.readinto(piece)
    return crc & 0xFFFFFFFF


def _whole(device, manifest):
    """Is the image all there, and of the slot with this manifest?"""
    try:
        with open(NOTE, "rb") as file:
            note = file.read(13)
    except OSError:
        return False
    if len(note) != 12:
        return False
    of, size, crc = struct.unpack("<III", note)
    image = memoryview(device)
    if of != manifest or size > len(image):
        return False
    return binascii.crc32(image[:size]) & 0xFFFFFFFF == crc


# --- the image -----------------------------------------------------------------------------------


def _number(value):
    """Return a number in groups of seven bits, the highest first."""
    out = bytes((value & 0x7F,))
    while value > 0x7F:
        value >>= 7
        out = bytes((0x80 | value & 0x7F,)) + out
    return out


def _files(folder, inner=""):
    """Return [(name below the folder, bytes)] of a slot, in order."""
    found = []
    for name in sorted(os.listdir(folder + inner)):
        path = inner + "/" + name
        what = os.stat(folder + path)
        if what[0] & 0x4000:
            found += _files(folder, path)
        elif path != MANIFEST:
            found.append((path[1:], what[6]))
    return found


def _records(files, above=""):
    """Return ([(bytes, path or None, size of the file)] of a folder's records, bytes in all)."""
    out, total, folders = [], 0, []
    for path, size in files:
        name, _, rest = path.partition("/")
        if rest:
            if name not in folders:
                folders.append(name)
            continue
        data = _number(DATA) + _number(size)
        body = _number(len(name)) + name.encode() + data
        head = _number(FILE) + _number(len(body) + size) + body
        out.append((head, above + name, size))
        total += len(head) + size
    for name in folders:
        start = name + "/"
        inner = [(path[len(start) :], size) for path, size in files if path.startswith(start)]
        records, length = _records(inner, above + start)
        body = _number(len(name)) + name.encode()
        head = _number(FOLDER) + _number(len(body) + length) + body
        out.append((head, None, 0))
        out += records
        total += len(head) + length
    return out, total


class _Writer:
    """Bytes in a row to the partition, by blocks; the first block last."""

    def __init__(self, vfs, device):
        self._vfs = vfs
        self._device = device
        self._blocks = hasattr(device, "ioctl")
        self._first = bytearray(BLOCK)
        self._buf = self._first
        self.at = 0
        self.crc = 0

    def erase(self, size):
        if not self._blocks:
            self._vfs.rom_ioctl(_ERASE, 0, size)
            return
        for block in range((size + BLOCK - 1) // BLOCK):
            self._device.ioctl(_ERASE_BLOCK, block)

    def add(self, data):
        self.crc = binascii.crc32(data, self.crc)
        done = 0
        while done < len(data):
            at = self.at % BLOCK
            n = min(BLOCK - at, len(data) - done)
            self._buf[at : at + n] = data[done : done + n]
            self.at += n
            done += n
            if self.at % BLOCK == 0:
                self._put(self.at - BLOCK)

    def _put(self, start):
        if self._buf is not self._first:
            self._write(start, self._buf)
        elif start == 0:
            self._buf = bytearray(BLOCK)

    def _write(self, start, data):
        if self._blocks:
            self._device.writeblocks(start // BLOCK, data, 0)
        else:
            self._vfs.rom_ioctl(_WRITE, 0, start, data)

    def close(self):
        rest = self.at % BLOCK
        if rest and self.at > BLOCK:
            self._put(self.at - rest)
        self._write(0, self._first)
        if not self._blocks:
            self._vfs.rom_ioctl(_DONE, 0)


def _fill(vfs, device, folder, manifest):
    """Write the image of a slot. Raises OSError where it does not fit or does not come back."""
    records, length = _records(_files(folder))
    head = _number(length)
    if (len(MAGIC) + len(head) + length) % 2:
        head = b"\x80" + head
    size = len(MAGIC) + len(head) + length
    if size > len(memoryview(device)):
        raise OSError(28, "the ROM partition is too small")
    try:
        os.remove(NOTE)
    except OSError:
        pass
    out = _Writer(vfs, device)
    out.erase(size)
    out.add(MAGIC + head)
    piece = bytearray(PIECE)
    for record, path, left in records:
        out.add(record)
        if path is None:
            continue
        with open(folder + "/" + path, "rb") as file:
            while left:
                n = file.readinto(memoryview(piece)[: min(left, PIECE)])
                if not n:
                    raise OSError(5, "a file has changed")
                out.add(memoryview(piece)[:n])
                left -= n
    out.close()
    crc = out.crc & 0xFFFFFFFF
    if out.at != size or binascii.crc32(memoryview(device)[:size]) & 0xFFFFFFFF != crc:
        raise OSError(5, "the ROM partition does not keep what is written")
    with open(NOTE, "wb") as file:
        file.write(struct.pack("<III", manifest, size, crc))
    if hasattr(os, "sync"):
        os.sync()
