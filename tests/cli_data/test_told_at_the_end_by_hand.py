"""What commands tell at their end, over results made by hand."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from notturno.cli import (
    cohort_words,
    dashboard,
    demo,
    flash,
    import_records,
    live,
    offered,
    onenight,
    qr,
    replay,
    replay_many,
    results,
    score_many,
    service,
    sync,
)
from notturno.errors import UserError

NO = {"refused": "Too few people.", "code": "too_few_people"}
NOW_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


# --- many files ----------------------------------------------------------------------------------


def row(what="refused", source="a.csv", reason="x"):
    return {"source": source, "night": "", "what": what, "reason": reason}


def many(nights=(), qc=(), whole=False):
    """Return a run whose work writes what it is given, and where it wrote and with how many."""
    from pyarrow import Table, parquet

    seen = []

    def work(folder, processes, bar):
        seen.append((folder, processes))
        parquet.write_table(Table.from_pylist(list(nights)), folder / "nights.parquet")
        with open(folder / "qc.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, ["source", "night", "what", "reason"])
            writer.writeheader()
            writer.writerows(qc)
        return SimpleNamespace(rows=0, whole=whole, files=3)

    shown = (("night", "night"), ("rate", "rate"), ("note", "note"))
    made = results.Many(
        "doing", work, "many-1", shown, lambda done: {"files": done.files}, lambda *_: ["End."]
    )
    return made, seen


def a_night(name, rate=1.26):
    return {"night": name, "rate": rate, "note": None, "refusals": None}


def test_without_a_folder_nights_are_printed_and_nothing_is_kept(capsys):
    made, seen = many([a_night(f"n{k}") for k in range(42)], [row(), row("noted")])
    results.run(made, None, 2, False)
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[1].split() == ["n0", "1.3", "-"] and lines[40].split()[0] == "n39"
    assert lines[41:] == ["... and 2 more nights; write them with --out DIR.", "End."]
    assert err.splitlines() == ["refused: a.csv: x", "note: a.csv: x"]
    ((folder, processes),) = seen
    assert processes == 2 and not folder.exists()


def test_forty_nights_are_shown_whole(capsys):
    made, _ = many([a_night(f"n{k}") for k in range(40)])
    results.run(made, None, 1, False)
    assert len(capsys.readouterr().out.splitlines()) == 42


def test_into_a_folder_nothing_is_printed_of_nights(capsys, tmp_path):
    made, seen = many([a_night("n0")], [row("noted")])
    results.run(made, str(tmp_path), 1, False)
    out, err = capsys.readouterr()
    assert out == "End.\n" and "1 note on these nights stands in qc.csv." in err
    assert seen == [(tmp_path, 1)] and (tmp_path / "nights.parquet").exists()


def test_json_of_many_counts_what_was_refused_and_holds_nights_that_are_not_kept(capsys, tmp_path):
    qc = [row(), row(), row("noted")]
    made, _ = many([a_night("n0") | {"refusals": '{"rate": 1}'}], qc, whole=True)
    results.run(made, None, 1, True)
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["out"], told["rows"], told["files"]) == ("many-1", None, None, 3)
    assert (told["refused"], told["already_there"], len(told["qc"])) == (2, True, 3)
    assert told["nights"][0]["refusals"] == {"rate": 1}
    results.run(made, str(tmp_path), 1, True)
    told = json.loads(capsys.readouterr().out)
    assert told["out"] == str(tmp_path) and "nights" not in told


def test_as_many_processes_as_processors_where_nobody_says(capsys, monkeypatch):
    monkeypatch.setattr("notturno.labs.jobs.processors", lambda: 7)
    made, seen = many([a_night("n")])
    results.run(made, None, None, True)
    assert seen[0][1] == 7


# --- a cohort ------------------------------------------------------------------------------------


def test_a_cohort_ends_with_what_is_simulated_noted_and_written(capsys, monkeypatch):
    monkeypatch.setattr(cohort_words, "_print_qc", lambda qc: None)
    document = {"qc": {"simulated_nights": 2}, "measures": {}, "phases": None, "hours": {}}
    cohort_words.print_cohort(document | {"note": "A note."}, "there")
    assert capsys.readouterr().out.splitlines()[1:4] == [
        "2 nights are simulated: recorded by a virtual band.",
        "A note.",
        "Written: there",
    ]
    cohort_words.print_cohort(document | {"note": "", "qc": {"simulated_nights": 1}}, None)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("1 night is simulated") and len(lines) == 3
    cohort_words.print_cohort(document | {"note": "", "qc": {"simulated_nights": 0}}, None)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_phases_of_people_stand_for_all_nights_and_for_the_cleaned(capsys):
    one = {"people": 5, "ratio": 0.5, "ratio_low": 0.25, "ratio_high": 1.0, "p": 0.01234}
    two = {"people": 4, "difference": -0.5, "difference_low": -1.0, "difference_high": 0.0}
    found = {"full": one | {"refusal": None}, "cleaned": two | {"p": 0.5, "refusal": None}}
    cohort_words._print_phases({"first": "a", "second": "b"}, "jerks per hour", found)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "b against a, jerks per hour",
        "  all nights: people: 5: ratio 0.50 (0.25 to 1.00), p 0.0123",
        "  cleaned nights: people: 4: difference -0.50 (-1.00 to 0.00), p 0.5",
    ]
    found["full"] = {"people": 1, "refusal": NO}
    cohort_words._print_phases({"first": "a", "second": "b"}, "x", found)
    assert "  all nights: people: 1: Too few people.\n" in capsys.readouterr().out


# --- files taken in ------------------------------------------------------------------------------


def taken(refused=(), added=None, notes=()):
    return SimpleNamespace(kind="A diary", notes=notes, refused=list(refused), added=added or {})


@pytest.mark.parametrize(("refused", "more"), [(20, None), (21, 1), (30, 10)])
def test_twenty_reasons_are_shown_and_the_rest_counted(capsys, refused, more):
    reasons = [f"line {k}" for k in range(refused)]
    import_records._print_taken(Path("x/d.csv"), taken(reasons, {"records": 1}), False)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert lines[:20] == [f"notturno: left out: line {k}" for k in range(20)]
    told = [] if more is None else [f"notturno: and {more} more (see --json)."]
    assert lines[20:] == told
    assert out.splitlines()[0] == "d.csv is A diary." and "New: 1 record." in out


def test_a_dry_run_says_what_would_be_new(capsys):
    import_records._print_taken(Path("d.csv"), taken(notes=["Mind that."]), True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Mind that." and lines[2].startswith("Would be new: nothing.")


def test_ten_warnings_of_a_phones_file_are_said():
    added = SimpleNamespace(quarantined=[1, 2], unread=[(k, "cut") for k in range(12)])
    found = list(map(str, import_records._warnings(added)))
    assert len(found) == 10 and found[0].startswith("2 records differ from what is stored")
    assert found[1] == "Record 0 is stored, but cannot be read: cut."
    assert import_records._warnings(SimpleNamespace(quarantined=[], unread=[])) == []


class Logbook:
    """A store that takes a phone's records, and knows nights of two bands."""

    def __init__(self):
        self.asked = []

    def begin_sync(self, *what):
        self.asked.append(what)
        return "pen"

    def add(self, pen, frames):
        return SimpleNamespace(new_records=2, new_events=1, quarantined=[], unread=[])

    def nights_since_seq(self, *what):
        self.asked.append(what)
        return ["n1"]

    def nights(self, night):
        return [{"device_id": "a", "night": night}, {"device_id": "b", "night": night}]


def test_a_phones_nights_are_those_from_its_first_record_on(capsys, monkeypatch):
    monkeypatch.setattr(import_records, "night_line", lambda row: f"line of {row['device_id']}")
    frames = [(300).to_bytes(4, "little") + b"x", (7).to_bytes(4, "little")]
    given = SimpleNamespace(device_id="a", log_id=5, zone="UTC", firmware="0", frames=frames)
    given.fetched_utc_ms = NOW_MS
    store = Logbook()
    import_records._of_phone(store, Path("p/x.json"), given, False, False)
    assert store.asked == [("a", 5, "UTC", "0", NOW_MS), ("a", 5, 7)]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "line of a"
    assert lines[1].startswith("2 new records (1 event) of a from x.json.")
    import_records._of_phone(store, Path("x.json"), given, False, True)
    assert "Would be new: 2 new records (1 event)" in capsys.readouterr().out
    import_records._of_phone(store, Path("x.json"), given, True, True)
    told = json.loads(capsys.readouterr().out)
    assert told["dry_run"] is True and told["nights"] == ["n1"]
    given.frames = []
    import_records._of_phone(store, Path("x.json"), given, True, False)
    told = json.loads(capsys.readouterr().out)
    assert told["nights"] == [] and "dry_run" not in told


# --- a program put onto a board ------------------------------------------------------------------


def updated(**values):
    made = {"changed": True, "version": "2", "was": "1", "sent": 3, "sent_bytes": 12_499}
    return SimpleNamespace(
        **made | {"kept": 4, "copied": 5, "failed": None, "carried": {}} | values
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "starts version 2 after 1: 3 files sent (12 kB), 9 were there already."),
        ({"was": "2"}, "starts version 2: 3 files sent (12 kB), 9 were there already."),
        ({"was": None, "kept": 0, "copied": 0}, "starts version 2: 3 files sent (12 kB)."),
        ({"changed": False}, "has version 2 already; nothing was copied."),
    ],
)
def test_what_was_sent_to_a_board_is_told_in_kilobytes(values, said):
    assert flash._lines(updated(**values), "P") == [f"The band at P {said}"]


def test_a_version_that_failed_and_settings_that_went_along_are_told():
    assert flash._lines(updated(failed="2"), "P")[1:] == []
    lines = flash._lines(updated(failed="3", carried={"odr_hz": 208, "x": 1}), "P")
    assert lines[1:] == [
        "Version 3 did not start on it before, and was given up.",
        "Kept as settings, from its config.py: odr_hz=208, x=1 (notturno bands set --list).",
    ]


def test_nobody_is_asked_where_yes_was_said_or_a_program_reads(monkeypatch):
    flash._asker(True, True)("It would go")
    for quiet, terminal in ((True, True), (False, False)):
        monkeypatch.setattr(flash.sys, "stdin", SimpleNamespace(isatty=lambda t=terminal: t))
        with pytest.raises(UserError, match="It would go; to do it all the same, add --yes"):
            flash._asker(False, quiet)("It would go")
    monkeypatch.setattr(flash.sys, "stdin", SimpleNamespace(isatty=lambda: True))
    for answer in ("y", "n"):
        monkeypatch.setattr(click, "prompt", lambda question, answer=answer, **_: answer)
        if answer == "y":
            flash._asker(False, False)("It would go")
        else:
            with pytest.raises(UserError, match="Nothing was changed"):
                flash._asker(False, False)("It would go")


# --- the rest ------------------------------------------------------------------------------------


def test_a_code_has_four_light_modules_around_it_and_two_rows_a_line():
    matrix = qr.matrix_of("x")
    assert len(matrix) == len(matrix[0]) == 21 + 8
    assert all(not any(line) for line in (*matrix[:4], *matrix[-4:]))
    assert all(not any(line[:4] + line[-4:]) for line in matrix)
    assert matrix[4][4:11] == [1] * 7  # a finder's edge
    assert qr.drawn([[0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0]]) == [" ▀▄█", "▀▀  "]
    assert qr.drawn([[0, 1], [1, 0]], halves=False) == ["  ##", "##  "]


def test_the_demos_bar_is_over_three_nights_and_its_last_two_are_named():
    assert demo.NIGHTS == (("plm", 12), ("sleep_starts", 11))


def test_the_command_line_of_a_service_is_this_very_program(monkeypatch):
    monkeypatch.setattr(service.shutil, "which", lambda name, path: None)
    assert service.program() == [service.sys.executable, "-m", "notturno"]
    monkeypatch.setattr(service.shutil, "which", lambda name, path: "/x/notturno")
    assert service.program() == ["/x/notturno"]


@pytest.mark.parametrize(
    ("code", "out", "err", "why"),
    [(0, "", "", None), (1, "", "a\nb\n", "b"), (1, "c", "", "c"), (1, "", "", "no reason given")],
)
def test_what_a_system_did_not_take_says_why(monkeypatch, code, out, err, why):
    done = SimpleNamespace(returncode=code, stdout=out, stderr=err)
    monkeypatch.setattr(service.subprocess, "run", lambda *a, **k: done)
    assert service._refused(["x"]) == why


def test_nights_bands_and_measures_are_offered_as_they_begin():
    store = SimpleNamespace(
        night_names=lambda: ["2026-01-11", "2026-01-12", "undated-1"],
        bands=lambda: [{"name": "Calf", "device_id": "a"}, {"name": "", "device_id": "c1"}],
    )
    assert [one.value for one in offered.nights(store, "2026")] == [
        "2026-01-12",
        "2026-01-11",
    ]
    assert [one.value for one in offered.bands(store, "c")] == ["Calf", "c1"]
    assert [one.value for one in offered.bands(store, "CA")] == ["Calf"]
    assert "jerks_per_h" in [one.value for one in offered.measures(None, None, "jerks")]


@pytest.mark.parametrize(("stages", "offset_s"), [(None, "5"), ("x.csv", None)])
def test_options_of_a_hypnogram_go_with_one(stages, offset_s):
    with pytest.raises(UserError, match="not both|give it with --stages"):
        onenight.run("n", "marks" if stages else None, stages, offset_s, None, None, False, None)


def test_an_earlier_print_of_another_night_is_no_measure_of_change(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"night": "n1", "bands": []}))
    assert onenight._differences(str(path), [{"device_id": "a"}], "n1") == {}
    with pytest.raises(UserError, match="is of the night n1, not of n2"):
        onenight._differences(str(path), [], "n2")
    for text in ("{", "[]", "{}", '{"night": "n1"}'):
        path.write_text(text)
        with pytest.raises(UserError, match="is not the JSON of one night"):
            onenight._differences(str(path), [], "n1")


def test_the_page_of_a_person_begins_in_the_folder_of_all(monkeypatch, tmp_path):
    import click

    served = []
    monkeypatch.setattr(
        "notturno.dashboard.serve.serve", lambda where, lang, **how: served.append((where, how))
    )
    monkeypatch.setattr(dashboard, "chosen_person", lambda: "anna b")
    folder = tmp_path / "people" / "anna b"
    context = click.Context(dashboard.command)
    with context:
        context.invoke(dashboard.command.callback, 0, "127.0.0.1", True, None, str(folder))
    ((where, how),) = served
    assert (where, how["path"], how["browser"]) == (tmp_path, "/person/anna%20b/", False)
    monkeypatch.setattr(dashboard, "chosen_person", lambda: None)
    context.invoke(dashboard.command.callback, 9, "::1", False, "h:1", str(tmp_path))
    where, how = served[1]
    assert (where, how["path"], how["port"], how["browser"]) == (tmp_path, "/", 9, True)


def test_a_watch_ends_with_its_final_and_revised_rows(capsys):
    from notturno.live import FINAL, PROVISIONAL, REVISED, Row

    values = {"number": 1, "kind": 1, "flags": 0, "peak_mg": 9, "source": 1}
    said = live.Said(False, "UTC")
    for state in (PROVISIONAL, FINAL, REVISED, FINAL):
        said.tell(Row(state, values | {"duration_samples": 25}), NOW_MS)
    said.end()
    assert "Stopped after 3 final rows, 1 of them revised" in capsys.readouterr().out


def test_ages_are_the_least_of_what_a_sync_touched_and_of_the_bands_newest():
    rows = {"n": [{"age_of_newest_s": 50}, {"age_of_newest_s": None}]}

    class Store:
        def nights(self, night=None, last=None, device_id=None):
            if night is not None:
                return rows[night]
            assert (last, device_id) == (1, "a")
            return [{"age_of_newest_s": 40}]

    result = SimpleNamespace(nights=["n"], device="a")
    assert sync._with_nights(Store(), result) == (rows["n"], 40)


def test_several_paths_a_folder_or_a_pattern_are_many_recordings(tmp_path):
    (tmp_path / "a.cwa").touch()
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "unisens.xml").touch()
    one, folder, movisens = (str(tmp_path / name) for name in ("a.cwa", "", "m"))
    assert replay._are_many((one, one)) and replay._are_many((folder,))
    assert not replay._are_many((one,)) and not replay._are_many((movisens,))
    for pattern in ("*.cwa", "a?.cwa", "[ab].cwa"):
        assert replay._are_many((str(tmp_path / pattern),))
    assert not replay._are_many((str(tmp_path / "none.cwa"),))
    (tmp_path / "night[1].cwa").touch()  # such a name is its own
    assert not replay._are_many((str(tmp_path / "night[1].cwa"),))


# --- what came of many ---------------------------------------------------------------------------


def came(whole=False, resumed=0):
    rows = {"nights": 3, "events": 40}
    return SimpleNamespace(rows=rows, whole=whole, resumed=resumed, batches=5, files=5)


@pytest.mark.parametrize(
    ("like", "out", "done", "told"),
    [
        (None, None, came(), []),
        (None, "o", came(), ["3 nights, 40 movements in o."]),
        (
            None,
            "o",
            came(resumed=2),
            ["3 nights, 40 movements in o.", "2 of 5 parts were there from a run before."],
        ),
        (None, "o", came(True), ["o holds this very run already; nothing was to be done."]),
        ("x", None, came(), ["like x"]),
        ("x", "o", came(), ["like x", "3 nights, 40 movements in o."]),
    ],
)
def test_what_came_of_many_lists_is_told_behind_how_the_rules_were_read(
    monkeypatch, like, out, done, told
):
    made, seen = [], []
    monkeypatch.setattr(score_many, "profile_lines", lambda name: [f"like {name}"])
    monkeypatch.setattr(score_many.results, "run", lambda many, *what: made.append((many, what)))
    monkeypatch.setattr("notturno.labs.run.score", lambda *what: seen.append(what) or done)
    score_many.score(("p",), out, {"a": "b"}, "both", like, 2, True, False)
    ((many_lists, what),) = made
    assert what == (out, 2, False) and many_lists.schema == "score-nights-1"
    assert many_lists.work("f", 3, "bar") is done
    assert seen == [(("p",), "f", {"a": "b"}, "both", like, 3, True, "bar")]
    assert list(map(str, many_lists.lines(done, out))) == told
    assert many_lists.counts(done) == {"resumed_batches": done.resumed, "batches": 5}


@pytest.mark.parametrize(
    ("out", "done", "told"),
    [
        (None, came(), []),
        ("o", came(), ["3 nights, 40 events in o."]),
        (
            "o",
            came(resumed=1),
            ["3 nights, 40 events in o.", "1 of 5 files were there from a run before."],
        ),
        ("o", came(True), ["o holds this very run already; nothing was to be done."]),
    ],
)
def test_what_came_of_many_recordings_is_told(monkeypatch, out, done, told):
    made, seen = [], []
    monkeypatch.setattr(replay_many.results, "run", lambda many, *what: made.append((many, what)))
    monkeypatch.setattr("notturno.loggers.many.replay", lambda *what: seen.append(what) or done)
    replay_many.replay(("p",), out, "vm", {"a": 1}, "L", None, False, True)
    ((many_recordings, what),) = made
    assert what == (out, None, True) and many_recordings.schema == "replay-nights-1"
    assert many_recordings.work("f", 3, "bar") is done
    assert seen == [(("p",), "f", "vm", {"a": 1}, "L", 3, False, "bar")]
    assert list(map(str, many_recordings.lines(done, out))) == told
    assert many_recordings.counts(done) == {"resumed_files": done.resumed, "files": 5}


def test_a_profile_is_told_with_what_it_reads_otherwise_and_ours_in_brackets():
    from notturno.scoring.movements.profiles import PROFILES, default_of

    first, *rest = score_many.profile_lines("somas")
    assert first == f"The rules are read as by {PROFILES['somas'].title}; ours in brackets:"
    assert len(rest) == len(PROFILES["somas"].settings) > 0
    key, (value, _) = next(iter(PROFILES["somas"].settings.items()))
    assert rest[0] == f"  {key}={value} ({default_of(key)})"
