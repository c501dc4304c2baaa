"""The ring holds what came since the last gap, and what is coded from it comes back bit by bit."""

import numpy as np
import pytest
from fakes.raw_traces import feed, noise, ringing, words
from hypothesis import example, given, settings
from hypothesis import strategies as st
from notturno.nights import waveform
from notturno_core import rawring, wire
from notturno_core.rawring import Coder, Ring

# The coding as it lies in logs: 20 samples, whose last four are a block of their own.
FROZEN_TRACE = [(i * i - 40, (-1) ** i * 30000, 8197 if i < 7 else -3) for i in range(20)]
FROZEN = (
    "070000000000140000001400" + "02" + "01" + "d8ff30750520"
    "8a2222222222222226ab40567ead0159fab40567ead0159fab40567ead0159fab40567ead0159faa0040080100"
    "200400000081f00200400801002004008010024888d5680acfd5a00380"
)


def coded(trace, ring_samples=rawring.RING_SAMPLES, number=7, why=2):
    """Return (payloads, what the ring held of the trace, bytes of flash foretold)."""
    ring = Ring(ring_samples)
    feed(ring, trace)
    coder = Coder(ring)
    payloads = [bytes(p) for p in coder.payloads(number, why, ring.first, ring.end)]
    return payloads, trace[ring.first : ring.end], coder.length(ring.first, ring.end)


def decoded(payloads):
    return np.array(waveform.join(payloads, 104.0, 122).counts, np.int16)


def check(trace):
    payloads, held, length = coded(trace)
    assert np.array_equal(decoded(payloads), held)
    assert length == sum(len(p) + wire.HEADER_LEN + wire.CRC_LEN for p in payloads)
    assert max(map(len, payloads)) <= wire.MAX_PAYLOAD_LEN
    return length / len(held) / 3


counts = st.integers(-32768, 32767)
samples = st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=120)


@settings(max_examples=60, deadline=None)
@given(samples)
@example([(0, 0, 0)])
@example([(32767, -32768, 0), (-32768, 32767, 0)] * 60)
@example([(0, 0, 0)] * 15 + [(32767, 1, -32768)] * 3)
def test_any_trace_comes_back_bit_by_bit(trace):
    check(np.array(trace, np.int16))


@pytest.mark.parametrize(
    ("trace", "most_bytes"),
    [
        (noise(832, sd=4.4), 0.745),  # bytes an axis and sample, frames and headers included
        (noise(832, sd=6.0), 0.81),
        (ringing(832, 100), 0.865),
        (np.tile(noise(1), (832, 1)), 0.21),
        (np.random.default_rng(3).integers(-32768, 32768, (832, 3)).astype(np.int16), 2.37),
    ],
    ids=["quiet", "noisy", "jerk", "constant", "full scale"],
)
def test_a_snippet_takes_no_more_flash_than_was_measured(trace, most_bytes):
    assert most_bytes - 0.01 < check(trace) <= most_bytes


def test_second_differences_are_used_where_they_are_shorter():
    t = np.arange(400)
    swing = np.round(20000 * np.sin(2 * np.pi * t / 40))
    assert check(np.stack([swing] * 3, 1).astype(np.int16)) < 1.65, "first differences take 1.9"


def test_the_coding_is_these_bytes():
    payloads, _, _ = coded(np.array(FROZEN_TRACE, np.int16), number=7, why=2)
    (payload,) = payloads
    assert payload.hex() == FROZEN
    assert waveform.decode(bytes.fromhex(FROZEN))[1] == FROZEN_TRACE


def test_each_record_says_whose_it_is_and_is_decoded_alone():
    trace = ringing(400, 100)
    payloads, held, _ = coded(trace, number=65537, why=wire.SNIPPET_STRONG)
    assert len(payloads) > 3
    at = 0
    for payload in payloads:
        head, got = waveform.decode(payload)
        assert head == {
            "number": 1,
            "first_sample": 0,
            "samples": 400,
            "offset": at,
            "count": len(got),
            "why": wire.SNIPPET_STRONG,
            "coding": wire.CODING_RICE,
        }
        assert np.array_equal(got, held[at : at + len(got)])
        at += len(got)
    assert at == 400


@pytest.mark.parametrize("missing", [0, 1, -1])
def test_a_lost_part_costs_its_own_samples_and_no_other(missing):
    payloads, held, _ = coded(ringing(400, 100))
    lost = waveform.decode(payloads.pop(missing))[0]
    found = waveform.join(payloads[::-1], 104.0, 122)
    assert len(found.counts) == 400 and found.lost() == lost["count"]
    for i, xyz in enumerate(found.counts):
        inside = lost["offset"] <= i < lost["offset"] + lost["count"]
        assert (xyz is None) if inside else (xyz == tuple(held[i]))
    assert [mg is None for mg in found.samples_mg()] == [xyz is None for xyz in found.counts]


def test_counts_become_mg_exactly():
    found = waveform.join(coded(np.array([(-3, 8197, 0)], np.int16))[0], 104.0, 122)
    assert found.samples_mg() == [[-0.366, 1000.034, 0.0]]


@pytest.mark.parametrize("cut", [0, 1, 5, 8, 40])
def test_bytes_that_end_too_early_or_are_of_another_coding_are_refused(cut):
    payloads, _, _ = coded(noise(100))
    with pytest.raises(wire.WireError):
        waveform.decode(payloads[0][: rawring.HEAD_LEN + cut])
    newer = payloads[0][: rawring.HEAD_LEN - 1] + b"\2" + payloads[0][rawring.HEAD_LEN :]
    with pytest.raises(wire.WireError, match="coding 2"):
        waveform.decode(newer)
    assert waveform.join([newer, *payloads[1:]], 104.0, 122).lost() > 0
    with pytest.raises(wire.WireError, match="coding 2"):
        waveform.join([newer], 104.0, 122)


@given(st.binary(max_size=60), st.integers(0, 65535), st.integers(0, 65535))
def test_no_bytes_are_read_as_what_they_are_not(coded_bytes, samples, count):
    head = {"samples": samples, "count": count, "coding": wire.CODING_RICE}
    try:
        _, got = waveform.decode(wire.pack(wire.SNIPPET_FIELDS, head) + coded_bytes)
    except wire.WireError:
        return
    assert len(got) == count <= samples
    assert all(-32768 <= value <= 32767 for xyz in got for value in xyz)


@pytest.mark.parametrize("chunk", [1, 7, 64, 100])
def test_the_ring_holds_the_newest_samples_however_they_come(chunk):
    trace = noise(350)
    ring = Ring(100)
    feed(ring, trace, chunk)
    assert (ring.first, ring.end) == (250, 350)
    assert np.array_equal(decoded(Coder(ring).payloads(0, 1, 250, 350)), trace[250:])
    assert np.array_equal(decoded(Coder(ring).payloads(0, 1, 297, 305)), trace[297:305])


def test_nothing_before_a_gap_is_held_any_more():
    ring = Ring(100)
    feed(ring, noise(60))
    ring.gap()
    assert (ring.first, ring.end) == (60, 60)
    after = noise(30, seed=2)
    feed(ring, after)
    assert (ring.first, ring.end) == (60, 90)
    assert np.array_equal(decoded(Coder(ring).payloads(0, 1, 60, 90)), after)
    ring.restart()
    assert (ring.first, ring.end) == (0, 0)


def test_the_default_ring_is_8_s_and_says_its_memory():
    ring = Ring()
    assert ring.samples == 832 and len(ring.words) * ring.words.itemsize == 4992
    off = Ring(0)
    off.extend(words(noise(64)), 64)
    assert len(off.words) == 0
