"""A storage for the event log that lives in memory and loses its power at a chosen byte.

Touches nothing. Speaks bytes. The contract is the one in `notturno_core.eventlog`.
"""

ENOENT, EIO, ENOSPC = 2, 5, 28


class PowerCut(BaseException):
    """The supply is gone. No firmware code may catch this."""


class MemoryStorage:
    """Files as bytearrays. What was appended and not synced may be lost in a power cut.

    capacity: bytes that fit. power: writes left before PowerCut, counted in bytes and whole-file
    operations; None for ever.
    """

    def __init__(self, capacity=1 << 30, power=None):
        self.files = {}
        self.synced = {}  # name -> bytes that are safe
        self.capacity = capacity
        self.power = power
        self.fail_appends = 0  # this many appends raise EIO, half written
        self.writes = 0

    def _spend(self):
        self.writes += 1
        if self.power is not None:
            if self.power <= 0:
                raise PowerCut
            self.power -= 1

    def after_power_cut(self, keep=lambda name, low, high: low):
        """Return the storage as the next start finds it.

        keep(name, synced, written): how many bytes of the file survive, synced <= n <= written.
        """
        fresh = MemoryStorage(self.capacity)
        for name, data in self.files.items():
            n = keep(name, self.synced.get(name, 0), len(data))
            if n or name in self.synced:
                fresh.files[name] = bytearray(data[:n])
                fresh.synced[name] = n
        return fresh

    def names(self):
        return list(self.files)

    def _file(self, name):
        if name not in self.files:
            raise OSError(ENOENT, name)
        return self.files[name]

    def size(self, name):
        return len(self._file(name))

    def free_bytes(self):
        return max(0, self.capacity - sum(len(data) for data in self.files.values()))

    def read_into(self, name, offset, buf):
        data = self._file(name)[offset : offset + len(buf)]
        memoryview(buf)[: len(data)] = data
        return len(data)

    def append(self, name, buf):
        data = self.files.setdefault(name, bytearray())
        for i, byte in enumerate(bytes(buf)):
            self._spend()
            if not self.free_bytes():
                raise OSError(ENOSPC)
            if self.fail_appends and i == len(buf) // 2:
                self.fail_appends -= 1
                raise OSError(EIO)
            data.append(byte)

    def truncate(self, name, size):
        self._spend()
        del self._file(name)[size:]
        self.synced[name] = min(size, self.synced.get(name, 0))

    def remove(self, name):
        self._spend()
        self._file(name)
        del self.files[name]
        self.synced.pop(name, None)

    def replace(self, name, data):
        self._spend()
        self.files[name] = bytearray(data)
        self.synced[name] = len(data)

    def sync(self):
        self._spend()
        for name, data in self.files.items():
            self.synced[name] = len(data)
