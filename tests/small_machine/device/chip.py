"""An LSM6DSOX as its driver sees it, small enough for a small machine; it takes no memory to read.

Touches the file of FIFO words that it is given (7 bytes each, as the chip gives them; a whole
number of the FIFO's rounds, so that the end joins the beginning). Speaks register codes; ms of
`world`. Written after ST's lsm6dsox_reg.h, apart from the driver.
"""

import world

DEPTH_WORDS = 512
ADDRESS = 0x6A
ENODEV = 19
# 104 samples/s with a timestamp word every 32: 107.25 words/s, in 1/100 word per second.
RATE_CWPS = 10725
_FIFO, _LEVEL, _MODE, _CONTROL3, _RATE, _WHO, _TRIM = 0x78, 0x3A, 0x0A, 0x12, 0x10, 0x0F, 0x63


class Chip:
    """path: file of words. Answers as `machine.I2C` does."""

    def __init__(self, path):
        self._file = open(path, "rb")
        self._file.seek(0, 2)
        self._size = self._file.tell()
        self._file.seek(0)
        self._at = 0
        self._regs = bytearray(128)
        self._reset()
        self.lost = 0  # words overwritten
        self.given = 0  # words read
        self.dead = False  # a wire is loose

    def _reset(self):
        for i in range(128):
            self._regs[i] = 0
        self._regs[_WHO] = 0x6C
        self._regs[_CONTROL3] = 0x04
        self._regs[0x2C], self._regs[0x2D] = 0x05, 0x20  # OUTZ: 1000 mg at 4 g
        self._level = 0
        self._part = 0
        self._last_ms = world.now_ms
        self._over = 0

    def writeto_mem(self, address, register, buf, addrsize=8):
        if address != ADDRESS or self.dead:
            raise OSError(ENODEV)
        for i in range(len(buf)):
            if register == _CONTROL3 and buf[i] & 1:
                self._reset()
                return
            self._regs[register] = buf[i]
            if register == _MODE:
                self._level = self._part = self._over = 0
                self._last_ms = world.now_ms
            register += 1

    def readfrom_mem_into(self, address, register, buf, addrsize=8):
        if address != ADDRESS or self.dead:
            raise OSError(ENODEV)
        if register == _FIFO:
            self._give(buf)
            return
        if register == _LEVEL:
            self._count()
        for i in range(len(buf)):
            buf[i] = self._regs[register + i]

    def readfrom_mem(self, address, register, n, addrsize=8):
        buf = bytearray(n)
        self.readfrom_mem_into(address, register, buf)
        return bytes(buf)

    def scan(self):
        return [] if self.dead else [ADDRESS]

    def _count(self):
        """Bring the level up to date and show it in the status registers."""
        streams = self._regs[_MODE] & 7 == 6 and self._regs[_RATE] >> 4
        ms = min(60000, world.now_ms - self._last_ms)
        self._last_ms = world.now_ms
        if streams:
            self._part += ms * RATE_CWPS
            new = self._part // 100000
            self._part -= new * 100000
            self._level += new
        over = self._level - DEPTH_WORDS
        if over > 0:
            self._over = 0x48
            self.lost += over
            self._at += 7 * over
            while self._at >= self._size:
                self._at -= self._size
            self._file.seek(self._at)
            self._level = DEPTH_WORDS
        level = self._level
        self._regs[_LEVEL] = level & 0xFF
        self._regs[_LEVEL + 1] = level >> 8 | self._over
        self._over = 0

    def _give(self, buf):
        n = len(buf)
        got = self._file.readinto(buf)
        self._at += got
        if got < n:
            self._file.seek(0)
            self._at = self._file.readinto(memoryview(buf)[got:])
        self._level -= n // 7
        self.given += n // 7
