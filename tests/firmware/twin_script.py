"""A program that CPython and MicroPython must answer with the same words.

Runs with the firmware's folders on the path, no other modules. Its numbers come from a generator
of its own, so that both interpreters see the same.
"""

import binascii
from array import array

from drivers import lsm6dsox
from notturno_core import wire
from notturno_core.eventlog import EventLog, LogFull, segment_name
from notturno_core.snippets import Snippets


class PowerCut(Exception):
    pass


class Storage:
    """In memory; the power fails after `power` bytes."""

    def __init__(self, files, power, capacity):
        self.files = files
        self.power = power
        self.capacity = capacity

    def names(self):
        return sorted(self.files)

    def size(self, name):
        return len(self.files[name])

    def free_bytes(self):
        return self.capacity - sum([len(data) for data in self.files.values()])

    def read_into(self, name, offset, buf):
        data = self.files[name][offset : offset + len(buf)]
        buf[: len(data)] = data
        return len(data)

    def append(self, name, buf):
        n = len(buf)
        took = min(n, self.power)
        self.power -= took
        self.files[name] = self.files.get(name, b"") + bytes(buf[:took])
        if took < n:
            raise PowerCut

    def truncate(self, name, size):
        self.files[name] = self.files[name][:size]

    def remove(self, name):
        del self.files[name]

    def replace(self, name, data):
        self.files[name] = bytes(data)

    def sync(self):
        pass


class Numbers:
    """A small generator: x -> 1103515245 x + 12345 mod 2^31, its upper bits."""

    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        self.x = (self.x * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.x >> 8) % n

    def bytes(self, n):
        return bytes([self.below(256) for _ in range(n)])


def digest(crc, data):
    return binascii.crc32(data, crc) & 0xFFFFFFFF


def log_twin(seed):
    """Logs that lose their power again and again, and are damaged, and run full."""
    numbers = Numbers(seed)
    files = {}
    crc = 0
    for life in range(12):
        storage = Storage(files, 200 + numbers.below(3000), 16384 + 9000)
        log = EventLog(storage, lambda: 0x1234, 900)
        log.open()
        print(
            "life", life, log.boot_id, log.first_seq, log.next_seq, log.torn_tail,
            log.found_open, log.corrupt_records, log.lost_records,
        )  # fmt: skip
        try:
            for _ in range(numbers.below(60)):
                log.append(1 + numbers.below(9), numbers.bytes(numbers.below(120)))
                if numbers.below(5) == 0:
                    log.flush()
            if numbers.below(2):
                log.commit(log.next_seq - 1)
            log.close()
        except (PowerCut, LogFull) as error:
            print("ended by", type(error).__name__)
        reader = EventLog(Storage(dict(files), 1 << 30, 1 << 30), lambda: 0x1234, 900)
        reader.open()
        for frame in reader.frames_from(numbers.below(log.next_seq)):
            crc = digest(crc, frame)
        if life % 3 == 2:
            for name in sorted(files):
                if name.startswith("log-"):
                    damaged = bytearray(files[name])
                    damaged[numbers.below(len(damaged))] ^= 1 << numbers.below(8)
                    files[name] = bytes(damaged)
    for name in sorted(files):
        crc = digest(crc, files[name])
    print("log", len(files), "%08x" % crc, segment_name(255))


def unpack_twin(seed):
    """FIFO chunks in order and damaged."""
    numbers = Numbers(seed)
    place = lsm6dsox.new_place()
    samples = array("H", [0] * 192)
    crc = total = 0
    for _ in range(40):
        chunk = bytearray(448)
        for i in range(64):
            tag = 2 << 3 | (i & 3) << 1
            if numbers.below(20) == 0:
                tag = numbers.below(256)
            chunk[7 * i] = tag | (tag >> 4 ^ tag >> 2 ^ tag >> 1) & 1
            chunk[7 * i + 1 : 7 * i + 7] = numbers.bytes(6)
        place[lsm6dsox.U_WORD] = 0
        while True:
            n = lsm6dsox.unpack(chunk, 64, samples, place)
            total += n
            crc = digest(crc, bytes(samples))
            crc = digest(crc, bytes(place))
            if not place[lsm6dsox.U_BROKEN]:
                break
            place[lsm6dsox.U_BROKEN] = 0
    print("unpack", total, "%08x" % crc)


def wire_twin(seed):
    """Every layout with numbers in it."""
    numbers = Numbers(seed)
    crc = 0
    for kind in sorted(wire.PAYLOAD_FIELDS):
        fields = wire.PAYLOAD_FIELDS[kind]
        raw = numbers.bytes(sum([8 for _ in fields]) + 60)
        values = wire.unpack(fields, raw)
        crc = digest(crc, wire.pack(fields, values))
    event = wire.unpack_event(wire.pack_event(wire.unpack(wire.EVENT_FIELDS, numbers.bytes(63))))
    old = wire.unpack_event(wire.pack(wire.EVENT_FIELDS_V1, event))
    second = wire.pack(wire.EVENT_FIELDS_V2, dict(event, layout=2))
    for values in (event, old, wire.unpack_event(second)):
        crc = digest(crc, repr([values[name] for name, _ in wire.EVENT_FIELDS]).encode())
    crc = digest(crc, bytes(wire.flagged_event(wire.pack_event(event), wire.FLAG_PROVISIONAL)))
    print("wire", "%08x" % crc)


def snippet_twin(seed):
    """Three hours of movements: which leave their waveform, and in which bytes."""
    numbers = Numbers(seed)
    snippets = Snippets(60000 if seed else 9000)
    snippets.begin(104000, seed)
    samples = array("H", [0] * 192)
    crc = records = 0
    log = EventLog(Storage({}, 1 << 30, 1 << 30), lambda: 0x1234)
    log.open()
    for number in range(90):
        spread = (3, 40, 900, 65536)[numbers.below(4)]
        for _ in range(8):
            for i in range(192):
                samples[i] = (8197 + numbers.below(spread)) & 0xFFFF
            snippets.ring.extend(samples, 64)
        values = {
            "number": number,
            "kind": 1 + numbers.below(7),
            "flags": numbers.below(16),
            "onset_sample": snippets.ring.end - numbers.below(500),
            "duration_samples": numbers.below(300),
            "peak_mg": numbers.below(4000),
        }
        for payload in snippets.offer(values):
            crc = digest(crc, payload)
            log.append(wire.REC_SNIPPET, payload)
            records += 1
        if numbers.below(9) == 0:
            snippets.ring.gap()
        snippets.ring.end += numbers.below(2 * 120 * 104)
        snippets.ring.gap()
    for frame in log.frames_from(0):
        crc = digest(crc, frame)
    print("snippets", records, "%08x" % crc)


def main():
    for seed in range(4):
        log_twin(seed)
        unpack_twin(seed)
        wire_twin(seed)
        snippet_twin(seed)
    print("twin is done")


main()
