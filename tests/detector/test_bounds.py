"""No intermediate of the detector leaves 32 bits; no shift or index means another thing on a chip.

Watched execution over the corners of the input: full-scale alternation at every period, holds at
the extremes, -32768, clipping, and a search by hypothesis over rates, scales and settings.
"""

import numpy as np
import pytest
from checked import checked_detector
from executors import Run, chunks_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from notturno.detect import source
from notturno_core import segments
from streams import RATES_HZ, STREAMS, eventful, words_of

EXTREMES = (-32768, -32767, -1, 0, 1, 32766, 32767)


def feed_checked(words, odr_mhz, ug_per_lsb=122, sizes=(64,), gap_every=0, **values):
    run = Run(checked_detector(), odr_mhz, ug_per_lsb)
    run.state = segments.new_state(odr_mhz, ug_per_lsb, **values)
    for number, (part, n) in enumerate(chunks_of(words, list(sizes)), start=1):
        run.feed(part, n)
        if gap_every and number % gap_every == 0:
            run.cut()
    run.cut()
    return run


@pytest.mark.parametrize("odr_hz", RATES_HZ)
@pytest.mark.parametrize("stream", STREAMS, ids=lambda f: f.__name__)
def test_no_operation_leaves_32_bits_on_extreme_streams(stream, odr_hz):
    raw = stream(np.random.default_rng(1), 1500)
    run = feed_checked(words_of(raw), odr_hz * 1000, sizes=(64, 3, 61))
    plain = Run(segments, odr_hz * 1000)
    for part, n in chunks_of(words_of(raw), [64, 3, 61]):
        plain.feed(part, n)
    plain.cut()
    assert run.state == plain.state, "watching must not change the detector"


@pytest.mark.parametrize("ug_per_lsb", [1, 122, 65535])
@pytest.mark.parametrize("odr_hz", RATES_HZ)
def test_no_operation_leaves_32_bits_where_noise_is_broken_by_gaps(odr_hz, ug_per_lsb):
    """Each gap lets the floors run fast; so many could carry them away."""
    raw = STREAMS[0](np.random.default_rng(1), 3000)
    feed_checked(words_of(raw), odr_hz * 1000, ug_per_lsb, gap_every=1)


@pytest.mark.parametrize("odr_mhz", [segments.MIN_ODR_MHZ, segments.MAX_ODR_MHZ])
@pytest.mark.parametrize("half_period", [1, 3, 26])
def test_no_operation_leaves_32_bits_in_a_minute_of_the_worst_that_can_be_held(
    odr_mhz, half_period
):
    """Sums and counters: full-scale movement until the sums of a minute close."""
    t = np.arange(odr_mhz * 61 // 1000)
    wave = np.where(t // half_period % 2, 32767, -32768).astype(np.int16)
    feed_checked(words_of(np.stack([wave, wave, wave], axis=1)), odr_mhz)


@pytest.mark.parametrize("odr_hz", RATES_HZ)
def test_no_operation_leaves_32_bits_from_any_corner_of_the_cube_to_any_other(odr_hz):
    """Every step between corners, held long enough for every filter to settle."""
    corners = [
        (x, y, z) for x in (-32768, 32767) for y in (-32768, 32767) for z in (-32768, 32767)
    ]
    rng = np.random.default_rng(odr_hz)
    path = [corners[i] for i in rng.permutation(8)]
    pairs = [c for a in corners for b in path if a != b for c in (a, b)]
    raw = np.repeat(np.array(pairs, np.int16), odr_hz // 4, axis=0)
    feed_checked(words_of(raw), odr_hz * 1000)


@pytest.mark.parametrize("first_sample", [2**24, 2**31 - 2**20])
def test_no_operation_leaves_32_bits_late_in_a_recording(first_sample):
    """Sample numbers stay below 2**31 for 119 days at 208 Hz."""
    run = Run(checked_detector(), 104000)
    first = first_sample & ~127
    run.state[segments.S_SAMPLE] = first
    raw = eventful(104, minutes=2)
    for part, n in chunks_of(words_of(raw), [64]):
        run.feed(part, n)
    assert run.state[segments.S_SAMPLE] == first + len(raw)


@pytest.mark.parametrize("gap_at", [0, 1, 127])
@pytest.mark.parametrize("odr_mhz", [24000, 37000, 37001, 104000])
def test_floors_that_are_as_high_as_can_be_may_still_warm_up_for_a_whole_block(odr_mhz, gap_at):
    """Up to 37 Hz each sample moves both floors; after a gap by a sixteenth at a time."""
    run = Run(checked_detector(), odr_mhz)
    t = np.arange(gap_at + 3 * 256)
    wave = np.where(t % 2, 32767, -32768).astype(np.int16)
    words = words_of(np.stack([wave, wave, wave], axis=1))
    most = segments._FLOOR_MOST << 6
    run.state[segments._FLOOR] = run.state[segments._MFLOOR] = most
    run.feed(words[: 3 * gap_at], gap_at)
    run.cut()
    for part, n in chunks_of(words[3 * gap_at :], [64]):
        run.feed(part, n)
    highest = max(run.state[segments._FLOOR], run.state[segments._MFLOOR])
    assert highest > most // 2, "the stream is meant to hold the floors up"


# Found by this search: full-scale shaking below 37 Hz, and a gap that comes while the floors are
# high. The jerk path's floor left 32 bits at counts of 122 ug, the movement path's at 1 mg.
@example(24000, 122, [(32767, 32767, 32767, 120)] * 8, True, 10)
@example(37000, 1, [(32767, 32767, 32767, 120)] * 8, True, 14)
@example(24000, 1000, [(32767, 32767, 32767, 120)] * 8, True, 10)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    odr_mhz=st.integers(segments.MIN_ODR_MHZ, segments.MAX_ODR_MHZ),
    ug_per_lsb=st.integers(1, 65535),
    runs=st.lists(
        st.tuples(
            *[st.sampled_from(EXTREMES) | st.integers(-32768, 32767)] * 3, st.integers(1, 120)
        ),
        min_size=1,
        max_size=12,
    ),
    alternate=st.booleans(),
    gap_every=st.integers(0, 20),
)
def test_no_search_finds_a_stream_that_leaves_32_bits(
    odr_mhz, ug_per_lsb, runs, alternate, gap_every
):
    raw = np.concatenate([np.tile([run[:3]], (run[3], 1)) for run in runs])
    if alternate:
        raw[::2] = -1 - raw[::2]
    words = words_of(raw.astype(np.int16))
    feed_checked(words, odr_mhz, ug_per_lsb, sizes=(64, 17), gap_every=gap_every)


def test_the_watch_sees_what_leaves_32_bits(monkeypatch):
    """What the tests above are worth: an operation that does overflow is found."""
    name = "quick_path"
    head, start, body = source.TEXT.partition(f"def {name}(")
    at = body.index("while ")
    line = body.rindex("\n", 0, at)
    worse = body[:line] + "\n    v = (v << 31) >> 31" + body[line:]
    monkeypatch.setattr(source, "TEXT", head + start + worse)
    with pytest.raises(AssertionError, match="leaves 32 bits"):
        feed_checked(words_of(eventful(104, minutes=2)[:640]), 104000)
