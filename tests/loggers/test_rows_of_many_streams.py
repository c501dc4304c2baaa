"""However quickly a file is read and its rows are named: they are those of the plain way.

The plain way takes the counts from memory, runs the detector's source in Python from the first
sample to the last, names by the form that asks every row of every other, and tells the times of an
event one by one.
"""

import itertools

import numpy as np
import pytest
from notturno import sleeper
from notturno.bench import cwa_night
from notturno.detect import ahead, engines, recording
from notturno.loggers.load import load
from notturno.loggers.replayed import replayed
from notturno.sleeper import models, sensor
from notturno_core import detector, namer, segments, wire
from plain_namer import PlainNamer
from whole import whole_or

# A seed a form, or more: each form meets each profile.
HOURS, LENGTH_S, SEEDS = 0.1, 110, whole_or((1, 2, 3, 4, 5), (1, 2, 3))
FORMS = {"packed": cwa_night.PACKED_MG, "sixteen": cwa_night.MG_PER_LSB, "npz": None}


def streams(profile):
    """Yield (form, counts, mg a count, Hz) of a profile's short nights, each form in turn."""
    forms = itertools.cycle(FORMS)
    for _ in range(sleeper.profile_names().index(profile) % len(FORMS)):
        next(forms)
    for seed in SEEDS:
        form, model = next(forms), models.TUNING[seed % len(models.TUNING)]
        worn = sensor.Sensor(sleeper.night_world(profile, seed, HOURS, model), seed, model)
        odr_hz, mg = worn.odr_hz, model.part.mg_per_lsb
        acc = worn.read(0, int(LENGTH_S * odr_hz))  # the rest of the night need not be made
        if FORMS[form]:
            acc, mg, odr_hz = (
                np.round(acc * (mg / FORMS[form])).astype(np.int16),
                FORMS[form],
                100.0,
            )
        yield form, acc, mg, odr_hz


def written(folder, form, acc, mg, odr_hz):
    if form == "npz":
        recording.save(folder / "a.npz", recording.Recording(acc, mg, odr_hz))
        return folder / "a.npz"
    (folder / "a.cwa").write_bytes(cwa_night.cwa_of(acc, form == "packed"))
    return folder / "a.cwa"


def plainly(whole, settings):
    """Return (events, minutes) by the plain way."""
    state = engines.start(whole, settings)
    acc = whole.acc
    if whole.mg_per_lsb > 0.6:  # a logger's count is too large for the detector's reckoning
        room = 32000 / np.abs(acc.astype(int)).max(), whole.mg_per_lsb / 0.12
        acc = acc * np.int16(2 ** int(np.log2(min(room))))
    state, rows = engines.by_python(segments, state, engines.raw_words(acc))
    facts = [
        (segments.minute_facts if kind == segments.ROW_MINUTE else segments.facts)(state, rows, k)
        for k, kind in enumerate(rows[segments.OUT_KIND :: segments.OUT_WORDS])
    ]
    stream = PlainNamer(state[segments.S_ODR_MHZ], detector.split(settings)[1])
    told = []
    for found in sorted(facts, key=lambda found: (found["closed_sample"], found["row"])):
        told += stream.feed(found)
    told += stream.finish(len(whole.acc))
    given, events, minutes = {}, [], []
    for what, values, at in told:
        if what == namer.PROVISIONAL:
            given[values["number"]] = (at, values["kind"])
        elif what == namer.FINAL:
            events.append(
                event_of(
                    values, *given.get(values["number"], (at, values["kind"])), at, whole.odr_hz
                )
            )
        else:
            minutes.append((values["sample"], values["jerks"], values["flags"]))
    return events, minutes


def event_of(values, provisional, kind, final, hz):
    onset, rhythm = values["onset_sample"], values["kind"] == wire.EVENT_RHYTHM
    end_s = (onset + max(1, values["duration_samples"]) - 1) / hz + 1 / hz
    names = {bit: name for bit, name in wire.FLAG_NAMES.items() if values["flags"] & bit}
    return {
        "kind": wire.EVENT_NAMES[values["kind"]],
        "onset_s": round(onset / hz, 4),
        "duration_s": round(end_s - onset / hz, 4),
        "rhythm_hz": values["rhythm_mhz"] / 1000 if rhythm else None,
        "beats": values["beats"] if rhythm else None,
        "confidence": values["confidence_pct"] / 100,
        "flags": list(names.values()),
        "provisional_s": round(provisional / hz, 3),
        "provisional_kind": wire.EVENT_NAMES[kind],
        "final_s": round(final / hz, 3),
        **{name: values[name] for name in ("peak_mg", "peak_jerk_mg_per_s", "number")},
        **{name: values[name] for name in engines.FACTS},
    }


@pytest.mark.parametrize("profile", sleeper.profile_names())
def test_the_rows_of_a_file_are_those_of_the_plain_way(profile, tmp_path, monkeypatch):
    """Five streams of each of 24 profiles, in three forms, the compiled loop going far ahead."""
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(ahead, "_FIRST_SAMPLES", 640)
    for form, acc, mg, odr_hz in streams(profile):
        loaded = load(written(tmp_path, form, acc, mg, odr_hz))
        whole = loaded.recording
        n = len(whole.acc)
        assert n > len(acc) - 120 and (whole.acc == acc[:n]).all() and not whole.breaks
        found = replayed(loaded)
        events, minutes = plainly(whole, loaded.settings)
        assert found.events == events
        assert [
            (each["sample"], each["jerks"], each["flags"]) for each in found.minutes
        ] == minutes


def test_those_streams_hold_what_there_is_to_name(tmp_path):
    kinds = set()
    for profile in sleeper.profile_names():
        form, acc, mg, odr_hz = next(streams(profile))
        kinds |= {
            event["kind"]
            for event in replayed(load(written(tmp_path, form, acc, mg, odr_hz))).events
        }
    assert kinds >= {"jerk", "lm", "rhythm"}
