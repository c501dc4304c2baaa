"""The band's whole program on the small machine, session after session; says what memory it takes.

Run by the unix port: sys.argv[1:] = image of the flash, seconds of each session with commas, file
of FIFO words, and a ROMFS image that the program runs from, where it is not on the path. Says what
is alive after a collection: when all is imported, and at the start and the end of each session.
"""

import gc
import sys

import vfs
import world


def say(what, **values):
    import json

    values["what"] = what
    print(json.dumps(values))


class File:
    """A block device in a file of the host: what littlefs gets of the flash. Takes no memory."""

    def __init__(self, path, blocks, size=4096):
        self._size = size
        self._blocks = blocks
        self._file = open(path, "r+b")

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * self._size + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._file.seek(block * self._size + offset)
        self._file.write(buf)

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return self._size
        if op == 6:
            return 0
        return 0


def main():
    import os

    import machine
    import virtual_loop

    flash, lengths = sys.argv[1], [int(s) for s in sys.argv[2].split(",")]
    plan, at = [], 0
    for seconds in lengths:
        plan += [(at + 30000, True), (at + 30000 + seconds * 1000, False)]
        at = plan[-1][0]
    plan.append((at + 30000, True))
    world.plan = tuple(plan)
    device = File(flash, os.stat(flash)[6] // 4096)
    vfs.VfsLfs2.mkfs(device)
    lfs = vfs.VfsLfs2(device)
    machine.words_path = sys.argv[3]
    machine.I2C()
    vfs.mount(lfs, "/flash")
    if len(sys.argv) > 4:
        with open(sys.argv[4], "rb") as file:
            vfs.mount(vfs.VfsRom(file.read()), "/rom")
        sys.path.append("/rom")
    os.chdir("/flash")
    virtual_loop.install(world)
    gc.collect()
    base = gc.mem_alloc()
    say("base", alloc=base)
    import config

    config.BOARD = "xiao_esp32c3"
    import app

    gc.collect()
    say("imported", alloc=gc.mem_alloc() - base, free=gc.mem_free())
    from recorder import Recorder

    stop, start = Recorder.stop, Recorder.start

    def counted_stop(self, reason):
        was = self.recording
        stop(self, reason)
        if was:
            gc.collect()
            say(
                "session",
                alloc=gc.mem_alloc() - base,
                free=gc.mem_free(),
                samples=self.samples,
                reason=reason,
                lost=machine.the_chip.lost,
            )

    def counted_start(self):
        start(self)
        gc.collect()
        say("start", alloc=gc.mem_alloc() - base)

    Recorder.stop = counted_stop
    Recorder.start = counted_start
    world.at_end = over
    app.run()


def over():
    raise SystemExit


try:
    main()
except SystemExit:
    pass
