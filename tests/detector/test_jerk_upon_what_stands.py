"""A jerk upon something that stands: a noise or a tone that hides it, a snore that it ends.

Signals are as plain as can be: what stands is a tone at half the rate, of which a sum of samples
holds nothing, and upon it is a step of another axis, as long as two sums. At 100 Hz and 250 ug a
count, so that a quarter of a squared norm's root is a mg.
"""

import numpy as np
import pytest
from hand_rows import ODR_MHZ, beats, burst, fact, given, move, opens, rhythm
from notturno.detect import engines
from notturno_core import namer, names, rhythms, segments, wire

HZ, MG_PER_COUNT = 100, 0.25
STANDS_MG = 14  # below 1.5 times as much the quick path sees nothing: a norm of 21 mg


def alternating(mg_of_sums):
    """Return mg (n, 3) of a tone at half the rate, so strong in each sum of four samples."""
    made = np.zeros((4 * len(mg_of_sums), 3))
    made[:, 0] = np.repeat(np.array(mg_of_sums, float), 4) * np.tile((1, -1), 2 * len(mg_of_sums))
    return made + (0, 0, 1000)


def found(made_mg, noise_mg=0, **settings):
    """Return (state, facts of all rows but minutes); noise_mg: root of the median at first."""
    state = segments.new_state(HZ * 1000, 250, **settings)
    state[segments._NOISE] = round(16 * noise_mg**2)
    words = engines.raw_words(np.round(made_mg / MG_PER_COUNT).astype(np.int16))
    state, rows = engines.by_python(segments, state, words)
    count = len(rows) // segments.OUT_WORDS
    facts = [segments.facts(state, rows, k) for k in range(count)]
    return state, [each for each in facts if each["row"] != segments.ROW_BEATS]


def hidden(mg, sums=(STANDS_MG,) * 300, noise_mg=STANDS_MG):
    """Return what is found of a step of so many mg, two sums long, 10 s after the beginning."""
    made = alternating(sums)
    made[1000:1008, 1] += mg
    return found(made, noise_mg)[1]


# --- what only a sum sees ------------------------------------------------------------------------


@pytest.mark.parametrize(("mg", "seen"), [(10, False), (12, True)])
def test_a_sum_sees_a_jerk_in_a_tone_if_it_has_twice_the_energy_that_opens_a_movement(mg, seen):
    """The least that opens one is 8 mg: 11.3 mg have twice its energy."""
    rows = hidden(mg)
    assert [each["row"] for each in rows] == [segments.ROW_OPEN, segments.ROW_MOVE] * seen
    if seen:
        assert abs(rows[1]["onset_sample"] - 1000) <= 4
        assert rows[1]["quick_peak_mg"] == mg and rows[1]["peak_jerk_mg_per_s"] == 0


@pytest.mark.parametrize(("between_mg", "seen"), [(6, True), (4.75, False)])
def test_what_comes_and_goes_hides_nothing_from_the_envelope_so_a_sum_is_not_asked(
    between_mg, seen
):
    """Most of the time between_mg, the rest 14: its median is between_mg.

    A pulse is so. Steady is what has a sixteenth of the lower threshold as its median: 5.4 mg.
    """
    rows = hidden(12, (STANDS_MG, between_mg, STANDS_MG, between_mg, between_mg) * 60, between_mg)
    assert bool(rows) is seen


def test_a_row_that_only_a_sum_saw_is_a_jerk_and_not_slow():
    row = move(20, mg=12, bursts=0, later_pct=0, peak_jerk_mg_per_s=0, centre_dhz=0)
    names.name(row, ODR_MHZ)
    assert (row["kind"], row["flags"]) == (wire.EVENT_JERK, 0)
    row = row | {"quick_peak_mg": 0}  # the slow band alone
    names.name(row, ODR_MHZ)
    assert (row["kind"], row["flags"]) == (wire.EVENT_JERK, wire.FLAG_SLOW)


# --- a burst in two ------------------------------------------------------------------------------


def upon(mg, after_ms=700, stood_mg=10):
    """Return mg: stillness, a tone of 10 mg from 6 s on, and a step upon it so much later."""
    made = alternating([0] * 150 + [stood_mg] * 40)
    at = 600 + after_ms // 10
    made[at : at + 6, 1] += mg
    return made


def bursts_of(made_mg):
    return [each for each in found(made_mg)[1] if each["row"] == segments.ROW_BURST]


@pytest.mark.parametrize(
    ("mg", "after_ms", "parts"),
    [
        (35, 700, 1),  # a norm of 36.4 mg: 3.6 times what stood
        (44, 700, 2),  # of 45.1 mg: 4.5 times
        (44, 600, 2),
        (44, 400, 1),  # half a second it must have stood
    ],
)
def test_what_is_four_times_what_stood_for_half_a_second_is_a_burst_of_its_own(
    mg, after_ms, parts
):
    rows = bursts_of(upon(mg, after_ms))
    assert len(rows) == parts
    if parts == 2:
        weak, strong = rows
        assert (weak["quick_peak_mg"], weak["onset_sample"]) == (10, 600)
        assert weak["end_sample"] < 600 + after_ms // 10 <= strong["onset_sample"] + 1
        assert strong["onset_sample"] <= 600 + after_ms // 10
        assert strong["quick_peak_mg"] >= mg


def test_no_filter_knows_whether_a_burst_was_split():
    """Low-passes and floors are those of a detector that opens no burst at all."""
    made = upon(44)
    split, rows = found(made)
    blind, none = found(made, jerk_on_ug=900_000)
    assert len(rows) > 2 and segments.ROW_BURST not in [each["row"] for each in none]
    for first, words in ((segments._LPX, 3), (segments._MX, 3), (segments._FLOOR, 2)):
        assert split[first : first + words] == blind[first : first + words]


# --- a movement that ends in a jerk --------------------------------------------------------------


def kinds(*bursts):
    """Return what a movement of 1200 ms and its bursts are called, by onset."""
    stream, out = namer.Namer(ODR_MHZ), []
    for each in (opens(2000), *map(fact, bursts), fact(move(1200, 2000))):
        out += stream.feed(dict(each))
    out += stream.finish(3200)
    rows = sorted((each["onset_sample"], each["kind"]) for what, each, _ in out if what == "final")
    return [wire.EVENT_NAMES[kind] for _, kind in rows]


def snored(cycles=7, mg=10):
    return burst(700, 2050, mg, cycles=cycles)


@pytest.mark.parametrize(
    ("bursts", "said"),
    [
        ((snored(), burst(150, 2900, 40)), ["jerk", "jerk"]),
        ((snored(), burst(150, 2900, 39)), ["lm"]),  # less than four times as strong
        ((snored(mg=11), burst(150, 2900, 40)), ["lm"]),
        ((snored(cycles=6), burst(150, 2900, 40)), ["jerk", "jerk"]),
        ((snored(cycles=5), burst(150, 2900, 40)), ["lm"]),  # a limb sways so
        ((snored(), burst(150, 2701, 40)), ["jerk", "jerk"]),
        ((snored(), burst(150, 2700, 40)), ["lm"]),  # it lasts as long as the shortest LM
        ((burst(150, 2900, 40, cycles=9),), ["lm"]),  # upon nothing
    ],
)
def test_a_jerk_that_ends_what_shook_on_weakly_is_no_limb_movement(bursts, said):
    assert kinds(*bursts) == said


# --- a jerk upon a rhythm ------------------------------------------------------------------------


def level_mg(*peaks_mg):
    """Return what is told of a rhythm's strength whose blocks, a second each, have these peaks."""
    witnesses = rhythms.Witnesses(ODR_MHZ, names.DEFAULTS)
    for k, peak_mg in enumerate(peaks_mg):
        witnesses.add([], [1000 * k], peak_mg)
    assert witnesses.limb.on
    return witnesses.told(witnesses.limb)["quick_peak_mg"]


def test_a_rhythm_is_as_strong_as_its_beats_are_and_not_as_a_jerk_among_them():
    assert level_mg(*[100] * 8) == 100
    assert level_mg(*[12] * 5, 700, 12) <= 24
    assert level_mg(*[12] * 5, 700, 700) <= 48
    assert level_mg(*[12] * 3, 700, *[12] * 6) <= 14  # where it began with one
    assert 90 <= level_mg(*[10] * 2, *[100] * 8) <= 100  # and grows as the rhythm does


def test_a_jerk_four_times_as_strong_as_a_rhythm_is_no_beat_of_it():
    assert given(names.DEFAULTS, burst(at=2000, mg=199), rhythm(mg=50)) == "in_rhythm"
    assert given(names.DEFAULTS, burst(at=2000, mg=200), rhythm(mg=50)) == ""


def test_what_is_much_stronger_than_a_rhythm_gives_it_no_facts():
    stream, out = namer.Namer(ODR_MHZ), []
    for k in range(8):  # beats tell a peak of 50 mg
        out += stream.feed(fact(burst(100, 1000 * k, 40, centre_dhz=31)))
        if k == 5:
            out += stream.feed(fact(burst(100, 1000 * k + 400, 900, centre_dhz=99)))
        out += stream.feed(beats(1000 * k + 500))
    out += stream.finish(9000)
    (row,) = [each for what, each, _ in out if what == "final" and each["kind"] == 4]
    assert (row["peak_mg"], row["centre_dhz"]) == (40, 31)
