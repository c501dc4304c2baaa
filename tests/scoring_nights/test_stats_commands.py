"""The commands stats, compare and tag on a logbook written by hand."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import COMMANDS, cli
from notturno.errors import UserError
from notturno.store import Store
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
DAY_MS = 86_400_000


def logbook(folder, jerks_by_night, minutes=240, first_day=0, device=DEVICE, detector_version=1):
    rng = random.Random(1)
    pen = Pen()
    first_ms = first_day * DAY_MS
    pen.time(1000, EVENING + first_ms)
    for day, n in enumerate(jerks_by_night):
        events = [(rng.uniform(1, minutes - 1), {"peak_mg": 60}) for _ in range(n)]
        lm = {"kind": wire.EVENT_LM, "duration_samples": 208}
        events += [(60 + 0.5 * i, lm) for i in range(n // 2)]
        pen.night(2000 + day * DAY_MS, minutes, events, detector_version=detector_version)
    after_ms = len(jerks_by_night) * DAY_MS
    pen.time(2000 + after_ms, EVENING + 1000 + first_ms + after_ms)
    with Store.open(folder) as store:
        pen_of = store.begin_sync(device, LOG_ID + first_day, "Europe/Rome", "0.1.0")
        store.add(pen_of, pen.frames)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    logbook(folder, [40, 44, 36, 41, 18, 22, 20, 19])
    with Store.open(folder) as store:
        store.add_tag("dose", "2026-01-16", "2026-01-19")
        store.add_tag("start", "2026-01-12", "2026-01-13")
    return folder


def run(*arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    if not isinstance(result.exception, UserError):
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
    return result


def parsed(*arguments):
    return json.loads(run(*arguments, "--json").output)


def test_stats_tell_rates_spread_trend_and_change_of_a_simulated_band(folder):
    text = run("stats", "--data-dir", folder).output
    for words in (
        "simulated band",
        "8 of 8 nights",
        "single jerks per hour: 7.10 typical",
        "trend: falling",
        "level changed",
        "2026-01-16",
    ):
        assert words in text
    assert text.endswith("Not a diagnosis: show it to a doctor.\n")


def test_stats_json_holds_the_same_with_its_schema_table_and_makers(folder):
    whole = parsed("stats", "--data-dir", folder)
    assert whole["schema"] == "stats-1"
    (band,) = whole["bands"]
    jerks = band["measures"]["jerks_per_h"]
    assert jerks["trend"]["trend_high"] < 0 and jerks["unit"] == "1/h"
    assert [point["night"] for point in jerks["change_points"]["change_points"]] == ["2026-01-16"]
    assert band["simulated"] is True
    assert band["provenance"]["firmware"] == ["0.1.0"]
    rows = parsed("nights", "--data-dir", folder)["nights"]
    assert [line["jerks_per_h"] for line in band["table"]] == [row["jerks_per_h"] for row in rows]
    assert [line["lms_per_h"] for line in band["table"]] == [row["lms_per_h"] for row in rows]
    assert {line["state"] for line in band["table"]} == {rows[0]["state"]}


def test_stats_load_no_event_and_no_session(folder, monkeypatch):
    def never(*_, **__):
        raise AssertionError("loaded")

    for name in ("events", "sessions", "minutes", "night_inputs"):
        monkeypatch.setattr(Store, name, never)
    assert parsed("stats", "--data-dir", folder)["bands"]
    assert parsed("compare", "before", "dose", "--data-dir", folder)["bands"]


@pytest.mark.parametrize(
    ("options", "nights", "trend"),
    [
        (["--last", 3], 3, True),
        (["--last", 2], 2, False),
        (["--since", "2026-01-17"], 3, True),
        (["--until", "2026-01-14"], 3, True),
        (["--band", DEVICE], 8, True),
    ],
)
def test_options_choose_the_nights_and_two_make_no_trend(folder, options, nights, trend):
    (band,) = parsed("stats", "--data-dir", folder, *options)["bands"]
    assert band["nights"] == nights
    per_week = band["measures"]["jerks_per_h"]["trend"]["trend_per_week"]
    assert isinstance(per_week, float) is trend
    if not trend:
        text = run("stats", "--data-dir", folder, *options).output
        assert "no trend: 2 usable nights; a trend needs 3." in text


def test_any_measure_can_be_asked_for_and_a_bare_count_is_its_rate(folder):
    asked = ("--measure", "jerks", "--measure", "recorded_h", "--data-dir", folder)
    (band,) = parsed("stats", *asked)["bands"]
    assert list(band["measures"]) == ["jerks_per_h", "recorded_h"]
    assert "recorded: 4.00 typical" in run("stats", *asked).output
    (band,) = parsed("compare", "before", "dose", *asked)["bands"]
    assert "ratio" in band["measures"]["jerks_per_h"]
    assert "difference" in band["measures"]["recorded_h"]
    result = run("stats", "--measure", "jerk", "--data-dir", folder)
    assert isinstance(result.exception, UserError) and "jerks_per_h" in str(result.exception)


def test_stats_by_month_and_tag_group_the_nights(folder):
    (band,) = parsed("stats", "--by", "month", "--data-dir", folder)["bands"]
    assert [(g["name"], g["nights"]) for g in band["groups"]] == [("2026-01", 8)]
    (band,) = parsed("stats", "--by", "tag", "--data-dir", folder)["bands"]
    assert [(g["name"], g["nights"]) for g in band["groups"]] == [("start", 2), ("dose", 4)]
    assert "dose" in run("stats", "--by", "tag", "--data-dir", folder).output


def against_first(band, key="jerks_per_h"):
    return band["groups"][1]["measures"][key]["against_first"]


def test_stats_by_phase_compare_with_the_first_and_refuse_below_three_nights(folder):
    (band,) = parsed("stats", "--by", "phase", "--data-dir", folder)["bands"]
    assert against_first(band)["ratio"]["code"] == "too_few_nights"
    text = run("stats", "--by", "phase", "--data-dir", folder).output
    assert "a comparison of phases needs 3" in text


def test_phases_that_share_nights_are_not_compared(tmp_path):
    logbook(tmp_path, [30, 31, 29, 30, 12, 13, 11, 12])
    with Store.open(tmp_path) as store:
        store.add_tag("all", "2026-01-12")
        store.add_tag("late", "2026-01-16", "2026-01-19")
    (band,) = parsed("stats", "--by", "phase", "--data-dir", tmp_path)["bands"]
    assert against_first(band)["ratio"]["code"] == "shared_nights"
    with Store.open(tmp_path) as store:
        store.remove_tag("all")
        store.add_tag("early", "2026-01-12", "2026-01-15")
    (band,) = parsed("stats", "--by", "phase", "--data-dir", tmp_path)["bands"]
    assert against_first(band)["ratio"] == pytest.approx(48 / 120, abs=0.01)
    assert "0.40" in run("stats", "--by", "phase", "--data-dir", tmp_path).output


def test_without_scipy_one_sentence_says_what_to_install(folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for command in (("stats",), ("compare", "before", "dose")):
        result = run(*command, "--data-dir", folder)
        assert isinstance(result.exception, UserError) and "pip install scipy" in str(
            result.exception
        )


def test_stats_of_one_night_give_the_whole_report(folder):
    (report,) = parsed("stats", "--night", "2026-01-13", "--data-dir", folder)["bands"]
    assert report["jerks"]["single_jerks"] == 44
    assert report["movements"]["wasm2016"]["lm"] == 22
    text = run("stats", "--night", "2026-01-13", "--data-dir", folder).output
    assert "Night 2026-01-13, simulated band" in text and "van_hees_2015" in text
    assert text.endswith("Not a diagnosis: show it to a doctor.\n")


def test_a_night_scored_again_shows_what_changed(folder, tmp_path):
    at = ("stats", "--night", "2026-01-13", "--data-dir", folder)
    old = tmp_path / "old.json"
    old.write_text(run(*at, "--json").output)
    same = parsed(*at, "--against", old)["difference"][DEVICE]
    assert same["jerks"]["figures"] == {} and not same["jerks"]["events_changed"]
    stages = tmp_path / "stages.csv"
    stages.write_text("onset_s,stage\n0,W\n7200,N2\n14400,END\n")
    told = parsed(*at, "--against", old, "--stages", stages)["difference"][DEVICE]
    assert told["sleep"]["figures"]["rule"] == ["van_hees_2015", "hypnogram"]
    assert told["jerks"]["figures"]["hours.sleep"][1] == 2.0
    assert not told["jerks"]["events_changed"]
    assert "Changed since" in run(*at, "--against", old).output


def test_a_hypnogram_is_moved_by_its_offset(folder, tmp_path):
    stages = tmp_path / "stages.csv"
    stages.write_text("onset_s,stage\n0,W\n7200,N2\n12600,END\n")
    at = ("stats", "2026-01-13", "--stages", stages, "--data-dir", folder)
    (plain,) = parsed(*at)["bands"]
    (moved,) = parsed(*at, "--stages-offset", "900")["bands"]
    assert moved["stages_offset_s"] - plain["stages_offset_s"] == pytest.approx(900)


def test_options_of_one_night_make_no_sense_without_it_or_together(folder, tmp_path):
    stages = tmp_path / "stages.csv"
    stages.write_text("onset_s,stage\n0,W\n30,N2\n")
    night = ("--night", "2026-01-13")
    for options, words in (
        (("--sleep", "marks"), "need one night"),
        (("--left", DEVICE), "need one night"),
        (("--stages-offset", "30"), "need one night"),
        ((*night, "--stages-offset", "30"), "with --stages"),
        ((*night, "--last", 3), "--last cannot go with a night"),
        ((*night, "--left", DEVICE), "two bands"),
        ((*night, "--sleep", "marks", "--stages", stages), "not both"),
        ((*night, "--against", stages), "not the JSON of one night"),
        (("--night", "2020-01-01"), "not stored"),
    ):
        result = run("stats", *options, "--data-dir", folder)
        assert isinstance(result.exception, UserError) and words in str(result.exception)
    report = parsed("stats", *night, "--sleep", "marks", "--data-dir", folder)["bands"][0]
    assert report["sleep"]["code"] == "no_stages"


def test_two_bands_of_one_night_are_set_side_by_side(tmp_path):
    right_id = b"VB\0\0\0\0\0\2".hex()
    for device, shift in ((DEVICE, 0.0), (right_id, 0.004)):  # 240 ms later, in minutes
        pen = Pen()
        pen.time(1000, EVENING)
        pen.night(2000, 360, [(10 + 5 * i + shift, {}) for i in range(20)])
        pen.time(362 * 60_000, EVENING + 362 * 60_000 - 1000)
        with Store.open(tmp_path) as store:
            store.add(store.begin_sync(device, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
    at = ("stats", "--night", "2026-01-12", "--data-dir", tmp_path)
    found = parsed(*at, "--left", DEVICE)["two_bands"]["jerks"]
    assert (found["bilateral"], found["left_first"]) == (20, 20)
    assert found["lag_ms"]["median"] == pytest.approx(240, abs=10)
    uncertain_ms = found["lag_ms"]["uncertainty"]
    assert 40 <= uncertain_ms < 200
    text = run(*at, "--left", right_id).output
    assert "20 of both legs" in text and f"uncertain by {uncertain_ms:.0f} ms" in text
    assert "lag (right minus left): -" in text
    result = run(*at, "--left", "nobody")
    assert isinstance(result.exception, UserError) and right_id in str(result.exception)


def test_compare_tells_the_ratio_its_interval_and_what_could_be_shown(folder):
    found = parsed("compare", "before", "dose", "--data-dir", folder)
    assert (found["schema"], found["phases"]) == ("compare-1", ["before", "dose"])
    jerks = found["bands"][0]["measures"]["jerks_per_h"]
    assert jerks["ratio"] == pytest.approx(79 / 161, rel=0.02)
    assert jerks["ratio_low"] < jerks["ratio"] < jerks["ratio_high"] < 1 and jerks["p"] < 0.05
    assert jerks["events"] == [161, 79]
    assert [len(phase["table"]) for phase in found["bands"][0]["phases"]] == [4, 4]
    text = run("compare", "before", "dose", "--data-dir", folder).output
    for words in ("dose has 0.49", "a halving needs about", "smallest change", "simulated"):
        assert words in text
    assert "no proof of its cause" in text
    assert text.endswith("Not a diagnosis: show it to a doctor.\n")


PRINTED = re.compile(r"([\d.]+) typical in \w+, ([\d.]+) typical in \w+\n  \w+ has ([\d.]+) times")


def test_no_line_prints_a_ratio_that_its_own_two_rates_contradict(folder):
    text = run("compare", "before", "dose", "--data-dir", folder).output
    lines = PRINTED.findall(text)
    assert len(lines) >= 2
    for first, second, ratio in lines:
        assert float(second) / float(first) == pytest.approx(float(ratio), rel=0.02)


def test_a_level_without_any_event_says_so(tmp_path):
    logbook(tmp_path, [0, 0, 0, 30, 31, 29])
    with Store.open(tmp_path) as store:
        store.add_tag("dose", "2026-01-15")
    text = run("compare", "before", "dose", "--data-dir", tmp_path).output
    assert "single jerks per hour: 0.0625 typical in before (no event), " in text
    assert "typical in dose (no event)" not in text.split("\nlimb")[0]
    assert (
        "typical (no event)"
        in run("stats", "--until", "2026-01-14", "--data-dir", tmp_path).output
    )


def test_nights_of_two_detectors_are_not_pooled(tmp_path):
    logbook(tmp_path, [30, 31, 29, 30])
    logbook(tmp_path, [90, 91, 92, 90], first_day=4, detector_version=2)
    with Store.open(tmp_path) as store:
        store.add_tag("drug", "2026-01-16")
    (band,) = parsed("compare", "before", "drug", "--data-dir", tmp_path)["bands"]
    refused = band["measures"]["jerks_per_h"]["ratio"]
    assert refused["code"] == "different_makers"
    assert "detector 1 2026-01-12 to 2026-01-15; detector 2 2026-01-16" in refused["refused"]
    text = run("stats", "--data-dir", tmp_path).output
    assert "not made alike" in text and "trend:" not in text


def test_a_person_with_both_legs_is_one_more_section(tmp_path):
    other = b"VB\0\0\0\0\0\2".hex()
    for device in (DEVICE, other):
        logbook(tmp_path, [30, 31, 29, 30], device=device)
    with Store.open(tmp_path) as store:
        for device, side in ((DEVICE, "L"), (other, "R")):
            store.name_band(device, name=f"calf-{side}", limb="calf", side=side)
    bands = parsed("stats", "--data-dir", tmp_path)["bands"]
    assert [band["device_id"] for band in bands] == [DEVICE, other, "person"]
    assert "both legs of a person" in run("stats", "--data-dir", tmp_path).output


def test_compare_refuses_a_phase_of_two_nights_in_words(folder):
    result = run("compare", "start", "dose", "--data-dir", folder)
    assert result.exit_code == 0 and "no ratio: 2 usable nights" in result.output


@pytest.mark.parametrize(
    ("phases", "words"), [(("x", "dose"), "start, dose"), (("before", "after"), "start, dose")]
)
def test_compare_names_the_phases_there_are(folder, phases, words):
    result = run("compare", *phases, "--data-dir", folder)
    assert isinstance(result.exception, UserError) and words in str(result.exception)


def test_an_empty_store_gets_a_friendly_line_and_stays_empty(tmp_path):
    for command in (("stats",), ("compare", "before", "after")):
        result = run(*command, "--data-dir", tmp_path)
        assert result.exit_code == 0 and "notturno sync" in result.output
    assert parsed("stats", "--data-dir", tmp_path)["bands"] == []
    assert parsed("compare", "before", "after", "--data-dir", tmp_path)["bands"] == []
    assert "notturno tag NAME" in run("tag", "--list", "--data-dir", tmp_path).output
    assert list(tmp_path.iterdir()) == []


def test_tags_are_made_listed_and_removed(tmp_path):
    at = ("--data-dir", tmp_path)
    run("tag", "dose", "2026-02-01", *at)
    run("tag", "off", "2026-01-01", "2026-01-31", *at)
    assert parsed("tag", "--list", *at) == [
        {"name": "off", "first_night": "2026-01-01", "last_night": "2026-01-31"},
        {"name": "dose", "first_night": "2026-02-01", "last_night": None},
    ]
    assert "going on" in run("tag", "--list", *at).output
    assert [tag["name"] for tag in parsed("tag", "--remove", "off", *at)] == ["dose"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dose",), "which nights"),
        (("dose", "tomorrow"), "2026-01-31"),
        (("dose", "2026-02-02", "2026-02-01"), "swap"),
        (("--remove", "none"), "none yet"),
        (("dose", "2026-02-02", "--list"), "alone"),
    ],
)
def test_a_tag_that_makes_no_sense_is_said_plainly(tmp_path, arguments, words):
    result = run("tag", *arguments, "--data-dir", tmp_path)
    assert isinstance(result.exception, UserError) and words in str(result.exception)


def test_a_wild_trend_of_three_nights_is_told_without_a_wild_number(tmp_path):
    logbook(tmp_path, [1, 40, 3])
    text = run("stats", "--data-dir", tmp_path).output
    assert "no clear trend" in text and "to over 10 times" in text


def test_short_nights_are_named_and_refused_ones_left_out_with_their_reason(tmp_path):
    logbook(tmp_path, [10, 11, 12], minutes=90)
    text = run("stats", "--data-dir", tmp_path).output
    assert "short (under 4 h, and so biased): 2026-01-12, 2026-01-13, 2026-01-14" in text
    (tmp_path / "shorter").mkdir()
    logbook(tmp_path / "shorter", [10, 11, 12], minutes=20)
    text = run("stats", "--data-dir", tmp_path / "shorter").output
    (reason,) = {
        row["refusal"]["refused"]
        for row in parsed("nights", "--data-dir", tmp_path / "shorter")["nights"]
    }
    assert "0 of 3 nights used" in text
    assert f"left out 2026-01-12, 2026-01-13, 2026-01-14: {reason}" in text


def test_the_commands_load_nothing_heavy_before_they_run():
    script = (
        "import importlib, sys\n"
        "from notturno.cli import COMMANDS\n"
        "for module, _ in COMMANDS.values():\n"
        "    importlib.import_module(module.partition(':')[0])\n"
        "print(len(COMMANDS), *sorted({n.partition('.')[0] for n in sys.modules} & "
        "{'numpy', 'scipy', 'rich', 'bleak', 'statsmodels', 'asyncio', 'ssl', 'cryptography'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, [str(len(COMMANDS))]), done.stderr
