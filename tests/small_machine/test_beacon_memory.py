"""What the dock's beacon takes of a small heap, and that a night after it has all of it again.

The program lies in flash. The second stay on the dock is measured: in the first this VM doubles
its table of names, in which it has those of the stubs too.
"""

import small_kit
from test_run_in_place import FIRST_HEAP_BYTES, MOST_NAMES, STUBS_BYTES, at, names_in, steps
from test_words_of_32_bits import DRAIN

MOST_OF_BEACON_BYTES = 3_000  # on the dock, today 2.3 k: its code's objects, its state, one packet
MOST_LEFT_BYTES = 64

DOCK = """
import asyncio, ciphers
from storage import FolderStorage
from notturno_core.eventlog import EventLog
storage = FolderStorage("log")
log = EventLog(storage, lambda: 7)
log.open()
class Cut(BaseException): pass
async def nap(ms):
    global naps
    naps += 1
    if ms > 1000:
        raise Cut
asyncio.sleep_ms = nap
class Service:
    def address(self): return bytes(6)
    def tell(self, data): pass
gc.collect()
"""
BEGIN = """
import beacon
gc.collect()
"""
MAKE = """
naps = 0
one = beacon.Beacon(
    storage, log, bytes(32), ciphers, lambda: 3900, config, Service(),
    lambda: True, lambda: 1795000000000,
)
gc.collect()
"""
LOOK = """
task = one.run()
try:
    task.send(None)
except Cut:
    pass
del task
gc.collect()
"""
FORGET = """
one.forget()
del one, beacon
gc.collect()
"""


def test_the_beacon_is_small_and_a_night_has_all_of_it_again(tmp_path, firmware, restless):
    all_steps = steps()
    before = all_steps[: all_steps.index("say('parts')") + 1]
    night = ["recorder.start()\ngc.collect()", "left = 100", [DRAIN, "going"]]
    night += ["recorder.stop(1)\ngc.collect()", DOCK]
    stay = ["say('dock')", BEGIN, MAKE, LOOK, "say('beacon')"]
    stay += ["print(json.dumps({'what': 'naps', 'live': naps}))", "micropython.qstr_info()"]
    stay += [FORGET, "say('after')"]
    first = FIRST_HEAP_BYTES + STUBS_BYTES // 2
    said = small_kit.run_32_bit(
        tmp_path, firmware, restless, before + night + stay + stay, first, in_rom=True
    )
    dock, with_it, after, naps = (at(said, what) for what in ("dock", "beacon", "after", "naps"))
    assert naps == [3, 1], "both stays have told something, the first has looked at the log too"
    taken = with_it[1] - dock[1]
    names = names_in(said)
    print(f"it takes {taken} B, leaves {after[1] - after[0]} B; {names[-1] - names[0]} names")
    assert MOST_OF_BEACON_BYTES / 2 < taken <= MOST_OF_BEACON_BYTES
    assert after[1] - after[0] <= MOST_LEFT_BYTES
    assert names[-1] - names[0] <= MOST_NAMES
