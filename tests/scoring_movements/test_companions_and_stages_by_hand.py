"""What goes with a movement, stages of an EDF+, hypnograms and what two scorings differ in."""

from datetime import date, datetime, time
from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.scoring import proportion, provenance, rescore
from notturno.scoring.movements import companions, edf_stages, lists
from notturno.scoring.movements.legs import Movement
from notturno.scoring.staging import SLEEP, Hypnogram

S = 1_000_000


def movement(onset_s, end_s):
    onset, end = round(onset_s * S), round(end_s * S)
    return Movement(onset, end, "L", 1, end - onset)


def us(*spans_s):
    return [(round(a * S), round(b * S)) for a, b in spans_s]


# --- breathing and arousals ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_s", "goes_with"),
    [
        ((80, 99.5), True),  # AASM: half a second before the onset, included
        ((80, 99.499999), False),
        ((102.5, 120), True),  # and half a second behind the end, included
        ((102.500001, 120), False),
        ((100.5, 101), True),
        ((90, 110), True),
    ],
)
def test_by_aasm_breathing_reaches_half_a_second_to_either_side(event_s, goes_with):
    one = [movement(100, 102)]
    assert companions.with_breathing_aasm(one, us(event_s)) == ({0} if goes_with else set())
    # A long event goes on behind a short one that began later.
    both = us((0, 99.6), (50, 60))
    assert companions.with_breathing_aasm(one, both) == {0}
    assert companions.with_breathing_aasm(one, []) == set()


@pytest.mark.parametrize(
    ("end_s", "goes_with"),
    [(104, True), (104.000001, False), (89.75, True), (89.749999, False), (101, True)],
)
def test_by_wasm_breathing_is_near_from_2_s_before_its_end_to_10_25_s_after(end_s, goes_with):
    found = companions.with_breathing_wasm([movement(100, 102)], us((0, end_s)))
    assert found == ({0} if goes_with else set())
    two = companions.with_breathing_wasm([movement(100, 102)], us((0, 50), (60, 104)))
    assert two == {0}


@pytest.mark.parametrize(
    ("end_s", "goes_with"),
    [(102.5, True), (102.500001, False), (99.5, True), (99.499999, False)],
)
def test_by_another_choice_both_are_near_half_a_second_around_the_end(end_s, goes_with):
    one, event = [movement(100, 102)], us((0, end_s))
    wanted = {0} if goes_with else set()
    assert companions.with_breathing_wasm(one, event, "end_within_0_5_s") == wanted
    assert companions.with_arousal(one, event, "end_within_0_5_s") == wanted


@pytest.mark.parametrize(
    ("arousal_s", "under", "up_to"),
    [
        ((102.5, 110), False, True),
        ((102.499999, 110), True, True),
        ((102.500001, 110), False, False),
        ((90, 99.5), False, True),
        ((90, 99.500001), True, True),
        ((90, 99.499999), False, False),
        ((101, 101.5), True, True),
    ],
)
def test_an_arousal_is_less_than_half_a_second_away_or_just_that_by_choice(
    arousal_s, under, up_to
):
    one, event = [movement(100, 102)], us(arousal_s)
    assert companions.with_arousal(one, event) == ({0} if under else set())
    assert companions.with_arousal(one, event, "up_to_0_5_s") == ({0} if up_to else set())


# --- stages of an EDF+ ---------------------------------------------------------------------------


def marked(*labels):
    return edf_stages.marked([(round(a * S), round(b * S), text) for a, b, text in labels])


def test_what_no_mark_covers_is_unscored_and_the_last_one_ends():
    rows = edf_stages.rows_of({0: (30, "W", False), 30: (20, "N2", False), 60: (5, "R", False)})
    assert rows == [(0, "W"), (30, "N2"), (50, "?"), (60, "R"), (65, "END")]
    open_ended = edf_stages.rows_of({0: (0, "W", False), 30: (0, "N2", False)})
    assert open_ended == [(0, "W"), (30, "N2")]  # a duration of 0 lasts until the next mark
    assert edf_stages.rows_of({}) == []


def test_at_one_time_a_known_stage_goes_before_a_strange_label_and_two_are_unscored():
    marks, unknown, twice = marked((0, 30, "Hmm"), (0, 30, "N2"), (30, 30, "R"), (30, 30, "Hmm"))
    assert [stage for _, stage, _ in marks.values()] == ["N2", "R"] and not twice
    assert unknown["Hmm"] == 2
    marks, _, twice = marked((0, 30, "N2"), (0, 20, "R"), (30, 30, "W"), (30, 30, "W"))
    assert twice == {0} and marks[0] == (30 * S, "?", False) and marks[30 * S][1] == "W"


def begun(year, month, day):
    return SimpleNamespace(startdate=date(year, month, day), starttime=time(22, 30))


@pytest.mark.parametrize("day", [(1985, 1, 1), (1970, 1, 1), (1900, 1, 1), (2000, 1, 1)])
def test_a_date_that_stands_for_a_removed_one_is_none(day):
    pytest.importorskip("edfio")
    start, why = edf_stages.local_start(begun(*day))
    assert start is None and "stands for a removed one" in why
    year, month, number = day
    for near in ((year + 1, month, number), (year, 2, number), (year, month, 2)):
        found = edf_stages.local_start(begun(*near))
        assert found == (datetime(*near, 22, 30), None)


def test_an_annotation_without_a_length_lasts_until_the_next(monkeypatch):
    edfio = pytest.importorskip("edfio")
    said = ((0.0, None, "Sleep stage W"), (30.0, None, "Sleep stage N2"), (60.5, 30, "Lights on"))
    marks = [SimpleNamespace(onset=a, duration=b, text=text) for a, b, text in said]
    file = SimpleNamespace(annotations=marks, startdate=date(2026, 1, 12), starttime=time(22, 30))
    monkeypatch.setattr(edfio, "read_edf", lambda path: file)
    found = edf_stages.read_edf_stages("x.edf")
    assert found.rows == [(0, "W"), (30 * S, "N2")]
    assert found.start_local == datetime(2026, 1, 12, 22, 30)


# --- lists ---------------------------------------------------------------------------------------


def test_a_list_names_the_line_of_what_is_wrong_below_its_head():
    text = "sep=;\n# mine\n\nonset_s;stage\n0;W\n\n30;N2\n30;N3\n"
    with pytest.raises(UserError, match="line 8: this stage does not start after"):
        lists.read_stages(text)
    rows = lists.read_stages(text.replace("30;N3", "31;N3;\n")).rows
    assert rows == [(0, "W"), (30 * S, "N2"), (31 * S, "N3")]
    assert lists.head_of(text) == (3, ";", ["onset_s", "stage"])
    assert lists.head_of("\n\n").cells == [] and lists.head_of("\ufeffa\tb").delimiter == "\t"
    assert lists.head_of("# onset_s,stage\n0,W\n") == (0, ",", ["onset_s", "stage"])
    assert lists.head_of("# a remark\nonset_s,stage\n").before == 1
    assert lists.head_of("1,2\n3,4\n") == (0, ",", ["1", "2"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "0,5,L,1,2",
            "line 2: 5 cells where the first line names 4 .numbers with a decimal comma",
        ),
        ("0,5", "line 2: 2 cells where the first line names 4; correct"),
        ("0", "line 2: 1 cell where"),
        ("0,-1,L,1", "line 2: "),
        ("0,1,L,2", "morphology is '2', not 0, 1 or empty"),
    ],
)
def test_a_line_with_other_cells_than_the_head_is_named(line, words):
    with pytest.raises(UserError, match=words):
        lists.read_movements("onset_s,duration_s,side,morphology\n" + line + "\n")


def test_a_span_of_no_length_is_one_and_free_text_may_hold_what_separates():
    assert lists.read_spans("onset_s,duration_s\n1.5,0\n") == [(1_500_000, 1_500_000)]
    with pytest.raises(UserError, match="the duration is negative"):
        lists.read_spans("onset_s,duration_s\n1.5,-0.000001\n")
    text = "onset_s,note\n5,awake, reading\n6,up\n"
    found = lists.lines(text, "x", ("onset_s", "note"), words="note")
    assert [cells["note"] for _, cells in found] == ["awake, reading", "up"]
    with pytest.raises(UserError, match="line 2: 3 cells"):  # half of a number with a comma
        list(lists.lines("onset_s,note\n5,0,5\n", "x", ("onset_s", "note"), words="note"))


# --- a hypnogram ---------------------------------------------------------------------------------


def test_a_step_of_a_minute_is_an_epoch_and_a_longer_one_a_change():
    def end_s(*rows, last_us=None):
        return Hypnogram([(round(at * S), stage) for at, stage in rows], last_us).end_us / S

    assert end_s((0, "W"), (60, "N2")) == 120
    assert end_s((0, "W"), (60.000001, "N2")) == pytest.approx(90.000001)
    assert end_s((0, "W"), (30, "N2"), (61, "R")) == 91
    assert end_s((5, "W")) == 35 and end_s((5, "W"), last_us=100 * S) == 100
    assert end_s((0, "W"), (20, "END")) == 20


def test_hours_are_of_the_time_that_was_recorded():
    night = Hypnogram([(0, "W"), (3600 * S, "N2"), (7200 * S, "END")])
    assert night.hours(SLEEP, within=(0, 7200 * S)) == 1.0
    assert night.hours(SLEEP, within=(1, 7200 * S)) == 1.0
    assert night.hours(("W",), within=(1800 * S, 9000 * S)) == 0.5
    assert night.hours(SLEEP, within=(0, 5400 * S)) == 0.5
    assert night.hours(SLEEP, [(3600 * S, 4500 * S)], (0, 5400 * S)) == 0.25
    assert night.sleep_span_us() == (3600 * S, 7200 * S)
    assert Hypnogram([(0, "W"), (5, "END")]).sleep_span_us() is None


def test_the_middle_of_a_movement_lies_in_the_stage_that_holds_it():
    night = Hypnogram([(0, "W"), (30 * S, "N1"), (60 * S, "END")])
    assert night.asleep(movement(28, 32), "midpoint")
    assert not night.asleep(movement(28, 31.999998), "midpoint")
    spans = ((0, 30 * S), (0, 30 * S + 1), (59 * S, 70 * S))
    assert [night.any_sleep(*span) for span in spans] == [
        False, True, True,
    ]  # fmt: skip
    each = [movement(*span) for span in ((0, 5), (28, 30), (29, 31), (58, 61), (60, 62))]
    assert night.any_sleep_each(each) == [False, False, True, True, False]


# --- two scorings --------------------------------------------------------------------------------


def test_a_refusal_is_one_figure_and_what_is_no_figure_is_left_out():
    refused = {"refused": "too short", "code": "too_short"}
    old = {"plms_per_h": refused, "rates": {"a": 1, "b": {"c": 2}}, "parameters": {"x": 1}}
    new = {"plms_per_h": 5.0, "rates": {"a": 1, "b": {"c": 3}}, "parameters": {"x": 2}, "new": 7}
    new["conventions"] = {"imi_upper": {"value": "included"}}
    found = rescore.difference(old, new)
    assert found["figures"] == {
        "plms_per_h": [refused, 5.0],
        "rates.b.c": [2, 3],
        "new": [None, 7],
    }
    assert found["conventions"] == {"imi_upper": [None, "included"]}
    assert found["events_changed"] is False and found["rules_version"] == [None, None]
    hashed = [{"provenance": {key: value}} for key, value in (
        ("movements_sha256", "a"), ("events_sha256", "a"), ("events_sha256", "b"))]  # fmt: skip
    changed = [rescore.difference(hashed[0], other)["events_changed"] for other in hashed]
    assert changed == [False, False, True]


def test_events_of_the_first_layout_are_hashed_by_what_it_held():
    first, later = provenance._hashed(1), provenance._hashed(2)
    assert "duration_samples" in first and "duration_samples" not in later
    assert "number" in later and "number" not in first
    assert "later_pct" not in later and provenance._hashed(3) == (*later, "later_pct")
    named = [provenance.named_by({"names_version": version}) for version in ("names-5", None)]
    assert named == ["names-5", "band"]


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(5, 10, 0.1871, 0.8129), (0, 10, 0, 0.3085), (10, 10, 0.6915, 1), (1, 1, 0.025, 1)],
)
def test_a_share_has_the_exact_interval_of_tables(found, of, low, high):
    """Clopper and Pearson 1934, 95 %."""
    told = proportion.clopper_pearson(found, of)
    assert told == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(("found", "of"), [(0, 0), (-1, 5), (6, 5)])
def test_more_than_were_tried_or_none_at_all_is_no_share(found, of):
    with pytest.raises(ValueError, match="is no share"):
        proportion.clopper_pearson(found, of)
