"""Both legs as one patient: the report of one night says what the night's own row says."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, ODR_MHZ, Pen
from notturno.cli import cli
from notturno.store import Store
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
RIGHT = b"VB\0\0\0\0\0\2".hex()
NIGHT, MINUTES = "2026-01-12", 480
AWAKE_MIN = 180
RULES = ("wasm2016", "aasm3")


def walk(first_min, sides_apart_min):
    """Return a leg's LM, 70 of them 30 s apart; the other leg's lie between them."""
    lm = {"kind": wire.EVENT_LM, "duration_samples": 200}
    return [(first_min + sides_apart_min + i / 2, lm) for i in range(70)]


def stored(folder, of_both=(), right_flags=lambda minute: 0, with_sides=True):
    for device, side, apart in ((DEVICE, "L", 0.0), (RIGHT, "R", 0.25)):
        pen = Pen()
        pen.time(1000, EVENING)
        pen.session(2000)
        pen.segment(0, 2000)
        events = sorted([*walk(20, apart), *of_both], key=lambda event: event[0])
        for minute in range(1, MINUTES + 1):
            while events and events[0][0] < minute:
                at, values = events.pop(0)
                pen.event(round(at * 60 * ODR_MHZ / 1000), **values)
            flags = right_flags(minute) if side == "R" else 0
            pen.minute(round(minute * 60 * ODR_MHZ / 1000), 2000 + minute * 60_000, flags=flags)
        pen.end(round(MINUTES * 60 * ODR_MHZ / 1000), 2000 + MINUTES * 60_000)
        pen.time((MINUTES + 2) * 60_000, EVENING + (MINUTES + 2) * 60_000 - 1000)
        with Store.open(folder) as store:
            store.add(store.begin_sync(device, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
            if with_sides:
                store.name_band(device, f"calf-{side}", "calf", side)
    return folder


def taken_off(minute):
    return wire.MINUTE_NOT_WORN if minute > 120 else 0


def run(folder, *arguments):
    result = CliRunner().invoke(cli, [*arguments, "--data-dir", str(folder)])
    assert result.exception is None, result.exception
    return result.output


def person_and_report(folder):
    (person,) = json.loads(run(folder, "nights", "--json"))["person_nights"]
    report = json.loads(run(folder, "stats", "--night", NIGHT, "--json"))
    return person, report["two_bands"]["by_rules"]


def same(person, by_rules):
    for rules in RULES:
        for key, column in (
            ("plms_per_h", f"plms_per_h_{rules}"),
            ("periodicity_index", "periodicity_index" + ("" if rules == RULES[0] else "_aasm3")),
        ):
            figure = by_rules[rules][key]
            if isinstance(figure, dict) and "refused" in figure:
                assert person[column] is None
                assert person["refusals"][column] == figure
            else:
                assert person[column] == pytest.approx(figure)


def test_time_awake_is_no_second_reason_against_the_rate_of_both_legs(tmp_path):
    awake = {"kind": wire.EVENT_AWAKE, "duration_samples": AWAKE_MIN * 60 * ODR_MHZ // 1000}
    person, by_rules = person_and_report(stored(tmp_path, [(100, awake)]))
    assert person["refusal"] is None
    hours = (MINUTES - AWAKE_MIN) / 60
    assert by_rules["aasm3"]["plms_per_h"] == pytest.approx(140 / hours, rel=0.01)
    same(person, by_rules)


def test_a_band_not_worn_refuses_the_rates_of_both_legs_in_the_report_too(tmp_path):
    person, by_rules = person_and_report(stored(tmp_path, right_flags=taken_off))
    assert person["refusal"]["code"] == "not_worn"
    assert by_rules["wasm2016"]["plms_per_h"] == person["refusal"]
    assert by_rules["wasm2016"]["lm"] == 140  # counts stay
    same(person, by_rules)
    text = run(tmp_path, "stats", "--night", NIGHT)
    both = text[text.index("Both legs") :]
    assert person["refusal"]["refused"] in both and "PLMS per hour of sleep -" in both


def test_without_sides_the_verdict_on_either_band_holds_for_both(tmp_path):
    stored(tmp_path, right_flags=taken_off, with_sides=False)
    report = json.loads(run(tmp_path, "stats", "--night", NIGHT, "--left", DEVICE, "--json"))
    (of_band,) = [row["refusal"] for row in report["summary"] if row["refusal"] is not None]
    for rules in RULES:
        assert report["two_bands"]["by_rules"][rules]["plms_per_h"] == of_band
