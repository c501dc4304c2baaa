"""A board of the tests: a real MicroPython with a real littlefs, whose power can be cut.

Runs under MicroPython's unix port. Reads one line of JSON per order from the standard input, ends
each answer with a line of its own. The flash is memory; a write may be its last, and torn.
"""

import json
import os
import sys
import time

import vfs

BLOCK = 4096
END = "\x04end"


class Cut(BaseException):
    """The power is gone."""


class Flash:
    """`left` writes are carried out, the next one only for `torn` quarters; then it is dead.

    journal: where a list is given, each write is added to it: (memory, where, what, and what was
    known to be safe before it).
    """

    def __init__(self, data, left=-1, torn=0, journal=None):
        self.data, self.left, self.torn, self.writes = data, left, torn, 0
        self.journal = journal

    def readblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        at, n = block * BLOCK + offset, len(buf)
        if self.left == 0:
            n = n * self.torn // 4
            self.data[at : at + n] = buf[:n]
            self.torn = 0
            raise Cut
        self.left -= 1
        self.writes += 1
        self.data[at : at + n] = buf
        if self.journal is not None:
            self.journal.append((0, at, bytes(buf), machine.durable))

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.data) // BLOCK
        if op == 5:
            return BLOCK
        if op == 6:
            if self.left == 0:
                raise Cut
            return 0


class Rom(bytearray):
    """A ROM partition as an ESP32 shows it: memory to read, blocks to erase and write.

    Bits are written to 0 alone, as in NOR flash; its writes are the same power's as the flash's.
    """

    def ioctl(self, op, arg):
        if op == 6:
            self._spend(arg * BLOCK, b"\xff" * BLOCK, True)
        return {4: len(self) // BLOCK, 5: BLOCK, 6: 0}.get(op)

    def writeblocks(self, block, buf, offset=0):
        self._spend(block * BLOCK + offset, buf, False)

    def _spend(self, at, buf, erase):
        n = len(buf)
        dead = flash.left == 0
        if dead:
            n = n * flash.torn // 4
            flash.torn = 0
        else:
            flash.left -= 1
            flash.writes += 1
        for k in range(n):
            self[at + k] = 0xFF if erase else self[at + k] & buf[k]
        if dead:
            raise Cut
        if flash.journal is not None:
            flash.journal.append((1, at, bytes(self[at : at + n]), machine.durable))


class Vfs:
    """What the program finds as `vfs`: the real one, and the ROM."""

    mount, umount, VfsRom = vfs.mount, vfs.umount, vfs.VfsRom

    @staticmethod
    def rom_ioctl(op, *args):
        if op == 1:
            return 1 if rom else 0
        return rom if op == 2 and rom else -22


class Machine:
    """What the program finds as `machine`; a reset ends the start."""

    WDT_RESET, DEEPSLEEP_RESET = 3, 4

    def __init__(self):
        self.cause = 1
        self.ran = None  # what the last program said of itself
        self.durable = None  # how far a test's records are safe, as it says itself

    def reset_cause(self):
        return self.cause

    def reset(self):
        raise SystemExit

    def unique_id(self):
        return b"\1\2\3\4\5\6"


machine = Machine()


class Time:
    """No start waits."""

    ticks_ms = staticmethod(time.ticks_ms)
    ticks_add = staticmethod(time.ticks_add)
    ticks_diff = staticmethod(time.ticks_diff)

    def sleep_ms(self, ms):
        pass


sys.modules["machine"] = machine
sys.modules["time"] = Time()
sys.modules["vfs"] = Vfs()
path = ["", ".frozen", "/lib"]  # as on a board
flash = None
rom = Rom()
kept = None
space = {}
known = set(sys.modules)


def mount(data, left=-1, torn=0, journal=None):
    global flash, space
    flash = Flash(data, left, torn, journal)
    out_of_rom()
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(flash, progsize=256, readsize=32, lookahead=32), "/")
    os.chdir("/")
    sys.path[:] = path
    space = {"__name__": "__main__"}


def out_of_rom():
    try:
        vfs.umount("/rom")
    except OSError:
        pass


def port_mounts_rom():
    """As the port does before any program: what begins like an image is mounted."""
    out_of_rom()
    if rom[:3] == b"\xd2\xcd\x31":
        vfs.mount(vfs.VfsRom(rom), "/rom")
        sys.path[:] = path + ["/rom", "/rom/lib"]


def new(blocks):
    data = bytearray(blocks * BLOCK)
    vfs.VfsLfs2.mkfs(Flash(data), progsize=256, readsize=32, lookahead=32)
    mount(data)


def start(cause):
    """Start as a board does: its main.py, with nothing imported yet. Return how it ended."""
    machine.cause = cause
    for name in list(sys.modules):
        if name not in known:
            del sys.modules[name]
    sys.path[:] = path
    port_mounts_rom()
    try:
        with open("/main.py") as file:
            code = file.read()
    except OSError:
        return "no program"
    try:
        exec(code, {"__name__": "__main__"})
    except SystemExit:
        return "reset"
    except KeyboardInterrupt:
        return "stopped"
    except Exception as error:
        sys.print_exception(error)
        return "raised"
    return "ended"


def cut(before, codes, left, torn, journal=None):
    """Run `codes` until the power goes at write `left`; return how many writes there were.

    before: (bytes of the flash, of the ROM). journal: gets the writes.
    """
    global rom
    rom = Rom(before[1])
    mount(bytearray(before[0]), left, torn, journal)
    space["start"] = start
    try:
        for code in codes:
            exec(code, space)
    except Cut:
        pass
    writes = flash.writes
    mount(flash.data)
    return writes


def cuts(codes, tears, first, step, checks):
    """Cut `codes` at every write; say for each what `checks` then finds on the flash.

    All that a cut leaves is what was written before it, and the torn part of its write: the codes
    run once, and their writes are laid down one after the other. `machine.durable` is as it was.
    """
    global rom
    checks = compile(checks, "checks", "exec")
    before, journal, found = (bytes(flash.data), bytes(rom)), [], {}
    writes = cut(before, codes, -1, 0, journal)
    memories = bytearray(before[0]), bytearray(before[1])
    for left in range(writes):
        which, at, what, durable = journal[left]
        # the last ones each: what takes over does so there, however many there were before
        if left >= first and ((left - first) % step == 0 or left + 2 * step >= writes):
            for torn in tears:
                n = len(what) * torn // 4
                cut_at = [bytearray(memory) for memory in memories]
                cut_at[which][at : at + n] = what[:n]
                rom = Rom(cut_at[1])
                mount(cut_at[0])
                machine.ran, machine.durable = None, durable
                space["start"], space["machine"] = start, machine
                exec(checks, space)
                key = json.dumps(space["found"])
                found[key] = found.get(key, 0) + 1
        memories[which][at : at + len(what)] = what
    rom = Rom(before[1])
    mount(bytearray(before[0]))
    print(json.dumps([writes, found]))


def order(said):
    global kept, rom
    op = said["op"]
    if op == "new":
        rom = Rom(b"\xff" * (said.get("rom_blocks", 0) * BLOCK))
        new(said["blocks"])
    elif op == "run":
        exec(said["code"], space)
    elif op == "start":
        mount(flash.data)
        machine.ran = None
        print(json.dumps([start(said["cause"]), machine.ran]))
    elif op == "again":
        mount(flash.data)
    elif op == "keep":
        kept = bytes(flash.data), bytes(rom)
    elif op == "back":
        rom = Rom(kept[1])
        mount(bytearray(kept[0]))
    elif op == "cut":
        cut((bytes(flash.data), bytes(rom)), said["codes"], said["left"], said["torn"])
    elif op == "cuts":
        cuts(said["codes"], said["tears"], said["first"], said["step"], said["checks"])


while True:
    line = sys.stdin.readline()
    if not line:
        break
    try:
        order(json.loads(line))
        print(END, "0")
    except Exception as error:
        print(END, "1")
        sys.print_exception(error, sys.stdout)
        print(END)
