"""A report's contents are the logbook's own figures, and an anonymous one tells of no person."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import report_nights
from nights_by_hand import DEVICE
from notturno.errors import UserError
from notturno.refusals import to_json
from notturno.report import bench_figures
from notturno.report.anonymous import code_of
from notturno.report.contents import SCHEMA, as_text, contents, sha256
from notturno.scoring.manynights import figures
from notturno.store import Store
from notturno.views.many import hours_of_nights


def test_the_contents_are_json_and_their_hash_is_that_of_the_text(told):
    import hashlib

    found = told(30)
    text = as_text(found)
    assert found["schema"] == SCHEMA == "report-1"
    assert json.loads(text) == found
    assert text.isascii() and text.endswith("}\n") and text.count("\n") == 1
    assert sha256(found) == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_logbook_gives_the_same_contents(told):
    assert as_text(told(30)) == as_text(told(30))


def test_the_figures_are_those_of_the_other_surfaces(told, folders):
    found = told(30)
    with Store.open(folders(30), create=False) as store:
        rows = store.nights()
        stats = figures.of_band(rows, store.tags(), None, tuple(found["measures"]))
        hours = hours_of_nights(store, rows)
    for key, measure in to_json(stats["measures"]).items():
        del measure["change_points"]  # no page of two tells of them
        assert {k: found["measures"][key][k] for k in measure} == measure
    assert [row["p50"] for row in found["hours"]["hours"]] == [
        row["p50"] for row in hours["hours"]
    ]
    for night, row in zip(found["nights"]["nights"], rows, strict=True):
        assert (night["night"], night["events"]) == (row["night"], row["jerks"])
        assert night["jerks_per_h"] == row["jerks_per_h"]
        assert night["refusal"] == row["refusal"]


def test_an_hour_bears_the_number_of_the_clock(told):
    clocks = {row["hour"]: row["clock"] for row in told(30)["hours"]["hours"]}
    assert [clocks[hour] for hour in range(22, 30)] == [22, 23, 0, 1, 2, 3, 4, 5]


def test_the_hours_are_of_the_newest_nights_that_may_be_read(told, monkeypatch, folders):
    from notturno.report import of_nights

    assert of_nights.MOST_HOURS == 90
    assert told(30)["hours"]["left_for_length"] == 0
    monkeypatch.setattr(of_nights, "MOST_HOURS", 10)
    with Store.open(folders(30), create=False) as store:
        hours = contents(store)["hours"]
        newest = [row for row in store.nights() if row["refusal"] is None][-10:]
        expected = to_json(hours_of_nights(store, newest)["hours"])
    assert (hours["nights"], hours["left_for_length"]) == (10, 17)
    assert [row["p50"] for row in hours["hours"]] == [row["p50"] for row in expected]


def test_the_diary_of_the_last_evening_of_a_span_is_in_it(told):
    last = report_nights.date_of(14)  # an even number: caffeine
    entries = told(30, since=last, until=last)["diary"]["entries"]
    assert [(entry["what"], entry["nights"]) for entry in entries] == [("caffeine", 1)]


def test_every_counted_night_has_an_interval_round_its_rate_and_no_other_has(told):
    for night in told(30)["nights"]["nights"]:
        low, high = night["jerks_per_h_low"], night["jerks_per_h_high"]
        if night["refusal"] is None:
            assert low < night["jerks_per_h"] < high
            half = 2 * (night["events"] + 1) ** 0.5 / night["countable_h"]
            assert high - low == pytest.approx(2 * half, rel=0.15)
        else:
            assert low is None and high is None


def test_nights_left_out_are_named_with_their_reasons(told):
    left_out = told(30)["nights"]["head"]["left_out"]
    codes = {night: refusal["code"] for night, refusal in left_out.items()}
    assert codes == {
        report_nights.date_of(3): "excluded",
        report_nights.date_of(7): "not_worn",
        report_nights.date_of(20): "not_worn",
    }


def test_one_phase_is_held_against_the_nights_before_it(told):
    phases = told(30)["phases"]
    assert [group["name"] for group in phases["groups"]] == ["before", "clonazepam"]
    assert phases["base"] == "before"
    against = phases["groups"][1]["measures"]["jerks_per_h"]["against_first"]
    assert against["ratio_low"] < 0.45 < against["ratio_high"] < 1


def test_the_bounds_of_the_plm_indices_are_those_of_the_bench(told):
    found = told(30)
    periodic = bench_figures.figures()["periodic"]
    for key in ("plms_per_h_wasm2016", "plms_per_h_aasm3"):
        measure = found["measures"][key]
        low, high = (measure["detector_range"][end] for end in ("low", "high"))
        assert low == pytest.approx(measure["typical"] * periodic["ppv"])
        assert high == pytest.approx(measure["typical"] / periodic["found"])


def test_nights_above_the_laboratorys_line_are_counted_of_those_that_may_be(told):
    found = told(30)
    for key, above in found["above_lab_limit"].items():
        rates = [row[key] for row in found["nights"]["nights"] if row["refusal"] is None]
        assert above == {"limit": 15, "above": sum(r > 15 for r in rates), "nights": len(rates)}
        assert 0 < above["above"] < len(rates)


def test_the_bench_figures_stand_in_the_benchs_own_table():
    text = bench_figures.RESULTS.read_text(encoding="utf-8")
    found = bench_figures.figures()
    held_out = text.partition(bench_figures.HELD_OUT)[2].partition("\n## ")[0]
    cells = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[1:-1]]
        for line in held_out.splitlines()
        if line.startswith("| ")
    }
    # profile, jerks, five sizes, PPV, false/h, LM, found, PPV
    assert found["lms"] == {"found": float(cells["all"][10]), "ppv": float(cells["all"][11])}
    of_periodic = [cells[name] for name in bench_figures.PERIODIC]
    assert found["periodic"]["found"] == min(float(row[10]) for row in of_periodic)
    assert found["periodic"]["ppv"] == min(float(row[11]) for row in of_periodic)
    assert found["still"]["false_jerks_per_h"] == float(cells["table"][8])
    goal = re.search(r"\| jerks found \|[^|]*\|[^|]*\| ([\d.]+) \|", text)[1]
    assert found["jerks"]["found"] == float(goal)
    asleep = re.search(r"\| real sleeping wrist: jerks outside awake .*?\| ([\d.]+)/h", text)[1]
    assert found["asleep_jerks_per_h"] == float(asleep)
    assert f"detector {found['detector_version']}, {found['made_on']} " in text


def test_a_table_of_another_form_is_not_read(tmp_path):
    page = tmp_path / "RESULTS.md"
    text = bench_figures.RESULTS.read_text(encoding="utf-8")
    for spoilt in ("", text.replace("detector ", "D "), text.replace("held-out models\n", "\n")):
        page.write_text(spoilt, encoding="utf-8")
        bench_figures.figures.cache_clear()
        with pytest.raises(ValueError):
            bench_figures.figures(page)
    bench_figures.figures.cache_clear()


def test_nights_of_another_detector_are_told():
    from notturno.report.of_errors import of_detector

    tried = bench_figures.figures()["detector_version"]
    for version, same in ((tried, True), (tried + 1, False), (3, False)):
        assert of_detector([{"detector_version": version}])["of_these_nights"] is same


def test_a_span_that_ends_before_it_begins_is_a_sentence(told):
    with pytest.raises(UserError, match="ends .2026-01-10. before it begins .2026-01-20."):
        told(30, since="2026-01-20", until="2026-01-10")


def test_a_span_holds_its_ends_and_nothing_else(told):
    first, last = report_nights.date_of(10), report_nights.date_of(14)
    found = told(30, since=first, until=last)
    head = found["nights"]["head"]
    assert (head["first_night"], head["last_night"], head["nights"]) == (first, last, 5)
    nights = {row["night"] for row in found["nights"]["nights"]}
    assert nights == {report_nights.date_of(n) for n in range(10, 15)}
    for entry in found["diary"]["entries"]:
        assert first <= entry["first_night"] <= entry["last_night"] <= last


@pytest.mark.parametrize("nights", [0, 1, 3])
def test_few_nights_are_refusals_and_no_zeros(told, nights):
    found = told(nights)
    spread = found["measures"]["jerks_per_h"]["variability"]
    assert ("refused" in spread) == (nights < 3)
    assert found["nights"]["head"]["nights"] == nights
    if not nights:
        assert found["sums"]["counts"]["jerks"]["code"] == "too_few_nights"


@pytest.fixture(scope="module")
def both_legs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("legs")
    report_nights.fill_both_legs(folder)
    return folder


def test_two_legs_are_one_patient_and_each_band_has_its_line(both_legs):
    with Store.open(both_legs, create=False) as store:
        found = contents(store)
        persons = store.person_nights(store.night_names())
        alone = contents(store, band=DEVICE)
    assert found["subject"]["side"] == "LR"
    assert [row["side"] for row in found["sides"]] == ["L", "R", "LR"]
    assert [night["events"] for night in found["nights"]["nights"]] == [
        row["jerks"] for row in persons
    ]
    assert found["hours"]["band"] in ("calf-left", "calf-right")
    assert {(row["limb"], row["side"]) for row in found["placement"]["worn"]} == {
        ("calf", "L"),
        ("calf", "R"),
    }
    assert alone["subject"]["side"] == "L" and len(alone["sides"]) == 1


@pytest.mark.parametrize(("nights", "side"), [(4, "LR"), (3, "L")])
def test_a_night_that_one_band_missed_does_not_cost_the_other_leg(tmp_path, nights, side):
    """Of six nights of the left leg the right one has so many: two thirds are enough."""
    report_nights.fill(tmp_path, 6, seed=3, said=False, spread_min=0)
    report_nights.fill(
        tmp_path, nights, device=report_nights.RIGHT, seed=4, said=False, spread_min=0
    )
    with Store.open(tmp_path) as store:
        store.name_band(DEVICE, "calf-left", limb="calf", side="L")
        store.name_band(report_nights.RIGHT, "calf-right", limb="calf", side="R")
        found = contents(store)
    assert found["subject"]["side"] == side
    assert found["nights"]["head"]["usable_nights"] == (nights if side == "LR" else 6)
    assert [row["side"] for row in found["sides"]] == ["L", "R", "LR"]


def test_nights_without_a_date_are_left_out_by_name(tmp_path):
    report_nights.fill(tmp_path, 3, said=False, dated=False)
    with Store.open(tmp_path, create=False) as store:
        found = contents(store)
    head = found["nights"]["head"]
    assert head["left_out_by_code"] == {"clock_unknown": 3}
    assert (head["nights"], head["usable_nights"], head["first_night"]) == (3, 0, None)
    assert contents_are_plain(found)


def test_what_is_no_number_is_null_in_json():
    from notturno.report.contents import _finite

    found = _finite({"a": [float("nan"), 1.5], "b": {"c": float("-inf")}, "d": 2, "e": None})
    assert found == {"a": [None, 1.5], "b": {"c": None}, "d": 2, "e": None}


def contents_are_plain(found):
    return json.loads(as_text(found)) == found


OWN = {
    "band": "Giulias-Bein",
    "note": "zoster at Dr Weiss",
    "tag": "Weiss-therapy",
    "what": "Omas tea",
    "exclude": "quarrel with Bruno",
}


@pytest.fixture(scope="module")
def personal(tmp_path_factory):
    """A folder with words of a person wherever one can be written."""
    folder = tmp_path_factory.mktemp("personal")
    report_nights.fill(folder, 9, said=False)
    with Store.open(folder) as store:
        store.name_band(DEVICE, OWN["band"], limb="Giulias calf", side="L")
        store.add_tag(OWN["tag"], report_nights.date_of(5), None)
        store.edit(report_nights.date_of(3), None, {"exclude": OWN["exclude"]})
        for number, what in ((1, OWN["what"]), (2, "caffeine")):
            store.add_diary(
                {"night": report_nights.date_of(number), "what": what, "amount": 2.0}
                | {"unit": "Omas mug", "at": "", "note": OWN["note"]}
            )
    return folder


def test_an_anonymous_report_holds_no_word_of_a_person_no_id_and_no_date(personal):
    with Store.open(personal, create=False) as store:
        plain = as_text(contents(store, name="Anna Rossi"))
        found = contents(store, name="Anna Rossi", made_on="2026-03-01", without_names=True)
    assert DEVICE in plain and "2026-01-1" in plain and OWN["tag"] in plain
    bench_day = found["detector"].pop("made_on")
    text = as_text(found)
    assert bench_day == bench_figures.figures()["made_on"]
    for word in (*OWN.values(), "Anna", "Giulia", "Omas", "Bruno", "Weiss", DEVICE):
        assert word not in text, word
    assert not re.search(r"\d{4}-\d\d-\d\d", text)
    assert "caffeine" in text  # a doctor could not read it without
    assert found["who"] == {"name": None, "code": found["who"]["code"]}
    assert re.fullmatch(r"[0-9A-F]{8}", found["who"]["code"])
    assert found["nights"]["nights"][0]["night"] == "day-1"
    assert found["nights"]["nights"][8]["night"] == "day-9"


def test_an_anonymous_report_has_the_figures_of_the_plain_one(personal):
    with Store.open(personal, create=False) as store:
        plain = contents(store)
        found = contents(store, without_names=True)

    def numbers(value):
        if isinstance(value, dict):
            return [number for item in value.values() for number in numbers(item)]
        if isinstance(value, list):
            return [number for item in value for number in numbers(item)]
        return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []

    assert numbers(plain) == numbers(found)


def test_the_code_of_a_person_is_the_same_every_time_and_another_for_another_log():
    one = code_of([("aa", 1), ("bb", 2)])
    assert one == code_of([("bb", 2), ("aa", 1)]) != code_of([("aa", 2)])
    assert code_of([]) is None
