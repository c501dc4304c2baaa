"""A board with a small heap: runs code line by line, its flash in a file of the host's.

Under MicroPython's unix port with -X heapsize. argv: the file of the flash. Each line of the
standard input is one piece of code, as JSON.
"""

import json
import os
import sys

import vfs

BLOCK = 4096


class Flash:
    """512 blocks in a file, so that they cost no heap."""

    def __init__(self, path):
        self._file = open(path, "r+b")

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.write(buf)

    def ioctl(self, op, arg):
        return {4: 512, 5: BLOCK, 6: 0}.get(op)


class Machine:
    """What a start needs of `machine`."""

    WDT_RESET, DEEPSLEEP_RESET = 3, 4

    def reset_cause(self):
        return 1

    def reset(self):
        raise SystemExit

    def unique_id(self):
        return b"\1\2\3\4\5\6"


sys.modules["machine"] = Machine()
flash = Flash(sys.argv[1])
vfs.VfsLfs2.mkfs(flash)
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(flash), "/")
os.chdir("/")
sys.path[:] = ["", ".frozen", "/lib"]
space = {"__name__": "__main__"}
while True:
    line = sys.stdin.readline()
    if not line:
        break
    line = json.loads(line)
    exec(line, space)
print("all of it ran")
