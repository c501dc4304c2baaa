"""What a drain takes of the heap, with the collector off, on the small machine.

Run by the unix port: sys.argv[1:] = folder for the log, file of FIFO words, number of drains. Says
for each drain: records logged by kind, bytes taken in all, and those that the driver took. The
minute's own collection is left out, or its garbage would not be seen.
"""

import gc
import json
import os
import sys
import time

import config
import machine
import world

machine.words_path = sys.argv[2]
os.chdir(sys.argv[1])

from drivers.lsm6dsox import Lsm6dsox  # noqa: E402
from notturno_core.eventlog import EventLog  # noqa: E402
from power import Clock  # noqa: E402
from recorder import Recorder  # noqa: E402
from storage import FolderStorage  # noqa: E402

EVERY_MS = 2351  # the watermark's


class Metered(Lsm6dsox):
    taken = 0

    def drain_into(self, samples):
        before = gc.mem_alloc()
        n = Lsm6dsox.drain_into(self, samples)
        Metered.taken += gc.mem_alloc() - before
        return n


class NoCollector:
    collect = staticmethod(lambda: None)


sys.modules["recorder"].gc = NoCollector
kinds = []
log = EventLog(FolderStorage("log"), lambda: 7)
log.open()
clock = Clock(time.ticks_ms, time.ticks_diff)
recorder = Recorder(Metered(machine.I2C(), time.sleep_ms), log, clock.now_ms, lambda: 3900, config)
recorder.start()
append = log.append


def counted(kind, payload):
    kinds.append(kind)
    return append(kind, payload)


log.append = counted
for _number in range(int(sys.argv[3])):
    world.pass_ms(EVERY_MS)
    kinds = []
    gc.collect()
    gc.disable()
    Metered.taken = 0
    before = gc.mem_alloc()
    recorder.drain()
    taken = gc.mem_alloc() - before
    gc.enable()
    print(json.dumps({"kinds": kinds, "taken": taken, "driver": Metered.taken}))
