"""The detector's output is known by its version: what changes the one raises the other.

Nights are told apart, and never pooled, by the version of the detector that named their events.
"""

import hashlib
import json
from functools import cache

import pytest
from executors import Run, chunks_of
from golden_streams import streams
from notturno.detect import source
from notturno_core import detector, namer, names, segments, wire
from streams import words_of

# {(DETECTOR_VERSION, names.VERSION): hash of the default settings, of all segments and of what
# they are named}. A line is written once: nights in people's stores carry both versions, so
# another output needs another.
GOLDEN = {
    (4, 1): "9b339dc31c92fa0f8e1cbe7d6ebc2011054c6ff4b5ec4c8cfec546e927384d8c",
    (5, 1): "68fc3649e458762cd0327a0a0bfaec80684179e6b5c12100be6c0ef3ed5e7f5e",
    (5, 2): "949777992dab5097f4df2952198076d3c2a43423c0af9b9daa030f7ad2ee7c01",
    (5, 3): "aa3c5790fda461b22ebb40b50f775aaed1f5d7ebef4f2a2ddbf25cec51c1a70b",
    (5, 4): "aa3c5790fda461b22ebb40b50f775aaed1f5d7ebef4f2a2ddbf25cec51c1a70b",
    (5, 5): "6618efd9e963a68adce835b5cb3096beb3592e5e515849131560af44f921cded",
    (6, 6): "9b80446ae8fce26aefc1ed7703c683e346a5775244106d45e9caadba072ae976",
    (6, 7): "010d554e09b101f01f7bc858e9c4336868182e6a8186ed4684ef0bc5c5746dcc",
    (7, 8): "a15109a9d92f7f58fe52955a7a185365737dbed018b94f63c7c2dc40a61edfce",
    (7, 9): "de1e246bdea14e12a167de33046dc583672c98246a65c0683ef3ec9979a2aa41",
    (7, 10): "aa78b2f1b9723f757e867c0d8e6687441ffda94752846de211004e66cda97991",
    (7, 11): "aa78b2f1b9723f757e867c0d8e6687441ffda94752846de211004e66cda97991",
    (7, 12): "158968e31b0f92d6c605bfe0b13a87a16595108bf4185af7100f59e154a579a6",
}


def rows_of(module, stream, **settings):
    """Return (state, rows) of a segments module over a stream, gaps included."""
    run = Run(module)
    rate, scale = round(stream.odr_hz * 1000), round(stream.mg_per_lsb * 1000)
    run.state = module.new_state(rate, scale, **settings)
    for number, (part, n) in enumerate(chunks_of(words_of(stream.acc), [64]), start=1):
        run.feed(part, n)
        if stream.gap_every and number % stream.gap_every == 0:
            run.cut()
    run.cut()
    return run.state, run.rows


def facts_of(module, state, rows):
    """Return every row in physical units, as a list of dicts, in order."""
    kinds = rows[segments.OUT_KIND :: segments.OUT_WORDS]
    read = {segments.ROW_MINUTE: module.minute_facts}
    found = [read.get(kind, module.facts)(state, rows, row) for row, kind in enumerate(kinds)]
    return sorted(found, key=lambda facts: (facts["closed_sample"], facts["row"]))


def told_of(facts, state):
    """Return what is told of a stream: (what, values, sample)."""
    stream = namer.Namer(state[segments.S_ODR_MHZ])
    told = []
    for found in facts:
        told += stream.feed(dict(found))
    return told + stream.finish(state[segments.S_SAMPLE])


def pieces_of(module):
    """Yield what the hash is made of: the settings, and the whole output of each golden stream."""
    yield json.dumps(detector.DEFAULTS, sort_keys=True).encode()
    for name, stream in streams().items():
        state, rows = rows_of(module, stream)
        facts = facts_of(module, state, rows)
        yield name.encode()
        yield json.dumps(facts, sort_keys=True).encode()
        yield json.dumps(told_of(facts, state), sort_keys=True).encode()


@cache
def golden_pieces():
    """Return the pieces of the detector as it stands."""
    return list(pieces_of(segments))


def golden_hash():
    """Return the hash of the detector's settings and its whole output over the golden streams."""
    return hashlib.sha256(b"".join(golden_pieces())).hexdigest()


def test_another_output_has_another_version():
    version, now = (segments.DETECTOR_VERSION, names.VERSION), golden_hash()
    assert version in GOLDEN, (
        f"The detector says it is version {version}, which has no golden hash: "
        f'add {version}: "{now}" to GOLDEN, below what stands there.'
    )
    assert GOLDEN[version] == now, (
        f"The detector's output is no longer that of version {version}: raise DETECTOR_VERSION "
        f'or names.VERSION and add its hash "{now}" to GOLDEN. A hash never changes for a version '
        "that stands there, for nights carry that version."
    )
    assert version == max(GOLDEN), "a version goes up, never down"


def test_the_golden_streams_hold_every_kind_of_row_and_most_flags():
    kinds, flags, minutes = set(), 0, 0
    for stream in streams().values():
        state, rows = rows_of(segments, stream)
        for what, values, _ in told_of(facts_of(segments, state, rows), state):
            if what == detector.FINAL:
                kinds.add(values["kind"])
                flags |= values["flags"]
            elif what == detector.MINUTE:
                minutes |= values["flags"]
    # a gap is the recorder's; the noise of integers is too even to be a sensor's at rest
    assert kinds == set(wire.EVENT_NAMES) - {wire.EVENT_GAP, wire.EVENT_NOT_WORN}
    for flag in (
        wire.FLAG_CLIPPED,
        wire.FLAG_IN_RHYTHM,
        wire.FLAG_POSTURE_CHANGED,
        wire.FLAG_CLONIC_BAND,
        wire.FLAG_LARGE,
    ):
        assert flags & flag, wire.FLAG_NAMES[flag]
    for flag in (wire.MINUTE_CLIPPED, wire.MINUTE_AWAKE):
        assert minutes & flag


@pytest.mark.parametrize(
    ("stage", "before", "after"),
    [
        ("quick_path", "(v - state[_MX]) >> 6", "(v - state[_MX]) >> 5"),
        ("quick_path", "v >> 2 > state[_UREF]", "v >> 4 > state[_UREF]"),
        ("quick_path", "state[_J + OUT_PEAK] >> 1 < v", "state[_J + OUT_PEAK] < v"),
        ("quick_path", "and state[_ENV] < state[_LOW]:", "and state[_ENV] < 0:"),
        ("movement_path", "v = v - (v >> 3)", "v = v - (v >> 2)"),
        ("floor_stage", "s = s + (s >> 5) + 1", "s = s + (s >> 4) + 1"),
        ("rest_stage", "state[_NLOW] + ((b * b) >> 2)", "state[_NLOW] + ((b * b) >> 1)"),
        ("minute", "out[at + OUT_MOVED] = state[_QUIETS]", "out[at + OUT_MOVED] = 0"),
        ("facts", "8 * variance_q8 >> 8", "2 * variance_q8 >> 8"),
        ("minute_facts", "(chord_mg * 573 + 5000)", "(chord_mg * 573)"),
        ("new_state", '"jerk_on_floor_pct" if', '"jerk_low_floor_pct" if'),
    ],
)
def test_a_change_in_any_part_of_the_detector_changes_the_hash(stage, before, after):
    """What the hash is worth: one number in each part, and it is another detector."""
    head, name, body = source.TEXT.partition(f"def {stage}(")
    assert before in body
    other = source.fresh_detector()
    text = head + name + body.replace(before, after, 1)
    exec(compile(text, "changed", "exec"), vars(other))
    assert any(ours != its for ours, its in zip(golden_pieces(), pieces_of(other), strict=True))
