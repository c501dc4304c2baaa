"""The detector's output is known by its version: what changes the one raises the other.

Nights are told apart, and never pooled, by the version of the detector that named their events.
"""

import hashlib
import json

import pytest
from executors import Run, chunks_of
from golden_streams import streams
from notturno.detect import source
from notturno_core import detector, wire
from streams import words_of

# {DETECTOR_VERSION: hash of the default settings, of all rows and of their values}. A line is
# written once: nights in people's stores carry its version, so another output needs another.
GOLDEN = {
    3: "4399a6b72d55a64eea59158bc3caef9bfe091745568916fe88052a46f6687b90",
}


def rows_of(module, stream):
    """Return (state, rows) of a detector module over a stream, gaps included."""
    run = Run(module)
    run.state = module.new_state(round(stream.odr_hz * 1000), round(stream.mg_per_lsb * 1000))
    for number, (part, n) in enumerate(chunks_of(words_of(stream.acc), [64]), start=1):
        run.feed(part, n)
        if stream.gap_every and number % stream.gap_every == 0:
            run.gap()
    run.finish()
    return run.state, run.rows


def values_of(module, state, rows):
    """Return every row in physical units, as a list of dicts."""
    kinds = rows[detector.OUT_KIND :: detector.OUT_WORDS]
    read = {detector.KIND_MINUTE: module.minute_values}
    return [
        read.get(kind, module.event_values)(state, rows, row) for row, kind in enumerate(kinds)
    ]


def golden_hash(module):
    """Return the hash of a detector's settings and its whole output over the golden streams."""
    found = hashlib.sha256(json.dumps(module.DEFAULTS, sort_keys=True).encode())
    for name, stream in streams().items():
        state, rows = rows_of(module, stream)
        found.update(name.encode())
        found.update(",".join(map(str, rows)).encode())
        found.update(json.dumps(values_of(module, state, rows), sort_keys=True).encode())
    return found.hexdigest()


def test_another_output_has_another_version():
    version, now = detector.DETECTOR_VERSION, golden_hash(detector)
    assert version in GOLDEN, (
        f"The detector says it is version {version}, which has no golden hash: "
        f'add {version}: "{now}" to GOLDEN, below what stands there.'
    )
    assert GOLDEN[version] == now, (
        f"The detector's output is no longer that of version {version}: raise DETECTOR_VERSION "
        f'and add its hash "{now}" to GOLDEN. A hash never changes for a version that stands '
        "there, for nights carry that version."
    )
    assert version == max(GOLDEN), "a version goes up, never down"


def test_the_golden_streams_hold_every_kind_of_row_and_most_flags():
    kinds, flags, minutes = set(), 0, 0
    for stream in streams().values():
        state, rows = rows_of(detector, stream)
        for value in values_of(detector, state, rows):
            if "kind" in value:
                kinds.add(value["kind"])
                flags |= value["flags"]
            else:
                minutes |= value["flags"]
    assert kinds == set(wire.EVENT_NAMES) - {wire.EVENT_GAP}  # a gap is the recorder's
    for flag in (
        wire.FLAG_CLIPPED,
        wire.FLAG_IN_RHYTHM,
        wire.FLAG_POSTURE_CHANGED,
        wire.FLAG_CLONIC_BAND,
        wire.FLAG_LARGE,
    ):
        assert flags & flag, wire.FLAG_NAMES[flag]
    for flag in (wire.MINUTE_NOT_WORN, wire.MINUTE_STILL, wire.MINUTE_CLIPPED, wire.MINUTE_AWAKE):
        assert minutes & flag


@pytest.mark.parametrize(
    ("stage", "before", "after"),
    [
        ("jerk_path", "env = env + ((m - env) >> k)", "env = env + ((m - env) >> 1)"),
        ("movement_path", "a = a - (a >> 3)", "a = a - (a >> 2)"),
        ("arbiter", "(b * 3 + a) >> 2", "(b + a) >> 1"),
        ("arbiter", "state[_STILL_RUN] * state[_MINUTE]", "state[_STILL_RUN]"),
        ("arbiter", "state[_NW_END] = state[e + OUT_ONSET]", "state[_NW_END] = now"),
        ("event_values", "peak * 16 // floor", "peak * 12 // floor"),
        ("minute_values", "(chord_mg * 573 + 5000)", "(chord_mg * 573)"),
        ("new_state", "odr_mhz < 40000", "odr_mhz < 20000"),
    ],
)
def test_a_change_in_any_part_of_the_detector_changes_the_hash(stage, before, after):
    """What the hash is worth: one number in each part, and it is another detector."""
    head, name, body = source.TEXT.partition(f"def {stage}(")
    assert before in body
    other = source.fresh_detector()
    text = head + name + body.replace(before, after, 1)
    exec(compile(text, "changed", "exec"), vars(other))
    assert golden_hash(other) != golden_hash(detector)
