"""What a scored list and a cohort print, over figures made by hand."""

import json
from pathlib import Path

import pytest
from notturno import doctor
from notturno.cli import cohort_words, nights, score_words
from notturno.doctor import LOOK, OK, WRONG
from notturno.doctor.machine import FolderFacts
from notturno.errors import UserError
from notturno.refusals import Refusal

FEW, NONE = Refusal("Too few.", "few"), Refusal("No sleep.", "no_sleep")
NO = {"refused": "Too few people.", "code": "too_few_people"}


# --- a list that was scored ----------------------------------------------------------------------


def scored(**values):
    found = {key: k for k, (key, _) in enumerate(score_words.LINES)}
    found |= {"series": [], "breaks": []}
    return found | values


def test_two_rule_sets_stand_side_by_side_with_numbered_reasons():
    series = [{"movements": 5, "start_s": 10.0, "end_s": 99.9996}]
    a = scored(plms=FEW, plmw=NONE, plms_per_h=12.34567, series=series)
    a["breaks"] = [{"reason": "end"}]
    text = score_words.as_text({"wasm2016": a, "aasm3": scored(plm=FEW)})
    lines = text.splitlines()
    assert lines[0] == " " * 32 + f"{'wasm2016':>12}{'aasm3':>12}"
    assert lines[1] == f"{'leg movements (LM)':<32}{0:>12}{0:>12}"
    assert lines[3] == f"{'periodic (PLM)':<32}{2:>12}{'- (1)':>12}"
    assert lines[4] == f"{'PLM in sleep':<32}{'- (1)':>12}{3:>12}"
    assert lines[5] == f"{'PLM in wake':<32}{'- (2)':>12}{4:>12}"
    assert lines[7] == f"{'PLMS per hour of sleep':<32}{'12.346':>12}{6:>12}"
    assert lines[11] == "wasm2016: series of 5 from 10.000 s to 100.000 s, ended by end"
    assert lines[12:14] == ["(1) Too few.", "(2) No sleep."] and len(lines) == 15


def test_reasons_are_numbered_as_they_come_row_by_row():
    text = score_words.as_text({"a": scored(lm=NONE), "b": scored(lm=FEW)})
    assert "(1) No sleep.\n(2) Too few." in text
    assert "- (1)" in text.splitlines()[1] and "- (2)" in text.splitlines()[1]


@pytest.mark.parametrize("text", ["{", "[]", '{"x": 1}', '{"wasm2016": {}}'])
@pytest.mark.parametrize("rules", ["both", "wasm2016"])
def test_a_file_that_is_no_scoring_of_that_kind_is_refused(tmp_path, text, rules):
    from notturno.scoring.movements.score import BOTH_RULES

    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(UserError, match="is not the JSON of a scoring"):
        score_words.difference(str(path), {}, BOTH_RULES if rules == "both" else rules)


def test_a_scoring_is_held_against_an_earlier_one(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"lm": 5, "plm": 3}))
    found = score_words.difference(str(path), {"lm": 6, "plm": 3}, "wasm2016")
    assert "lm" in json.dumps(found) and "5" in json.dumps(found)


# --- a cohort ------------------------------------------------------------------------------------


def measure(refusal=None, **values):
    found = {"people": 12, "nights": 90, "unit": "1/h", "refusal": refusal}
    names = ("typical", "between_sd", "within_sd", "counting_share", "icc", "lag1")
    found |= dict.fromkeys((*names, "people_low", "people_high", "nights_needed"))
    return found | values


def whole(**values):
    needed = [{"nights": n, "nights_to_be_sure": sure} for n, sure in ((1, 2), (3, None), (7, 9))]
    found = measure(typical=4.0, typical_low=3.0, typical_high=5.125, people_low=1.0)
    found |= {"people_high": 9.0, "between_sd": 0.5, "within_sd": 0.25, "counting_share": None}
    found |= {"icc": 0.8, "icc_low": 0.7, "icc_high": 0.9, "lag1": 0.1, "nights_needed": needed}
    return found | values


def sides(**values):
    found = {"people": 0, "nights": 0, "refusal": None, "one_sided": 0}
    return found | values


def printed(capsys, full, cleaned, without=None, left=None):
    cohort_words._print_measure(
        {"words": "jerks per hour", "full": full, "cleaned": cleaned}
        | {"cleaned_without_figure": without or {}, "left_against_right": left or sides()}
    )
    return capsys.readouterr().out.splitlines()[1:]


def rows_of(lines):
    return {line[:46].split("  ")[0]: line for line in lines}


def test_a_measure_stands_for_all_nights_beside_the_cleaned(capsys):
    lines = printed(capsys, whole(), whole(typical=2.0, typical_low=1.0, typical_high=3.0))
    assert lines[0] == "jerks per hour (1/h)" and len(lines) == 14
    of = rows_of(lines)
    assert of["typical night (95 %)"].split("  ")[-1].strip() == "2.00 (1.00 to 3.00)"
    assert "4.00 (3.00 to 5.12)" in of["typical night (95 %)"]
    assert of["eight of ten people"].endswith("1.00 to 9.00")
    assert of["of that, variance by counting alone"].endswith("-")
    assert of["nights for a reliability of 0.7 (to be sure)"].endswith("1 (2)")
    assert of["nights for a reliability of 0.8 (to be sure)"].endswith("3 (-)")
    assert of["nights for a reliability of 0.9 (to be sure)"].endswith("7 (9)")


@pytest.mark.parametrize(
    ("full", "cleaned", "length"),
    [(measure(NO), measure(NO), 5), (whole(), measure(NO), 15), (measure(NO), whole(), 15)],
)
def test_a_measure_that_neither_can_tell_has_no_table_and_its_reason_once(
    capsys, full, cleaned, length
):
    lines = printed(capsys, full, cleaned)
    assert len(lines) == length and lines[-1] == "Too few people."


def test_of_left_and_right_and_of_nights_without_a_figure_is_said_where_there_are_some(capsys):
    both = sides(people=5, nights=40, ratio=1.5, ratio_low=1.0, ratio_high=2.0, p=0.01234)
    lines = printed(capsys, whole(), whole(), {"too_short": 3}, both | {"one_sided": 2})
    assert lines[-2:] == [
        "cleaned nights without such a figure: 3 too_short",
        "left against right (people: 5, nights: 40): ratio 1.50 (1.00 to 2.00), p 0.0123; of 2 "
        "people one side alone has more",
    ]
    lines = printed(capsys, whole(), whole(unit=None), None, both | {"refusal": NO})
    assert lines[0] == "jerks per hour (-)" and len(lines) == 14


def test_hours_are_told_by_the_clock_where_there_are_percentiles(capsys):
    percentiles = {f"p{p}": p / 10 for p in (10, 25, 50, 75, 90)}
    rows = [{"hour": 23, "people": 5, "nights": 9} | percentiles]
    rows += [{"hour": 24, "people": 6, "nights": 8} | percentiles]
    rows += [{"hour": 25, "people": 1, "nights": 1} | dict.fromkeys(percentiles)]
    cohort_words._print_hours("jerk", rows)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("single jerks per hour by the clock")
    assert lines[2].split() == ["hour", "people", "nights", "p10", "p25", "p50", "p75", "p90"]
    assert [line.split() for line in lines[3:]] == [
        ["23", "5", "9", "1.00", "2.50", "5.00", "7.50", "9.00"],
        ["00", "6", "8", "1.00", "2.50", "5.00", "7.50", "9.00"],
    ]
    cohort_words._print_hours("lm", rows[2:])
    assert capsys.readouterr().out == ""


def test_what_is_not_in_the_cleaned_nights_is_told_the_commonest_first(capsys):
    of = {"people": 3, "nights": 9}
    qc = {"full": of, "cleaned": of | {"nights": 4}, "left_out": {"too_short": 2, "own": 3}}
    cohort_words._print_qc(qc | {"reasons": {"own": "Ours."}, "bands_of_several_people": 1})
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["nights", "9", "4"]
    assert lines[5:7] == ["  3  own: Ours.", "  2  too_short: too short"]
    assert lines[7].startswith("Bands that several people have worn: 1;")


# --- a data folder -------------------------------------------------------------------------------


def facts(**values):
    made = dict(path=Path("/d"), exists=True, is_folder=True, readable=True, writable=True)
    made |= dict(free_bytes=None, database=True, database_writable=True, locks="free")
    return FolderFacts(**made | {"sync_running": False} | values)


@pytest.mark.parametrize(
    ("values", "state", "found"),
    [
        ({}, OK, "/d can be read and written"),
        ({"is_folder": False}, WRONG, "/d is no folder"),
        ({"readable": False}, WRONG, "/d cannot be read"),
        ({"writable": False}, WRONG, "/d cannot be written to"),
        (
            {"exists": False, "is_folder": False},
            OK,
            "/d is not there yet: the first sync makes it",
        ),
        ({"exists": False, "is_folder": False, "writable": False}, WRONG, "/d cannot be made"),
    ],
)
def test_a_data_folder_is_judged_by_what_can_be_done_in_it(values, state, found):
    (one,) = doctor.folder(facts(**values))
    assert (one.state, one.found) == (state, found) and bool(one.todo) is (state == WRONG)


@pytest.mark.parametrize(
    ("free_bytes", "state", "found"),
    [
        (49_999_999, WRONG, "50 MB free"),
        (50_000_000, LOOK, "50 MB free"),
        (499_999_999, LOOK, "500 MB free"),
        (500_000_000, OK, "500 MB free"),
        (1_000_000_000, OK, "1.0 GB free"),
    ],
)
def test_room_on_the_disk_is_judged_at_fifty_and_at_five_hundred_mb(free_bytes, state, found):
    _, disk = doctor.folder(facts(free_bytes=free_bytes))
    assert (disk.state, disk.found) == (state, found) and bool(disk.todo) is (state != OK)


@pytest.mark.parametrize(
    ("values", "state", "word"),
    [
        ({}, OK, "9 records"),
        ({"locks": "none"}, WRONG, "cannot be locked"),
        ({"database": False}, LOOK, "nothing is stored yet"),
        ({"database_writable": False}, WRONG, "not written to"),
        ({"locks": "busy"}, LOOK, "another program writes to it"),
        ({"sync_running": True}, LOOK, "a sync is running"),
        ({"locks": "busy", "sync_running": True}, LOOK, "a sync is running"),
    ],
)
def test_a_logbook_is_judged_by_its_locks_and_its_file(values, state, word):
    (one,) = doctor.logbook(facts(**values), None, 9)
    assert one.state == state and word in one.found
    (broken,) = doctor.logbook(facts(), "It is damaged; restore it.", 0)
    assert broken.state == WRONG


NOW_MS = 1_768_253_400_000


@pytest.mark.parametrize(
    ("row", "state", "word"),
    [
        ({}, OK, "agrees with what is stored"),
        ({"seen_utc_ms": NOW_MS + 120_000}, OK, "agrees"),
        ({"seen_utc_ms": NOW_MS + 120_001}, WRONG, "was set back"),
        ({"newest_utc_ms": NOW_MS + 120_000}, OK, "agrees"),
        ({"newest_utc_ms": NOW_MS + 120_001}, WRONG, "newest record is dated"),
        ({"newest_utc_ms": NOW_MS + 120_001, "simulated": True}, OK, "agrees"),
        ({"newest_utc_ms": NOW_MS - 1, "seen_utc_ms": NOW_MS - 120_001}, OK, "agrees"),
        (
            {"newest_utc_ms": NOW_MS - 1, "seen_utc_ms": NOW_MS - 120_002},
            LOOK,
            "after it was fetched",
        ),
    ],
)
def test_a_clock_is_judged_two_minutes_beside_what_is_stored(row, state, word):
    made = {"name": "calf", "device_id": "a", "seen_utc_ms": None, "newest_utc_ms": None}
    (one,) = doctor.clock(NOW_MS, "UTC", None, [made | {"simulated": False} | row])
    assert one.state == state and word in one.found


@pytest.mark.parametrize(("year", "state"), [(2025, WRONG), (2026, OK), (2099, OK), (2100, WRONG)])
def test_a_year_is_one_that_somebody_can_have_set(year, state):
    from datetime import UTC, datetime

    now_ms = round(datetime(year, 6, 1, tzinfo=UTC).timestamp() * 1000)
    (one,) = doctor.clock(now_ms, "UTC", None, [])
    assert one.state == state


# --- the table of nights -------------------------------------------------------------------------


def test_a_row_of_both_legs_stands_behind_the_last_band_of_its_night(capsys, monkeypatch):
    monkeypatch.setattr(nights, "_cells", lambda row, *_: [row["who"]] + ["0"] * 6)
    made = {"naps": [], "simulated": False, "clock": "measured", "warnings": [], "zone": "UTC"}
    made |= {"state": "complete", "state_reason": "It ended: docked."}
    made |= {"battery_mv": None, "band": "b", "name_rule": "x", "date": None, "device_id": "a"}
    rows = [made | {"night": n, "who": w} for n, w in (("n1", "1L"), ("n1", "1R"), ("n2", "2L"))]
    rows += [made | {"night": n, "who": w} for n, w in (("n3", "3L"), ("n3", "3R"))]
    persons = [made | {"night": n, "who": w} for n, w in (("n1", "1B"), ("n3", "3B"))]
    nights.print_nights(rows, persons, ())
    table = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:8]]
    assert table == ["1L", "1R", "1B", "2L", "3L", "3R", "3B"]
