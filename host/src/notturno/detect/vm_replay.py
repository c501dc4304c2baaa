# Runs inside the MicroPython VM (started by vm_replay.mjs): the detector over samples in a file.
#
# Touches the VM's memory file system: reads samples, state and job.json in /job, writes rows and
# state and, where the job asks for it, in states the whole state after each chunk.
import json
from array import array

from notturno_core import segments

with open("/job/job.json") as job_file:
    job = json.load(job_file)
chunks, size = iter(job["chunks"]), 0  # sizes; the last one repeats to the end
trace = job["trace"]
state = array("i", bytes(4 * segments.STATE_WORDS))
with open("/job/state", "rb") as state_file:
    state_file.readinto(state)
samples = array("H", bytes(6 * segments.MAX_CHUNK))
view = memoryview(samples)
out = array("i", bytes(4 * segments.OUT_WORDS * segments.MAX_ROWS))
out_view = memoryview(out)
source = open("/job/samples", "rb")
rows = open("/job/rows", "wb")
states = open("/job/states", "wb")
while True:
    size = next(chunks, size)
    n = source.readinto(view[: 3 * size]) // 6
    if n == 0:
        break
    got = segments.process(state, samples, n, out)
    rows.write(out_view[: got * segments.OUT_WORDS])
    if trace:
        states.write(state)
got = segments.cut(state, out)
rows.write(out_view[: got * segments.OUT_WORDS])
for file in (source, rows, states):
    file.close()
with open("/job/state", "wb") as state_file:
    state_file.write(state)
