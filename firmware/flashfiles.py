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
    make_folders(new)
    with open(old, "rb") as source, open(new, "wb") as target:
        piece = source.read(1024)
        while piece:
            target.write(piece)
            piece = source.read(1024)
