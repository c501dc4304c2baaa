"""The detector's door: which facts are told when, and which settings go where."""

import struct
from types import SimpleNamespace

import pytest
from notturno.detect import engines
from notturno_core import detector, namer, segments, wire


def waiting(*closed, due=False):
    """Return (a detector that holds facts closed at some samples, what its namer was given)."""
    made, fed = detector.Detector(), []
    made._facts = [{"closed_sample": at, "row": row} for at, row in closed]
    made._namer = SimpleNamespace(
        is_due=lambda now: due,
        feed=lambda facts: fed.append((facts["closed_sample"], facts["row"])) or [("told", 1, 2)],
        advance=lambda now: [("now", now, 0)],
    )
    return made, fed


def test_facts_are_told_in_the_order_in_which_they_were_known_and_not_before():
    made, fed = waiting((64, 3), (31, 1), (32, 4), (32, 2), (33, 1))
    told = made._tell(32)
    assert fed == [(31, 1), (32, 2), (32, 4)]
    assert told == [("told", 1, 2)] * 3 + [("now", 32, 0)]
    made._tell(64)
    assert fed[3:] == [(33, 1), (64, 3)] and made._facts == []


def test_where_nothing_waits_and_nothing_is_due_nothing_is_made():
    made, _ = waiting()
    assert made._tell(32) is detector.NOTHING
    made, fed = waiting(due=True)
    assert made._tell(32) == [("now", 32, 0)] and fed == []
    made, fed = waiting((99, 1))
    assert made._tell(32) == [("now", 32, 0)] and fed == []


@pytest.mark.parametrize(("n", "seen", "asked"), [(31, 31, 0), (1, 32, 32), (33, 65, 64)])
def test_it_is_asked_at_multiples_of_32_samples(monkeypatch, n, seen, asked):
    made, _ = waiting(due=True)
    made.state[segments.S_SAMPLE] = seen
    monkeypatch.setattr(segments, "process", lambda state, samples, n, out: 0)
    assert made.process(None, n) == [("now", asked, 0)]


def test_settings_are_those_of_the_segments_or_rules_and_no_other():
    of_segments, rules = detector.split({"jerk_on_ug": 7000.0, "hold_ms": "9"})
    assert of_segments == {"jerk_on_ug": 7000}
    assert rules == {**namer.DEFAULTS, "hold_ms": 9}
    with pytest.raises(ValueError, match="no setting is called hold; there are: jerk_on_ug"):
        detector.split({"hold": 1})
    packed = detector.packed({"jerk_on_ug": -2, "hold_ms": 65535})
    words = len(segments.SETTINGS)
    assert struct.unpack_from("<i", packed) == (-2,) and len(packed) == 4 * words + 2 * len(rules)
    assert packed.count(b"\xff\xff") >= 1
    with pytest.raises(struct.error):
        detector.packed({"hold_ms": 65536})


@pytest.mark.parametrize(
    ("rate_mhz", "ug_per_lsb", "words"),
    [
        (23_999, 122, "rate of 23999"),
        (24_000, 122, None),
        (213_000, 122, None),
        (213_001, 122, "rate of 213001"),
        (104_000, 0, "scale of 0"),
        (104_000, 1, None),
        (104_000, 65_535, None),
        (104_000, 65_536, "scale of 65536"),
    ],
)
def test_rates_and_scales_that_can_be(rate_mhz, ug_per_lsb, words):
    if words is None:
        assert segments.new_state(rate_mhz, ug_per_lsb)[segments.S_ODR_MHZ] == rate_mhz
        return
    with pytest.raises(ValueError, match=words):
        segments.new_state(rate_mhz, ug_per_lsb)


# rate (1/1000 Hz) -> samples summed, shift of the envelope, samples of a block; of a minute
STATES = [
    (24_000, 1, 1, 32, 1440),
    (26_000, 1, 1, 32, 1560),
    (37_000, 1, 1, 64, 2220),
    (37_001, 2, 1, 64, 2220),
    (52_000, 2, 1, 64, 3120),
    (74_001, 2, 1, 128, 4440),
    (74_002, 4, 1, 128, 4440),
    (91_999, 4, 1, 128, 5520),
    (92_000, 4, 2, 128, 5520),
    (104_000, 4, 2, 128, 6240),
    (148_003, 4, 2, 256, 8880),
    (148_004, 8, 2, 256, 8880),
    (192_000, 8, 3, 256, 11_520),
    (208_000, 8, 3, 256, 12_480),
]


@pytest.mark.parametrize(("rate_mhz", "summed", "shift", "block", "minute"), STATES)
def test_what_a_rate_makes_of_sums_blocks_and_minutes(rate_mhz, summed, shift, block, minute):
    """Sums near 26 Hz (18.5 to 37), an envelope of some 40 ms, blocks of 0.9 to 1.9 s."""
    state = segments.new_state(rate_mhz, 122)
    assert state[segments._DEC] == summed and 18_000 < rate_mhz / summed < 37_001
    assert state[segments._WORDS] == 3 * summed
    assert state[segments._DEC_SHIFT] == 4 - summed.bit_length() + 1
    assert state[segments._E_SHIFT] == shift and state[segments.S_BLOCK] == block
    assert 920 < block * 1_000_000 / rate_mhz < 2500
    assert state[segments._MINUTE] == state[segments._MIN_AT] == minute
    assert state[segments._FIVE] == state[segments._FIVE_AT] == round(rate_mhz / 200)
    slow = segments.DEFAULTS["jerk_on_floor_slow_pct" if shift == 1 else "jerk_on_floor_pct"]
    assert state[segments._J_ON_FLOOR] == (slow * slow * 16 + 5000) // 10_000


def test_thresholds_are_squares_of_quarters_of_counts():
    state = segments.new_state(104_000, 122, jerk_on_ug=4880, jerk_low_ug=1, lm_on_ug=10**7)
    assert state[segments._J_ON] == 100  # 40 counts: ten quarters
    assert state[segments._J_LOW] == 1, "never nothing"
    assert state[segments._M_ON] == 10**14 // 238_144  # 16 times 122 squared
    far = segments.new_state(104_000, 1, lm_on_ug=10**7)
    assert far[segments._M_ON] == 0x1FFFFFFF
    wide = segments.new_state(104_000, 122, lm_on_floor_pct=1000, lm_low_floor_pct=1)
    assert (wide[segments._M_ON_FLOOR], wide[segments._M_LOW_FLOOR]) == (255, 1)


@pytest.mark.parametrize(
    ("quiet_ms", "sums", "first"), [(0, 1, 1), (500, 13, 1 << 12), (5000, 24, 1 << 23)]
)
def test_the_silence_that_ends_a_movement_is_a_number_of_sums(quiet_ms, sums, first):
    state = segments.new_state(104_000, 122, lm_quiet_ms=quiet_ms, jerk_quiet_ms=quiet_ms)
    assert state[segments._M_SUMS] == sums + 2 and state[segments._M_FIRST] == first
    samples = max(1, round(quiet_ms * 0.104))
    assert state[segments._J_QUIET] == samples
    assert state[segments._HOT_SUMS] == (samples + 8) // 4 + 2
    assert state[segments._M_GAP] == 16 and state[segments._LONG] == 6240


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 15, 16, 17, 99, 10**9, 2**31 - 1])
def test_whole_roots_and_logarithms(n):
    import math

    assert segments.isqrt(n) == math.isqrt(n)
    assert segments.log2(n) == max(0, n.bit_length() - 1)


VALUES = dict.fromkeys(engines.FACTS, 7) | {
    **{"kind": wire.EVENT_JERK, "flags": 0, "onset_sample": 100, "duration_samples": 50},
    **{"peak_mg": 80, "peak_jerk_mg_per_s": 900, "rhythm_mhz": 1250, "beats": 9},
    **{"confidence_pct": 85, "number": 3},
}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, {"onset_s": 1.0, "duration_s": 0.5, "rhythm_hz": None, "beats": None}),
        ({"duration_samples": 1}, {"duration_s": 0.01}),
        ({"duration_samples": 0}, {"duration_s": 0.01}),
        # samples from 200 on come two seconds late: what lasts into them lasts longer
        ({"onset_sample": 190, "duration_samples": 20}, {"onset_s": 1.9, "duration_s": 2.2}),
        ({"onset_sample": 200, "duration_samples": 20}, {"onset_s": 4.0, "duration_s": 0.2}),
        ({"kind": wire.EVENT_RHYTHM}, {"kind": "rhythm", "rhythm_hz": 1.25, "beats": 9}),
        ({"flags": wire.FLAG_IN_AWAKE}, {"flags": ["in_awake"]}),
    ],
)
def test_a_row_in_seconds_of_the_recording(changed, told):
    """At 100 Hz. A jerk ended with sample 149: its rows came at samples 250 and 400."""
    plain = {
        **{"kind": "jerk", "onset_s": 1.0, "duration_s": 0.5, "peak_mg": 80, "flags": []},
        **{"peak_jerk_mg_per_s": 900, "rhythm_hz": None, "beats": None, "confidence": 0.85},
        **{"number": 3, "provisional_s": 4.5, "provisional_kind": "lm", "final_s": 6.0},
        **dict.fromkeys(engines.FACTS, 7),
    }
    found = engines.event_dict(
        VALUES | changed, 250, wire.EVENT_LM, 400, lambda k: k / 100 + 2.0 * (k >= 200)
    )
    assert found == plain | told
