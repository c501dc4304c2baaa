"""What an anonymous report takes out, by hand: where a name is quoted, and what may stay."""

import pytest
from notturno.report.anonymous import QUOTING, anonymous

BAND, DEVICE, PHASE = "Omas Bein", "aabbccddeeff", "Omas Kur"


def report(**parts):
    """Return the JSON form of a report's contents in which nothing is but what is given."""
    found = {
        "nights": {"nights": [{"date": "2026-03-09"}, {"date": "2026-03-02"}, {"date": None}]},
        "diary": {
            "entries": [{"what": "Omas tea", "unit": "cup"}, {"what": "Caffeine", "unit": "mug"}],
            "associations": {"by_name": {"Omas tea": 1, "Caffeine": 2}},
        },
        "phases": {"groups": [{"name": "before"}, {"name": PHASE}, {"name": PHASE + "-II"}]},
        "sides": [{"band": BAND, "side": "L"}, {"band": BAND + ", both", "side": "LR"}],
        "placement": {"bands": [{"band": BAND, "device_id": DEVICE}]},
        "made_on": "2026-03-10",
        "who": {"name": "Oma"},
        "span": {"since": "2026-03-02", "until": "2026-03-09"},
        "detector": {"made_on": "2026-01-01"},
        "knowledge": {"of": "2025-12-31"},
    }
    return anonymous(found | parts, "C0DE", frozenset({"caffeine"}))


def said(key, value):
    """Return what becomes of a value below a key of the contents."""
    return report(part={key: value})["part"][key]


def test_names_get_numbers_by_their_kind_and_known_medicines_stay():
    found = report()
    assert [row["name"] for row in found["phases"]["groups"]] == ["before", "phase 1", "phase 2"]
    assert [row["what"] for row in found["diary"]["entries"]] == ["entry 1", "Caffeine"]
    assert found["diary"]["associations"]["by_name"] == {"entry 1": 1, "Caffeine": 2}
    assert found["sides"][0]["band"] == "band 1"
    assert found["placement"]["bands"] == [{"band": "band 1", "device_id": "band 1"}]
    assert [row["unit"] for row in found["diary"]["entries"]] == ["cup", ""]


def test_of_the_head_only_the_code_and_what_the_program_says_of_itself_stay():
    found = report()
    assert found["who"] == {"name": None, "code": "C0DE"} and found["anonymous"] is True
    assert found["made_on"] is None and found["span"] == {"since": None, "until": None}
    assert found["detector"] == {"made_on": "2026-01-01"}
    assert found["knowledge"] == {"of": "2025-12-31"}


@pytest.mark.parametrize("key", ["refused", "values", "finding", "warning"])
def test_a_name_is_taken_out_of_a_sentence_however_deep_it_stands_and_the_longest_first(key):
    text = f"{PHASE}-II was shorter than {PHASE}"
    assert said(key, text) == "phase 2 was shorter than phase 1"
    assert said(key, [{"said": {"so": text}}]) == [
        {"said": {"so": "phase 2 was shorter than phase 1"}}
    ]


@pytest.mark.parametrize("key", ["band", "name", "what", "base", "device_id"])
def test_where_a_person_names_something_the_whole_text_is_a_name(key):
    assert said(key, DEVICE) == "band 1" and said(key, [BAND]) == ["band 1"]
    assert said(key, f"{BAND}s") == f"{BAND}s"  # another text, in which a name happens to be


def test_a_text_of_the_programs_own_is_left_even_where_a_name_is_in_it():
    assert said("unit", PHASE) == PHASE


def test_days_count_from_the_first_night_in_texts_and_in_keys():
    assert said("note_of_ours", "from 2026-03-02 to 2026-03-10") == "from day-1 to day-9"
    assert said("by_day", {"2026-03-03": "2026-02-28"}) == {"day-2": "day--1"}
    assert said("x", "2026-02-30 is no day") == "2026-02-30 is no day"


def test_without_a_dated_night_a_date_is_a_day_without_a_number():
    found = report(nights={"nights": [{"date": None}]}, part="2026-03-02")
    assert found["part"] == "day-"


@pytest.mark.parametrize("key", ["limb", "limbs"])
def test_a_limb_is_one_that_everybody_has_or_none(key):
    assert said(key, ["Calf", "ankle", "Omas calf"]) == ["Calf", "ankle", ""]


@pytest.mark.parametrize("code", QUOTING)
def test_a_refusal_that_quotes_a_person_says_that_and_no_more(code):
    found = said("rate", {"refused": "secret", "code": code, "values": {"why": "secret"}})
    assert found == {"refused": QUOTING[code], "code": code}
    assert said("rate", {"refused": "too short", "code": "short"})["refused"] == "too short"
    assert said("rate", {"finding": "plain", "code": code})["finding"] == "plain"


def test_numbers_and_what_is_missing_stay():
    assert said("x", [1, 0.5, True, None]) == [1, 0.5, True, None]


def test_what_has_no_name_gets_none():
    entries = [{"what": "", "unit": ""}, {"what": "Omas tea", "unit": ""}]
    together = {"entries": entries, "associations": {"by_name": {}}}
    found = report(diary=together, part={"refused": "tea", "code": "x"})
    assert [row["what"] for row in found["diary"]["entries"]] == ["", "entry 2"]
    assert found["part"]["refused"] == "tea"
