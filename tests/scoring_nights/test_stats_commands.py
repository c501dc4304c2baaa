"""The commands stats, compare and tag on a logbook written by hand."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.errors import UserError
from notturno.store import Store
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
DAY_MS = 86_400_000


def logbook(folder, jerks_by_night, minutes=240):
    rng = random.Random(1)
    pen = Pen()
    pen.time(1000, EVENING)
    for day, n in enumerate(jerks_by_night):
        events = [(rng.uniform(1, minutes - 1), {"peak_mg": 60}) for _ in range(n)]
        lm = {"kind": wire.EVENT_LM, "duration_samples": 208}
        events += [(60 + 0.5 * i, lm) for i in range(n // 2)]
        pen.night(2000 + day * DAY_MS, minutes, events)
    pen.time(2000 + len(jerks_by_night) * DAY_MS, EVENING + 1000 + len(jerks_by_night) * DAY_MS)
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)


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
        "trend: falling",
        "level changed",
        "2026-01-16",
    ):
        assert words in text
    assert text.endswith("Not a diagnosis: show it to a doctor.\n")


def test_stats_json_holds_the_same_with_its_provenance(folder):
    (band,) = parsed("stats", "--data-dir", folder)["bands"]
    assert band["jerks"]["per_recorded_h"] == pytest.approx(240 / 32)
    assert band["jerks"]["trend"]["direction"] == "falling"
    assert band["simulated"] is True
    source = band["provenance"]
    assert len(source["events_sha256"]) == 64 and source["source"]["firmware"] == ["0.1.0"]


@pytest.mark.parametrize(
    ("options", "nights", "trend"),
    [(["--last", 3], 3, True), (["--last", 2], 2, False), (["--since", "2026-01-17"], 3, True)],
)
def test_last_and_since_choose_the_nights_and_two_make_no_trend(folder, options, nights, trend):
    (band,) = parsed("stats", "--data-dir", folder, *options)["bands"]
    assert band["nights"] == nights
    assert ("refused" not in band["jerks"]["trend"]) is trend
    if not trend:
        text = run("stats", "--data-dir", folder, *options).output
        assert "no trend: 2 usable nights; a trend needs 3." in text


def test_stats_by_month_and_tag_group_the_nights(folder):
    (band,) = parsed("stats", "--by", "month", "--data-dir", folder)["bands"]
    assert [(g["name"], g["nights"]) for g in band["groups"]] == [("2026-01", 8)]
    (band,) = parsed("stats", "--by", "tag", "--data-dir", folder)["bands"]
    assert [(g["name"], g["nights"]) for g in band["groups"]] == [("start", 2), ("dose", 4)]
    assert "dose" in run("stats", "--by", "tag", "--data-dir", folder).output


def test_stats_by_phase_compare_with_the_first_and_refuse_below_three_nights(folder):
    (band,) = parsed("stats", "--by", "phase", "--data-dir", folder)["bands"]
    assert band["groups"][1]["jerks"]["against_first"]["code"] == "too_few_nights"
    assert "in each phase needs 3" in run("stats", "--by", "phase", "--data-dir", folder).output


def test_phases_that_share_nights_are_not_compared(tmp_path):
    logbook(tmp_path, [30, 31, 29, 30, 12, 13, 11, 12])
    with Store.open(tmp_path) as store:
        store.add_tag("all", "2026-01-12")
        store.add_tag("late", "2026-01-16", "2026-01-19")
    (band,) = parsed("stats", "--by", "phase", "--data-dir", tmp_path)["bands"]
    assert band["groups"][1]["jerks"]["against_first"]["code"] == "shared_nights"
    with Store.open(tmp_path) as store:
        store.remove_tag("all")
        store.add_tag("early", "2026-01-12", "2026-01-15")
    (band,) = parsed("stats", "--by", "phase", "--data-dir", tmp_path)["bands"]
    assert band["groups"][1]["jerks"]["against_first"]["ratio"] == pytest.approx(
        48 / 120, abs=0.01
    )
    assert "0.40 (" in run("stats", "--by", "phase", "--data-dir", tmp_path).output


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


def test_options_of_one_night_make_no_sense_without_it_or_together(folder, tmp_path):
    stages = tmp_path / "stages.csv"
    stages.write_text("onset_s,stage\n0,W\n30,N2\n")
    night = ("--night", "2026-01-13")
    for options, words in (
        (("--sleep", "marks"), "add --night"),
        (("--left", DEVICE), "add --night"),
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


def test_compare_tells_the_ratio_its_interval_and_the_permutation_test(folder):
    found = parsed("compare", "before", "dose", "--data-dir", folder)
    assert found["phases"] == ["before", "dose"]
    ratio = found["bands"][0]["jerks"]["rate_ratio"]
    assert ratio["ratio"] == pytest.approx(79 / 161, rel=0.01)
    assert ratio["interval"][0] < ratio["ratio"] < ratio["interval"][1] < 1
    assert found["bands"][0]["jerks"]["permutation"]["p"] == pytest.approx(2 / 70)
    text = run("compare", "before", "dose", "--data-dir", folder).output
    for words in ("dose has 0.49 times as many", "permutation test: p 0.0286", "simulated"):
        assert words in text
    assert "no proof of its cause" in text
    assert text.endswith("Not a diagnosis: show it to a doctor.\n")


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


def test_a_wild_trend_of_three_nights_is_told_by_the_night_and_without_a_wild_number(tmp_path):
    logbook(tmp_path, [1, 40, 3])
    text = run("stats", "--data-dir", tmp_path).output
    assert "no clear trend" in text and "a night (" in text and "to over 10 times" in text


def test_short_nights_are_named(tmp_path):
    logbook(tmp_path, [10, 11, 12], minutes=90)
    text = run("stats", "--data-dir", tmp_path).output
    assert "short (under 4 h, and so biased): 2026-01-12, 2026-01-13, 2026-01-14" in text
    (tmp_path / "shorter").mkdir()
    logbook(tmp_path / "shorter", [10, 11, 12], minutes=30)
    text = run("stats", "--data-dir", tmp_path / "shorter").output
    assert "0 of 3 nights used" in text and "left out 2026-01-12: 0.5 h were recorded" in text


@pytest.mark.parametrize("module", ["stats", "compare", "tag"])
def test_the_commands_load_nothing_heavy_before_they_run(module):
    script = (
        f"import sys, notturno.cli.{module}\n"
        "print(*sorted({n.partition('.')[0] for n in sys.modules} & "
        "{'numpy', 'scipy', 'rich', 'bleak', 'statsmodels'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
