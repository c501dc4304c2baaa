"""Files of the flash as an update handles them: hashed, copied, taken away with their folders.

MicroPython and its standard library alone: the host sends this text to a board without a program
too. Touches the paths that it is given.
"""

import binascii
import hashlib
import os


def kind(path):
    """0: nothing is there; 1: a file; 2: a folder."""
    try:
        return 2 if os.stat(path)[0] & 0x4000 else 1
    except OSError:
        return 0


def sha(path):
    """SHA-256 in hex of a file, read in pieces; "" where there is none."""
    total = hashlib.sha256()
    piece = bytearray(512)
    view = memoryview(piece)
    try:
        with open(path, "rb") as file:
            n = file.readinto(piece)
            while n:
                total.update(view[:n])
                n = file.readinto(piece)
    except OSError:
        return ""
    return binascii.hexlify(total.digest()).decode()


def walk(folder):
    """Paths of all below a folder, folders after what they hold."""
    found = []
    for name in sorted(os.listdir(folder)):
        path = folder + "/" + name
        if kind(path) == 2:
            found += walk(path)
        found.append(path)
    return found


def make_folders(path):
    """Make the folders above a file."""
    at = path.find("/", 1)
    while at > 0:
        if kind(path[:at]) == 1:
            os.remove(path[:at])
        if not kind(path[:at]):
            os.mkdir(path[:at])
        at = path.find("/", at + 1)


def take_away(path):
    """Remove a file, or a folder with what it holds; return whether there was one."""
    what = kind(path)
    if what == 2:
        for inner in walk(path):
            (os.rmdir if kind(inner) == 2 else os.remove)(inner)
        os.rmdir(path)
    elif what:
        os.remove(path)
    return what > 0


def copy_file(old, new):
    """Copy a file, a block at a time."""
    make_folders(new)
    with open(old, "rb") as source:
        write_from(source, os.stat(old)[6], new)


def write_from(source, size, new):
    """Write the next `size` bytes of an open file to a new one; fewer where it ends early."""
    piece = bytearray(512)
    view = memoryview(piece)
    with open(new, "wb") as target:
        while size > 0:
            n = source.readinto(view[:size])
            if not n:
                return
            target.write(view[:n])
            size -= n
