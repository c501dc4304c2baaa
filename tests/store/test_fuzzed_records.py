"""Whatever records say, the store keeps them, reads what it can, and every query answers.

Records of a night with fields at their extremes, cut, lengthened, shuffled, repeated, in several
boots, logs and bands. NOTTURNO_FUZZ_FRAMES=1000000 tries that many.
"""

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import Pen, frame
from notturno.store import Store
from notturno_core import wire

FRAMES = int(os.environ.get("NOTTURNO_FUZZ_FRAMES", "4500"))
PARTS = 3
EVENING = 1_768_253_400_000
DEVICES = ("5642303030303031", "34859d1a2b3c0000")
BATCH = 60


def extreme(rng, code):
    """Return a value of a struct code: an end of its range, near one, or anywhere."""
    bits = {"B": 8, "H": 16, "I": 32, "Q": 64, "b": 8, "h": 16}[code]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if code in "bh" else (0, (1 << bits) - 1)
    return rng.choice((low, low, high, high, high - 1, low + 1, rng.randint(low, high)))


def mutated(rng, kind, payload):
    """Return a payload with some of its fields at extremes, or with another length."""
    fields = wire.PAYLOAD_FIELDS.get(kind)
    how = rng.random()
    if fields is None or how < 0.1:
        return rng.randbytes(rng.randint(0, 60))
    if how < 0.2:
        return payload[: rng.randint(0, len(payload))]
    if how < 0.25:
        return payload + rng.randbytes(rng.randint(1, 40))
    try:
        values = wire.unpack(fields, payload)
    except wire.WireError:
        return payload
    for name, code in fields:
        if rng.random() < 0.25 and code[-1] != "s":
            count = int(code[:-1] or 1)
            given = tuple(extreme(rng, code[-1]) for _ in range(count))
            values[name] = given if count > 1 else given[0]
    return wire.pack(fields, values)


def a_log(rng):
    """Return (seq, kind, payload) of a few nights in a few boots."""
    records, seq = [], 1
    for boot in range(1, rng.randint(2, 4)):
        pen = Pen(first_seq=seq, boot_id=boot)
        pen.time(1000, EVENING + boot * 86_400_000)
        minutes = rng.choice((3, 30, 90))
        pen.night(2000, minutes, [(i * 1.7 + 0.1, {}) for i in range(minutes // 2)])
        records += [(int.from_bytes(f[:4], "little"), f[4], bytes(f[6:-4])) for f in pen.frames]
        seq = pen.seq + rng.choice((0, 0, 200))
    return records


def batches(rng):
    """Yield (device, log, frames): most of them right, some of them not."""
    devices = [(rng.choice(DEVICES), rng.choice((1, 2, 0xFFFFFFFF))) for _ in range(2)]
    for device, log_id in devices:
        records = a_log(rng)
        wrong = rng.choice((0.02, 0.1, 0.5))
        for i, (seq, kind, payload) in enumerate(records):
            if rng.random() < wrong:
                what = rng.random()
                if what < 0.7:
                    payload = mutated(rng, kind, payload)
                elif what < 0.85:
                    kind = rng.choice((*wire.REC_NAMES, rng.randrange(256)))
                else:
                    seq = rng.choice((seq + 1, 0, 500, 0xFFFFFFFE, rng.randrange(0xFFFFFFFF)))
                records[i] = seq, kind, payload[: wire.MAX_PAYLOAD_LEN]
        if rng.random() < 0.3:
            rng.shuffle(records)
        records += rng.sample(records, len(records) // 10)
        for at in range(0, len(records), BATCH):
            yield device, log_id, [frame(*record) for record in records[at : at + BATCH]]


def read_everything(store):
    for row in store.nights():
        of = row["night"], row["device_id"]
        for read in (store.events, store.minutes, store.sessions, store.gaps, store.marks):
            read(*of)
        store.faults(*of)
        store.night_inputs(*of)
        store.waveforms(*of)
    store.person_nights([row["night"] for row in store.nights()])
    store.night_names()
    store.bands()
    store.faults()
    for device in DEVICES:
        for log_id in (1, 2, 0xFFFFFFFF):
            store.missing(device, log_id, 1, 5000)
            store.last_anchor(device, log_id, 1)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_record_crashes_the_store_or_is_lost(part, tmp_path_factory):
    done = seed = 0
    while done < FRAMES // PARTS:
        rng = random.Random(part * 1_000_000 + seed)
        folder = tmp_path_factory.mktemp("fuzz")
        given = set()
        try:
            with Store.open(folder) as store:
                for device, log_id, frames in batches(rng):
                    pen = store.begin_sync(device, log_id, "Europe/Rome", "0.1.0")
                    store.add(pen, frames)
                    given |= {(device, bytes(f)) for f in frames}
                    done += len(frames)
                read_everything(store)
            with Store.open(folder, create=False) as store:
                read_everything(store)
                kept = store._db.execute(
                    "select device_id, seq, kind, payload from records join logs using (log_key)"
                    " union select device_id, seq, kind, payload from quarantine"
                    " join logs using (log_key)"
                ).fetchall()
                nightless = store._db.execute("select 1 from sessions where night is null")
                assert nightless.fetchone() is None
            assert {(row[0], frame(*row[1:])) for row in kept} == given
        except Exception as error:
            raise AssertionError(f"part {part}, seed {seed}: {error!r}") from error
        seed += 1
