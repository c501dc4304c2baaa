"""The stream of rows: each is told at once and told again when it is final, and none is lost."""

import random

import half_hours
import pytest
from executors import chunks_of
from half_hours import facts_of, segments_of, told_of
from hand_made import ODR_HZ, UG_PER_LSB, add_jerk, add_movement, counts, still
from hand_rows import ODR_MHZ, UP, beats, burst, fact, finals, move, opens, turn, words
from notturno_core import detector, namer, names, segments, wire
from streams import words_of

# What a recording says as a whole may differ from what was known when a row was final.
HEARD = wire.FLAG_VIBRATION  # a mattress or a crowd is heard in what is near, or in all of it
BY_OTHERS = wire.FLAG_IN_LM | wire.FLAG_IN_RHYTHM | wire.FLAG_POSTURE_CHANGED  # told later
LATER = BY_OTHERS | wire.FLAG_IN_AWAKE
PATHS = (segments.ROW_BURST, segments.ROW_MOVE)


@pytest.fixture(params=half_hours.NAMES)
def night(request):
    return request.param


def last_of(values):
    return values["onset_sample"] + values["duration_samples"]


# --- provisional, then final ---------------------------------------------------------------------


@pytest.mark.parametrize("gaps_every", [0, 40])
def test_every_provisional_number_becomes_final_once(night, gaps_every):
    told = told_of(night, gaps_every=gaps_every)
    first = {}
    for number, (what, values, _) in enumerate(told):
        if what == namer.PROVISIONAL:
            assert values["flags"] & wire.FLAG_PROVISIONAL
            first.setdefault(values["number"], number)
    final = {}
    for number, (what, values, _) in enumerate(told):
        if what == namer.FINAL:
            assert not values["flags"] & wire.FLAG_PROVISIONAL
            assert values["number"] not in final
            final[values["number"]] = number
    contexts = {
        values["number"]
        for what, values, _ in told
        if what == namer.FINAL and values["source"] == wire.SOURCE_CONTEXT
    }
    assert set(final) - contexts == set(first)
    assert all(first[number] < final[number] for number in first)
    assert sorted(final) == list(range(len(final)))


def test_a_row_is_final_once_it_was_held_and_by_a_second_more(night):
    odr_mhz = facts_of(night)[0]
    waits_ms = [
        (at - last_of(values)) * 1e6 / odr_mhz for values, at in segments_of(told_of(night))
    ]
    hold_ms = names.DEFAULTS["hold_ms"]
    assert all(hold_ms - 100 <= wait <= hold_ms + 1000 for wait in waits_ms)


def test_no_segment_is_without_a_row(night):
    """A burst within the half second of silence that ends a movement is the movement's."""
    odr_mhz, _, facts = facts_of(night)
    silence = 500 * odr_mhz // 1000000
    spans = set()
    for values, _ in segments_of(told_of(night, gaps_every=40)):
        spans.add((values["onset_sample"], last_of(values) + silence))
        for part in ("burst", "move"):
            begin = values["onset_sample"] + values[part + "_onset_samples"]
            spans.add((begin, begin + values[part + "_samples"]))
    onsets = [found["onset_sample"] for found in facts if found["row"] in PATHS]
    bare = [at for at in onsets if not any(begin <= at < end for begin, end in spans)]
    assert not bare
    assert onsets or night == "table"


def test_it_matters_not_how_often_the_stream_is_asked(night):
    samples = facts_of(night)[1]
    often = random.Random(1).sample(range(samples), 3000)
    assert told_of(night, moments=often) == told_of(night)


def test_numbers_begin_again_after_65536():
    stream = namer.Namer(ODR_MHZ)
    numbers = [stream.next_number() for _ in range(65538)]
    assert numbers[-3:] == [65535, 0, 1]


@pytest.mark.parametrize(
    "rows",
    [
        [burst(80, at=at, mg=19) for at in (1000, 3000, 5000)],
        [burst(80, at=at, mg=25, direction_q7=UP) for at in (1000, 5000, 9000, 13000, 17000)],
    ],
    ids=["crowd", "mattress"],
)
def test_what_comes_after_a_row_while_it_waits_is_heard_with_it(rows):
    """The first was alone when it came; it is final when the last are there and wait still."""
    stream, told = namer.Namer(ODR_MHZ), []
    for row in rows:
        told += stream.feed(fact(row))
    assert words(told[0][1]) == "jerk provisional"
    ((what, values, at),) = stream.advance(last_of(rows[0]) + names.DEFAULTS["hold_ms"] + 100)
    assert (what, values["onset_sample"]) == (namer.FINAL, rows[0]["onset_sample"])
    assert words(values) == "jerk vibration"


@pytest.mark.parametrize(("others", "said"), [(3, "jerk"), (4, "jerk vibration")])
def test_no_row_is_a_witness_against_itself(others, said):
    """A mattress is heard in four rows: those beside the one that is asked for."""
    rows = [burst(80, at=4000 * k, mg=25, direction_q7=UP) for k in range(others + 1)]
    assert [words(row) for row in names.rename(rows, ODR_MHZ)] == [said] * len(rows)
    assert finals(names.DEFAULTS, [fact(row) for row in rows]) == ", ".join([said] * len(rows))


@pytest.mark.parametrize(("apart_ms", "said"), [(300, "jerk in_lm"), (301, "jerk")])
def test_a_jerk_just_before_a_movement_that_outlasts_its_wait_is_the_movements(apart_ms, said):
    """It is final before the movement has a row: all that is known is when it began."""
    stream = namer.Namer(ODR_MHZ)
    jerk = burst(80, at=1000)
    stream.feed(opens(last_of(jerk) + apart_ms))
    stream.feed(fact(jerk))
    ((what, values, _),) = stream.advance(20000)
    assert (what, words(values)) == (namer.FINAL, said)


# --- gaps and the end ----------------------------------------------------------------------------


def test_a_gap_ends_a_rhythm_and_tells_it():
    stream = namer.Namer(ODR_MHZ)
    ((what, values, _),) = stream.feed(beats(*range(1000, 7000, 1000)))
    assert (what, words(values), values["beats"]) == ("provisional", "rhythm provisional", 6)
    assert stream.gap() == []
    ((what, final, _),) = stream.finish(8000)
    assert (what, words(final), final["number"]) == ("final", "rhythm", values["number"])


def test_a_rhythm_is_told_while_it_goes_on_and_once():
    stream = namer.Namer(ODR_MHZ)
    told = []
    for second in range(1, 60):
        told += stream.feed(beats(second * 1000))
    ((what, values, at),) = told
    assert (what, words(values), values["number"]) == ("provisional", "rhythm provisional", 0)
    assert at <= 4001, "with its fourth beat"
    ((what, final, _),) = stream.finish(60000)
    assert (what, final["number"], final["beats"]) == ("final", 0, 59)


@pytest.mark.parametrize("ends_by_gap", [False, True])
def test_a_rhythm_that_was_told_has_a_final_row_whatever_its_pace_becomes(ends_by_gap):
    """Each slow enough for four beats at first, and quicker than 2 Hz in the mean at last."""
    stream = namer.Namer(ODR_MHZ)
    at, told = 0, []
    for apart in (510, 510, 510, 510, 420, 420):
        at += apart
        told += stream.feed(beats(at))
    assert [what for what, _, _ in told] == [namer.PROVISIONAL]
    told += stream.gap() if ends_by_gap else []
    told += stream.finish(at + 1000)
    numbers = [values["number"] for what, values, _ in told if what == namer.FINAL]
    assert numbers == [told[0][1]["number"]]


@pytest.mark.parametrize(("lost", "said"), [(False, ["rhythm"]), (True, [])])
def test_beats_before_and_after_a_gap_are_no_rhythm(lost, said):
    stream = namer.Namer(ODR_MHZ)
    told = stream.feed(beats(1000, 2000, 3000))
    told += stream.gap() if lost else []
    told += stream.feed(beats(4000, 5000, 6000))
    told += stream.finish(7000)
    assert [words(values) for what, values, _ in told if what == namer.FINAL] == said


def test_what_waits_at_a_gap_is_final_in_its_time():
    stream = namer.Namer(ODR_MHZ)
    stream.feed(fact(burst(100, at=900)))
    assert stream.gap() == []
    assert stream.advance(18999) == []
    ((what, values, at),) = stream.advance(30000)
    assert (what, words(values), at) == ("final", "jerk", 19000)


def test_the_end_of_a_recording_tells_all_that_waits_in_order():
    stream = namer.Namer(ODR_MHZ)
    for at in (1000, 5000, 9000):
        stream.feed(fact(burst(100, at=at)))
    stream.feed(beats(*range(9000, 15000, 1000)))
    told = stream.finish(15000)
    rows = [(values["number"], words(values)) for what, values, _ in told if what == namer.FINAL]
    assert rows == [(0, "jerk"), (1, "jerk"), (2, "jerk in_rhythm"), (3, "rhythm")]


@pytest.mark.parametrize(
    ("lost", "said"), [(False, "lm"), (True, "posture in_lm posture_changed")]
)
def test_after_a_gap_a_movement_begins_with_its_own_gravity(lost, said):
    """Right after a turn gravity has not come to rest, and the turn's end stands for it."""
    stream = namer.Namer(ODR_MHZ)
    stream.feed(fact(turn(2000)))
    if lost:
        stream.gap()
    ((_, values, _),) = stream.feed(fact(move(at=4000, posture_after_q7=(127, 0, 0))))
    assert words(values).startswith(said)


@pytest.mark.parametrize(
    ("goes_on", "said"),
    [(True, ["lm truncated", "lm", "jerk"]), (False, ["lm truncated"])],
)
def test_what_is_open_where_samples_end_is_told_as_cut(goes_on, said):
    """A movement from 10 to 15 s and a jerk at 20 s; at 12 s is a gap, or the end."""
    a = still(60)
    add_movement(a, 10, 5, 200, seed=2)
    add_jerk(a, 20, 60)
    raw = counts(a)
    made, told = detector.Detector(int(ODR_HZ * 1000), UG_PER_LSB), []
    told += heard_by(made, raw[: 12 * ODR_HZ])
    if goes_on:
        told += made.gap()
        told += heard_by(made, raw[12 * ODR_HZ :])
    rows = [values for values, _ in segments_of(told + made.finish())]
    assert [words(values) for values in rows] == said
    assert last_of(rows[0]) == 12 * ODR_HZ


def test_a_detector_tells_a_row_when_it_is_final_and_not_with_the_next_facts():
    """A jerk at 10 s is held for 18; a quiet limb gives new facts once a minute."""
    a = still(60)
    add_jerk(a, 10, 60)
    made, taken, final_s = detector.Detector(int(ODR_HZ * 1000), UG_PER_LSB), 0, []
    for part, n in chunks_of(words_of(counts(a)), [64]):
        taken += n
        told = made.process(part, n)
        final_s += [taken / ODR_HZ for what, _, _ in told if what == namer.FINAL]
    hold_s = names.DEFAULTS["hold_ms"] / 1000
    assert len(final_s) == 1 and 10 + hold_s < final_s[0] < 12 + hold_s


def heard_by(made, raw):
    """Return what a detector tells while it takes these samples."""
    told = []
    for part, n in chunks_of(words_of(raw), [64]):
        told += made.process(part, n)
    return told


# --- the same rules over what is stored ----------------------------------------------------------


def gives(other, flag, row, odr_mhz):
    """Say whether another row gives a row this flag."""
    if other is row or wire.SOURCE_CONTEXT in (other["source"], row["source"]):
        return False
    return bool(names.relate(row, other, odr_mhz) & flag)


def test_rows_named_anew_are_what_the_band_named_but_for_what_came_later(night):
    odr_mhz = facts_of(night)[0]
    told = told_of(night)
    first = {}
    for what, values, at in told:
        if what == namer.PROVISIONAL:
            first.setdefault(values["number"], at)
    finals = [(values, at) for what, values, at in told if what == namer.FINAL]
    final = {values["number"]: at for values, at in finals}
    anew = names.rename([values for values, _ in finals], odr_mhz)
    for (band, at), host in zip(finals, anew, strict=True):
        assert host | {"flags": 0} == band | {"flags": 0}
        added, gone = host["flags"] & ~band["flags"], band["flags"] & ~host["flags"]
        assert not added & ~(HEARD | LATER), words(host)
        # what was a rhythm while it went on may be a movement's own sway when it has ended
        # and no movement goes on from one of which it is known later that it was shaken
        goes_on = wire.FLAG_IN_LM if band["kind"] == wire.EVENT_LM else 0
        assert not gone & ~(HEARD | wire.FLAG_IN_RHYTHM | goes_on), words(band)
        assert not gone & wire.FLAG_IN_RHYTHM or band["source"] == wire.SOURCE_MOVE
        for flag in flags_in(added & BY_OTHERS):
            givers = [other for other in anew if gives(other, flag, host, odr_mhz)]
            assert givers, words(host)
            for giver in givers:  # told after this row was final, or a rhythm that still went on
                went_on = giver["source"] == wire.SOURCE_RUN and final[giver["number"]] > at
                assert went_on or first[giver["number"]] > at, words(host)


def flags_in(flags):
    return [bit for bit in wire.FLAG_NAMES if flags & bit]


@pytest.mark.parametrize("calm", ["fragmentary", "restless", "table"])
def test_where_nothing_came_later_rows_are_named_anew_as_they_were(calm):
    finals = [values for what, values, _ in told_of(calm) if what == namer.FINAL]
    assert finals
    assert names.rename(finals, facts_of(calm)[0]) == finals
