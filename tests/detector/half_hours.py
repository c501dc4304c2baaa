"""Half hours of the synthetic sleeper as the detector's facts, for the tests of the stream.

Full nights would say no more: each profile is here with what it is about.
"""

from functools import cache

from notturno import sleeper
from notturno.detect import engines
from notturno.detect.recording import Recording
from notturno.sleeper import models, sensor
from notturno_core import detector, namer, segments, wire

SEED = 6
HOURS = 0.5
PROFILES = (
    "foot_tremor",
    "fragmentary",
    "plm_short",
    "pump",
    "restless",
    "snore",
    "table",
    "mixed",
)
NAMES = (*PROFILES, "mixed at a wrist")


@cache
def facts_of(name):
    """Return (rate in mHz, samples, facts in their order) of a half hour; do not change them."""
    profile, _, elsewhere = name.partition(" at ")
    model = models.HELD_OUT[3] if elsewhere else models.TUNING[2]
    night = sleeper.night_world(profile, SEED, HOURS, model)
    acc, odr_hz = sensor.record(night, SEED, model=model)
    recording = Recording(acc, model.part.mg_per_lsb, odr_hz)
    state, rows = engines.rows_of(recording)
    facts = detector.facts_in_order(state, rows, len(rows) // segments.OUT_WORDS)
    return state[segments.S_ODR_MHZ], state[segments.S_SAMPLE], facts


def told_of(name, moments=(), gaps_every=0):
    """Return what is told of a half hour: (what, values, sample).

    moments: samples at which it is asked besides. gaps_every: facts between gaps, 0 for none.
    """
    odr_mhz, samples, facts = facts_of(name)
    stream, moments = namer.Namer(odr_mhz), sorted(moments, reverse=True)
    told = []
    for number, found in enumerate(facts, start=1):
        while moments and moments[-1] <= found["closed_sample"]:
            told += stream.advance(moments.pop())
        told += stream.feed(dict(found))
        if gaps_every and number % gaps_every == 0:
            told += stream.gap()
    return told + stream.finish(samples)


def segments_of(told):
    """Return (values, sample) of the final rows that are no contexts."""
    return [
        (values, at)
        for what, values, at in told
        if what == namer.FINAL and values["source"] != wire.SOURCE_CONTEXT
    ]
