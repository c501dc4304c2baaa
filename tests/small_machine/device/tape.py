"""What a driver's drains take of the heap, the chip's answers played from a tape.

Run by the unix port: sys.argv[1:] = driver's module, its class, file of answers, number of drains,
a configuration for the chip that wants one. Says for each drain the samples that it gave and the
bytes that it took, the collector off.
"""

import gc
import json
import sys
from array import array

MAX_RUN = 64  # of the contract; a packed program keeps no name of a constant


class Tape:
    """An I2C bus whose reads give what was read before, in the same order."""

    def __init__(self, answers):
        self._answers = answers
        self._at = 0

    def readfrom_mem_into(self, address, register, buf):
        answers, at = self._answers, self._at
        for i in range(len(buf)):
            buf[i] = answers[at + i]
        self._at = at + len(buf)

    def writeto_mem(self, address, register, buf):
        pass


module, name, path, drains, configuration = sys.argv[1:]
with open(path, "rb") as file:
    tape = Tape(file.read())
driver = getattr(__import__("drivers." + module, None, None, (name,)), name)
sys.modules["drivers." + module].CONFIG = configuration
imu = driver(tape, lambda ms: None)
imu.start()
samples = array("H", [0] * (3 * MAX_RUN))
for _ in range(int(drains)):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    n = imu.drain_into(samples)
    taken = gc.mem_alloc() - before
    gc.enable()
    print(json.dumps({"n": n, "gap": imu.gap, "taken": taken}))
