"""What commands hand on to the rooms below them: numbers, conditions, and what comes back."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from fakes.commanded import opening, said
from notturno.cli import (
    bands,
    chart,
    cohort,
    config,
    configured,
    doctor,
    export,
    onenight,
    report,
    stimuli,
    strap_words,
    synth,
)
from notturno.errors import UserError
from notturno.refusals import Refusal
from notturno.store import bands as bands_store

NIGHT = "2026-01-12"
FEW = Refusal("Too few stimuli.", "too_few")


# --- a report, an export, a picture --------------------------------------------------------------


@pytest.fixture
def written(monkeypatch, tmp_path):
    """What a report hands on: whether its pages are to be read, where they go, by which word."""
    seen = SimpleNamespace(to_read=None, path=None, password=None, overwrite=None)

    def contents(*what):
        seen.to_read = what[-1]
        return {"nights": {"nights": []}}

    def write(found, path, overwrite, paper, password):
        seen.path, seen.overwrite, seen.password = path, overwrite, password

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "_contents", contents)
    monkeypatch.setattr(report, "_write", write)
    monkeypatch.setattr("notturno.report.contents.as_text", lambda found: "{}\n")
    return seen


@pytest.mark.parametrize(
    ("words", "file", "out"),
    [
        ((), "notturno-report.pdf", "Written: "),
        (("--out", "x.PDF"), "x.PDF", "Written: "),
        (("--json",), None, "{}\n"),
        (("--json", "--out", "y.pdf"), "y.pdf", "{}\n"),
    ],
)
def test_a_report_is_a_file_json_or_both(written, words, file, out):
    text = said(report.command, *words)
    assert text.startswith(out) and "encrypted" not in text
    assert written.path == (None if file is None else Path(file))
    assert written.to_read is (file is not None) and not written.overwrite


def test_a_report_with_a_password_is_no_archive_file(written, tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"")
    text = said(report.command, "--out", "x.pdf", "--force", "--password", "p")
    assert "(encrypted, and so no PDF/A)" in text
    assert (written.password, written.overwrite) == ("p", True)
    said(report.command, "--out", "x.pdf", "--force", "--password", input="q\nq\n")
    assert written.password == "q"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("--format", "csv"), "notturno-csv"),
        (("--format", "json"), "notturno-json.json"),
        (("--format", "fhir"), "notturno-fhir.json"),
        (("--format", "edf", "--signals", "--out", "x"), "x"),
    ],
)
def test_an_export_is_named_by_its_form(monkeypatch, tmp_path, words, kept):
    monkeypatch.chdir(tmp_path)
    chosen = SimpleNamespace(nights=[NIGHT], whole=True)
    monkeypatch.setattr("notturno.files.chosen.chosen", lambda *what: chosen)
    opening(monkeypatch, export, SimpleNamespace(), "open_for_reading")
    seen = []
    monkeypatch.setattr(export, "_write", lambda *what: seen.append(what) or {"rows": 2})
    text = said(export.command, *words)
    assert f"Written: {tmp_path / kept}" in text and seen[0][-1] is ("--signals" in words)
    assert ("rows: 2\n" in text) is (words[1] != "json")


@pytest.mark.parametrize(
    ("form", "nights", "whole", "refused"),
    [
        ("csv", [], True, True),
        ("json", [], True, False),
        ("json", [], False, True),
        ("csv", [NIGHT], False, False),
        ("json", [NIGHT], False, False),
    ],
)
def test_of_no_night_only_all_that_was_said_can_be_written(
    monkeypatch, tmp_path, form, nights, whole, refused
):
    monkeypatch.chdir(tmp_path)
    chosen = SimpleNamespace(nights=nights, whole=whole)
    monkeypatch.setattr("notturno.files.chosen.chosen", lambda *what: chosen)
    opening(monkeypatch, export, SimpleNamespace(), "open_for_reading")
    monkeypatch.setattr(export, "_write", lambda *what: {})
    monkeypatch.setattr(export, "none_of_them", lambda store: UserError("None of them."))
    assert (said(export.command, "--format", form) == "None of them.") is refused


def test_signals_are_of_edf_alone(tmp_path):
    assert "goes with --format edf" in said(export.command, "--format", "csv", "--signals")


def rows_of_chart(*dates):
    return [{"night": f"n{k}", "date": date} for k, date in enumerate(dates)]


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        (("2026-01-11", "2026-01-13", "2026-01-12", None), "n1"),
        ((None, None, None), "n2"),
        (("2026-01-11",), "n0"),
    ],
)
def test_without_a_name_the_newest_of_the_nights_chosen_is_drawn(
    monkeypatch, tmp_path, dates, shown
):
    asked = []
    store = SimpleNamespace(nights=lambda **how: rows_of_chart(*dates), tags=list)
    opening(monkeypatch, chart, store, "open_for_reading")
    monkeypatch.setattr(chart, "which_night", lambda store, night: "latest")
    monkeypatch.setattr(
        "notturno.views.night.night_view",
        lambda store, key, device: asked.append(key) or {"bands": []},
    )
    text = said(chart.command, "--out", tmp_path / "x.svg")
    assert asked == [shown] and f"did not record the night {shown}" in text


@pytest.mark.parametrize(
    ("words", "measures"),
    [((), ("jerks_per_h", "lms_per_h")), (("--measure", "asleep_h"), ("asleep_h",))],
)
@pytest.mark.parametrize("name", ["x.svg", "x.html"])
def test_a_picture_is_of_the_measures_asked_for(monkeypatch, tmp_path, words, measures, name):
    seen = []
    rows = rows_of_chart("2026-01-11", "2026-01-12") + rows_of_chart("2026-01-11")
    store = SimpleNamespace(nights=lambda **how: rows, tags=list)
    opening(monkeypatch, chart, store, "open_for_reading")
    monkeypatch.setattr(chart, "which_night", lambda store, night: "n1")
    view = {"bands": [{"row": 1}], "person": []}
    monkeypatch.setattr("notturno.views.night.night_view", lambda *what: view)
    monkeypatch.setattr(
        "notturno.charts.page.picture", lambda *w: seen.append(w[-1]) or ("<svg", "told")
    )
    monkeypatch.setattr("notturno.charts.page.html", lambda *w: seen.append(w[-1]) or "<html")
    monkeypatch.setattr("notturno.charts.page.describe_all", lambda *w: "told")
    out = tmp_path / name
    assert said(chart.command, "--out", out, *words).startswith("told\n") and seen == [measures]
    assert out.read_text() == ("<svg" if name == "x.svg" else "<html")
    assert '"nights": 2' in said(chart.command, "--out", out, "--force", "--json", *words)


# --- people, settings, the doctor ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (("--scheduler", "h:1", "--engine", "duckdb"), "--scheduler goes with --engine dask"),
        (("--scheduler", "h:1", "--workers", "2"), "--scheduler goes with --engine dask"),
        (("--force",), "--force goes with --out"),
        (("--identified", "--key", "k"), "--key is of pseudonyms"),
        (("--scheduler", "h:1"), "ran dask"),
        (("--scheduler", "h:1", "--engine", "dask"), "ran dask"),
        (("--engine", "dask", "--workers", "2"), "ran dask"),
        (("--engine", "duckdb", "--workers", "1"), "ran duckdb"),
        ((), "ran duckdb"),
        (("--force", "--out", "o"), "ran duckdb"),
        (("--identified",), "ran duckdb"),
        (("--key", "k"), "ran duckdb"),
        (("--phases", "a", "b"), "ran duckdb"),
    ],
)
def test_which_engine_reads_a_cohort_and_what_contradicts(monkeypatch, words, refused):
    pytest.importorskip("duckdb")

    def engine(name, workers, scheduler):
        raise UserError(f"ran {name}")

    monkeypatch.setattr("notturno.cohort.engines.engine", engine)
    assert refused in said(cohort.command, "a", "b", *words)


def test_a_setting_has_one_value_unless_its_option_takes_many(monkeypatch, tmp_path):
    monkeypatch.setenv("NOTTURNO_CONFIG", str(tmp_path / "c.toml"))

    def put(*words):
        return said(config.command, "set", *words)

    assert put("lang", "it", "en") == "lang takes one value."
    assert put("lang", "xx").startswith("lang cannot be xx") and put("lang", "it")
    assert put("person", "anna").startswith("person = anna")
    assert put("person", "xx").startswith("person = xx")
    assert put("other", "x").startswith("There is no setting other")
    assert put("nights.measure", "asleep_h", "lms_per_h").startswith("nights.measure = [")
    assert put("bands.set.port", "x").startswith("bands.set.port = x")
    assert put("bands.nothing.port", "x").startswith("There is no command bands nothing;")
    assert put("bands.set.nothing", "x").startswith("bands set has no option nothing; it has: ")
    assert said(config.command, "unset", "bands.set.port").startswith("bands.set.port is no long")
    assert said(config.command, "unset", "bands.set.port").startswith("bands.set.port is not set")
    rows = [line.split()[0] for line in said(config.command).splitlines()[2:]]
    assert rows == ["lang", "person", "nights.measure"]


def test_a_table_in_a_table_is_of_a_group_alone():
    group = click.Group(commands={"a": click.Command("a")})
    with pytest.raises(UserError):
        configured.defaults_of(click.Command("a"), {"b": {"c": 1}}, "a")
    assert configured.defaults_of(group, {"a": {}}, "g") == {"a": {}}
    with pytest.raises(UserError):
        configured.defaults_of(group, {"a": 1}, "g")


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("look", 0), ("wrong", 1)])
def test_the_doctor_ends_with_one_where_something_is_wrong(monkeypatch, state, code):
    from notturno.doctor import Finding

    monkeypatch.setattr(doctor, "examine", lambda *what: [Finding("x", state, "y")])
    assert CliRunner().invoke(doctor.command, []).exit_code == code


def found_of(monkeypatch, exists=True, is_folder=True, error=None, rows=(), bands=()):
    facts = SimpleNamespace(exists=exists, is_folder=is_folder)
    monkeypatch.setattr("notturno.doctor.machine.folder_facts", lambda *what: facts)
    monkeypatch.setattr("notturno.doctor.machine.missing_packages", dict)
    monkeypatch.setattr(doctor, "listen", lambda *what: (["heard"], None))
    monkeypatch.setattr(doctor, "read_logbook", lambda folder: (list(rows), 7, error))
    monkeypatch.setattr(doctor, "look_at_bands", lambda *what: list(bands))
    monkeypatch.setattr("notturno.doctor.radio", lambda *what: [f"radio {what[0]}"])
    monkeypatch.setattr("notturno.doctor.folder", lambda facts: ["folder"])
    monkeypatch.setattr("notturno.doctor.logbook", lambda facts, e, n: [f"logbook {n} {e}"])
    monkeypatch.setattr("notturno.doctor.clock", lambda *what: ["clock"])
    monkeypatch.setattr("notturno.doctor.packages", lambda missing: ["packages"])
    found = doctor.examine(None, None, 5.0)
    return [one if isinstance(one, str) else one.check for one in found]


@pytest.mark.parametrize(
    ("how", "logbook", "bands"),
    [
        ({}, ["logbook 7 None"], ["bands"]),
        ({"bands": ["band a"]}, ["logbook 7 None"], ["band a"]),
        ({"error": "x"}, ["logbook 7 x"], []),
        ({"exists": False, "is_folder": False}, ["logbook 0 None"], ["bands"]),
        ({"is_folder": False}, [], ["bands"]),
    ],
)
def test_the_doctor_looks_at_each_thing_once(monkeypatch, how, logbook, bands):
    assert found_of(monkeypatch, **how) == [
        *("radio ['heard']", "folder", *logbook, "clock", *bands),
        "packages",
    ]


def test_a_logbook_that_cannot_be_read_has_no_band_and_no_record(monkeypatch):
    @contextmanager
    def fails(folder):
        raise UserError("It is damaged.")
        yield

    monkeypatch.setattr(doctor, "open_for_reading", fails)
    assert doctor.read_logbook(None) == ([], 0, "It is damaged.")
    whole = {"must_be_sound": lambda: None}
    store = SimpleNamespace(bands=lambda: ["b"], count_records=lambda: 5, **whole)
    opening(monkeypatch, doctor, store, "open_for_reading")
    assert doctor.read_logbook(None) == (["b"], 5, None)


# --- stimuli, a made night, a strap, a hypnogram -------------------------------------------------


def test_a_test_of_stimuli_is_told_with_its_delay_where_there_is_one():
    test = {"answered": 3, "stimuli": 20, "response_ms": (100, 1000), "answered_by_chance": 1.26}
    test |= {"p": 0.01234, "method": "Shuffled.", "delay_ms": 212.4, "stimuli_left_out": 0}
    assert stimuli._lines(test) == [
        "3 of 20 stimuli answered within 1000 ms (1.3 by chance), p 0.0123",
        "median delay 212 ms",
        "(Shuffled.)",
    ]
    lines = stimuli._lines(test | {"delay_ms": FEW, "stimuli_left_out": 2, "stimuli": 1})
    assert lines[0].startswith("3 of 1 stimulus answered") and lines[1] == "(Shuffled.)"
    assert lines[2] == "left out: 2 outside the recording"
    assert stimuli._lines(FEW) == ["no test: Too few stimuli."]


@pytest.mark.parametrize(
    ("hours", "made"), [("0.099", False), ("0.1", True), ("24", True), ("24.1", False)]
)
def test_a_night_of_six_minutes_to_a_day_can_be_made(monkeypatch, tmp_path, hours, made):
    from notturno.sleeper import sensor

    truth = [{"kind": kind} for kind in ("jerk", "lm", "jerk")]
    night = SimpleNamespace(truth=truth, model=None)
    monkeypatch.setattr("notturno.sleeper.night_world", lambda *what: night)
    monkeypatch.setattr(sensor, "record", lambda *what: ([], 104.0))
    monkeypatch.setattr(sensor, "Sensor", lambda *what: SimpleNamespace(mg_per_lsb=1.0))
    monkeypatch.setattr("notturno.detect.recording.save", lambda *what: None)
    monkeypatch.setattr("notturno.detect.recording.Recording", lambda *what: None)
    monkeypatch.chdir(tmp_path)
    words = ("--profile", "plm", "--hours", hours, "--out", "x.npz", "--force")
    if not made:
        result = CliRunner().invoke(synth.command, words)
        assert result.exit_code == 2 and "is not in the range 0.1<=x<=24" in result.output
    else:
        text = said(synth.command, *words)
        assert text == f"x.npz: {float(hours):g} h at 104.00 Hz, synthetic; 2 jerk, 1 lm.\n"
        truth.clear()
        assert said(synth.command, *words).endswith("synthetic; no movement.\n")


def test_the_truth_has_four_decimals_of_a_second_and_two_of_a_mg():
    row = {"kind": "jerk", "onset_s": 1.00005, "duration_s": 0.25, "peak_mg": 42.126}
    text = synth._truth_text([row | {"rhythm_hz": None}, row | {"rhythm_hz": 1.5}])
    assert text.splitlines()[1:] == [
        "jerk,1.0001,0.2500,42.13,",
        "jerk,1.0001,0.2500,42.13,1.5000",
    ]


def strap(**values):
    made = {"found": 8, "cues": 10, "found_low": 0.444, "found_high": 0.975, "false_rows": 0}
    made |= {"latency_median_s": None, "still_s": 60.0} | values
    return made


def test_a_strap_check_is_told_in_percent_and_seconds():
    assert strap_words.found_text(strap()) == (
        "8 of 10 movements found (95 % interval of the share: 44 to 98 %), 0 false rows in 60 s "
        "of rest"
    )
    more = {"latency_median_s": 1.26, "latency_p95_s": 2.0, "peak_low_mg": 40}
    text = strap_words.found_text(strap(**more, peak_high_mg=90, false_rows=1))
    assert text.endswith(
        ", told 1.3 s after the cue (95th percentile 2.0 s), peaks of 40 to 90 mg, 1 false row in "
        "60 s of rest"
    )


@pytest.mark.parametrize(
    ("found", "false_rows", "begins"),
    [(8, 0, None), (7, 0, "Close the strap"), (8, 1, "Something moved"), (7, 1, "Close the str")],
)
def test_below_eight_of_ten_a_strap_is_to_be_closed_tighter(found, false_rows, begins):
    text = strap_words.advice_text(strap(found=found, false_rows=false_rows))
    assert (text is None) is (begins is None) and (text or "").startswith(begins or "")


def test_a_hypnogram_that_was_imported_last_of_three_is_meant():
    kept = [{"start_local": None, "rows": [(k, "W")]} for k in (1.0, 2.0, 3.0000005)]
    kept[-1]["start_local"] = "2026-01-12T22:30:00"
    found = onenight._kept(SimpleNamespace(lab_lists=lambda night, what: kept), NIGHT)
    assert found.rows == [(3_000_000, "W")] and found.start_local.hour == 22
    assert found.no_start is None
    with pytest.raises(UserError, match="No hypnogram was imported"):
        onenight._kept(SimpleNamespace(lab_lists=lambda night, what: []), NIGHT)


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "offset", "lasts_us", "moved"),
    [(1000, 7_201_000, None, 7_200_000_000, 0), (None, None, "5", 28_800_000_000, "5")],
)
def test_a_hypnogram_is_placed_on_the_nights_own_length(
    monkeypatch, start_ms, end_ms, offset, lasts_us, moved
):
    asked = []
    monkeypatch.setattr(
        "notturno.scoring.onenight.lab_stages.place_stages", lambda *what: asked.append(what)
    )
    listed = SimpleNamespace(rows="rows", start_local="start", no_start="why")
    row = {"start_utc_ms": start_ms, "end_utc_ms": end_ms, "recorded_h": 8.0, "zone": "UTC"}
    onenight._placed(listed, row, offset)
    assert asked == [("rows", "start", start_ms, lasts_us, "UTC", moved, "why")]


@pytest.mark.parametrize(
    ("newest_ms", "age_s"), [(None, None), (9_000, 1.0), (10_000, 0.0), (12_000, 0)]
)
def test_the_age_of_a_bands_newest_record_is_in_seconds_and_never_below_nothing(
    monkeypatch, one_now, newest_ms, age_s
):
    one_now.utc_ms = 10_000
    rows = [{"newest_utc_ms": newest_ms}]
    opening(monkeypatch, bands, SimpleNamespace(bands=lambda: rows), "open_for_reading")
    said(bands.command, "--json")
    assert rows[0]["age_of_newest_s"] == age_s
    rows.clear()
    assert "No band is known yet" in said(bands.command)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (("--from", NIGHT, "--always", "--limb", "calf"), "not both"),
        (("--from", NIGHT), "add --limb or --side"),
        (("--always",), "add --limb or --side"),
        (("--from", NIGHT, "--side", "L"), None),
        (("--always", "--limb", "calf"), None),
        ((), None),
    ],
)
def test_since_when_a_place_holds_goes_with_a_place(monkeypatch, words, refused):
    done = []
    row = {"device_id": "a1", "name": "x", "limb": "calf", "side": "L"}
    store = SimpleNamespace(
        band_id=lambda name: "a1",
        name_band=lambda *what: done.append(what) or "a1",
        bands=lambda: [row],
    )
    opening(monkeypatch, bands, store)
    monkeypatch.setattr(bands, "_noon_utc_ms", lambda night: night and 5)
    text = said(bands.command, "name", "a1", "x", *words)
    if refused:
        assert refused in text and done == []
        return
    since = {"--from": 5, "--always": bands_store.ALWAYS}.get(words[0] if words else "")
    assert [what[-1] for what in done] == [since]
    assert text == "The band a1 is x, worn at: calf, left.\n"
    row |= {"limb": "", "side": ""}
    assert said(bands.command, "name", "a1", "x") == "The band a1 is x.\n"


@pytest.mark.parametrize("form", ["json", "fhir", "csv", "parquet", "edf", "bids"])
def test_each_form_is_written_by_its_own_room_at_the_moment_that_it_is(
    monkeypatch, tmp_path, form
):
    from notturno.files import bids, csv_tables, edf, fhir, lossless, parquet_tables

    seen = []
    monkeypatch.setattr("time.time", lambda: 1_768_253_400.25)
    for module in (bids, csv_tables, edf, parquet_tables):
        monkeypatch.setattr(
            module, "write", lambda made, *what, m=module: seen.append((m, *what)) or {"rows": 2}
        )
    monkeypatch.setattr(
        lossless, "write", lambda stream, *what: seen.append((lossless, *what)) or {"rows": 2}
    )
    bundle = {"entry": [1, 2]}
    monkeypatch.setattr(fhir, "bundle", lambda *what: seen.append((fhir, *what)) or bundle)
    done = export._write(form, tmp_path / "x", "store", "which", False, "signals")
    at_ms = 1_768_253_400_250
    assert (
        seen
        == {
            "json": [(lossless, "store", "which", at_ms)],
            "fhir": [(fhir, "store", "which", at_ms)],
            "csv": [(csv_tables, "store", "which")],
            "parquet": [(parquet_tables, "store", "which")],
            "edf": [(edf, "store", "which", "signals")],
            "bids": [(bids, "store", "which")],
        }[form]
    )
    assert done == ({"resources": 2} if form == "fhir" else {"rows": 2})
    if form == "fhir":
        assert (tmp_path / "x").read_text() == '{\n "entry": [\n  1,\n  2\n ]\n}'
