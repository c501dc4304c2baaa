"""A bus on which nothing lives but registers that a test sets: what a driver writes, and when.

The chips' models answer as a part would; here a test says every byte itself, so that a code in a
driver is held against the maker's table and nothing else.
"""


class ScriptedBus:
    """`regs`: what is read; `wrote`: [(ms, register, bytes)]; `waits_ms`: each sleep."""

    def __init__(self, **regs):
        self.regs = {int(name[1:], 16): value for name, value in regs.items()}
        self.queued = {}  # register -> answers to be given first, each once
        self.wrote, self.asked, self.waits_ms = [], [], []
        self.refused = 0  # so many of the next transfers fail

    def sleep_ms(self, ms):
        self.waits_ms.append(ms)

    @property
    def now_ms(self):
        return sum(self.waits_ms)

    def _refuse(self):
        if self.refused:
            self.refused -= 1
            raise OSError(19)

    def readfrom_mem_into(self, address, register, buf):
        self.asked.append((address, register, len(buf)))
        self._refuse()
        if self.queued.get(register):
            data = self.queued[register].pop(0)
        else:
            data = self.regs.get(register, 0)
        data = bytes([data]) if isinstance(data, int) else data
        buf[:] = (data + bytes(len(buf)))[: len(buf)]

    def writeto_mem(self, address, register, buf):
        self._refuse()
        self.wrote.append((self.now_ms, register, bytes(buf)))

    def words(self):
        """Return what was written of single bytes: "after ms: register=value ..."."""
        lines, before = [], None
        for ms, register, data in self.wrote:
            if ms != before:
                lines.append(f"{ms}:")
                before = ms
            lines[-1] += f" {register:02X}={data.hex().upper()}"
        return lines
