"""Which nights and rows a command means, each choice by itself and beside the others."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from fakes.commanded import said
from notturno.cli import (
    band,
    cli,
    configured,
    diary,
    edit,
    flash,
    measures,
    nights,
    options,
    passphrase,
    replay,
    score,
    show,
    stats,
)
from notturno.cli.figure_words import Notes
from notturno.errors import UserError

NIGHT, ROME = "2026-01-12", "Europe/Rome"
START_UTC_MS = 1_768_253_400_000  # 22:30 in Rome


# --- options -------------------------------------------------------------------------------------


@click.command()
@options.night_argument_and_option
def one_night(night):
    """Print the night meant."""
    click.echo(f"<{night}>")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((), "<None>"),
        (("a",), "<a>"),
        (("--night", "b"), "<b>"),
        (("a", "--night", "a"), "<a>"),
        (("a", "--night", "b"), "Two nights are named, a and --night b"),
    ],
)
def test_a_night_is_named_once_or_twice_the_same(words, meant):
    assert meant in said(one_night, *words)


def store(*names):
    dates = [{"date": name if name[:1] == "2" else None} for name in names]
    return SimpleNamespace(night_names=lambda: list(names), nights=lambda: dates)


def test_of_three_nights_the_last_is_the_latest_and_the_first_and_last_are_told():
    three = store("2026-01-11", "2026-01-12", "2026-01-13")
    assert options.which_night(three, None) == "2026-01-13"
    with pytest.raises(UserError, match="the latest stored one is 2026-01-13"):
        options.which_night(three, "2026-02-01")
    mixed = store("2026-01-12", "2026-01-13", "2026-01-11")
    assert "from 2026-01-11 to 2026-01-13" in str(options.none_of_them(mixed))


@pytest.mark.parametrize(
    ("since", "until", "swapped"),
    [("2026-01-12", None, False), (None, "2026-01-12", False), (None, None, False)]
    + [("2026-01-12", "2026-01-13", False), ("2026-01-13", "2026-01-12", True)],
)
def test_dates_are_swapped_where_both_are_given(since, until, swapped):
    if swapped:
        with pytest.raises(UserError, match="lies before"):
            options.check_dates(since, until)
    else:
        assert options.check_dates(since, until) == (since, until)


def test_a_measure_that_is_none_is_answered_with_five_that_are_near_or_with_all():
    from notturno.nights.columns import MEASURES

    assert measures.check_measure("jerks_per_h") == "jerks_per_h"
    with pytest.raises(UserError) as near:
        measures.check_measure("jerks_per_hour")
    offered = str(near.value).split("are: ")[1].rstrip(".").split(", ")
    assert len(offered) == 5 and offered[0] == "jerks_per_h"
    with pytest.raises(UserError) as every:
        measures.check_measure("???")
    assert ", ".join(MEASURES) in str(every.value)


def test_a_count_over_nights_is_its_rate_and_without_a_measure_are_the_usual():
    from notturno.nights.columns import DEFAULT_MEASURES

    assert measures.measures_over_nights(()) == DEFAULT_MEASURES
    assert measures.measures_over_nights(("jerks", "jerks_per_h", "asleep_h")) == (
        *("jerks_per_h", "asleep_h"),
    )


# --- rows of nights ------------------------------------------------------------------------------


def a_night(night, device="a", **values):
    made = {"night": night, "device_id": device, "band": device, "date": night, "naps": []}
    made |= {"simulated": False, "state": "complete", "recorded_h": 8.04, "countable_h": 7.25}
    made |= {"jerks": 9, "lms": 5, "largest_mg": 80, "battery_mv": 3900, "battery_pct": 70}
    made |= {"jerks_per_h": 1.25, "lms_per_h": 0.7, "plms_per_h_wasm2016": None}
    made |= {"refusal": None, "refusals": {}, "clock": "measured", "warnings": [], "zone": ROME}
    made |= {"state": "complete", "state_reason": "It ended: docked."}
    return made | {"name_rule": "its evening"} | values


def test_a_night_is_a_row_with_its_state_and_a_mark_where_it_is_simulated():
    cells = nights._cells(a_night(NIGHT), nights.FIGURES, Notes(), False)
    assert cells == [NIGHT, "8.0 h", "7.2 h", "9", "5", "1.2", "0.7", "-", "80 mg", "70 %"]
    row = a_night(NIGHT, simulated=True, state="running", battery_pct=None)
    cells = nights._cells(row, (), Notes(), True)
    assert cells[0] == f"{NIGHT}* running" and cells[-2:] == ["-", "a"]


def test_the_battery_is_told_after_the_last_of_three_nights_and_bands_where_there_are_two(
    capsys, monkeypatch
):
    asked = []
    monkeypatch.setattr(nights, "nights_left", lambda history: asked.append(history) or 3)
    monkeypatch.setattr(nights, "battery_text", lambda mv, left: f"{mv} and {left}")
    rows = [a_night(f"2026-01-1{k}", battery_mv=4000 - k) for k in (1, 2, 3)]
    nights.print_nights(rows, [], nights.FIGURES)
    lines = capsys.readouterr().out.splitlines()
    assert not lines[0].endswith("band") and lines[0].split()[-1] == "battery"
    assert "battery of a after 2026-01-13: 3997 and 3 (estimated)" in lines
    assert asked == [[3999, 3998, 3997]]
    nights.print_nights([*rows, a_night("2026-01-14", "b")], [], nights.FIGURES)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("band") and lines[4].endswith("b")
    assert asked[1:] == [[3999, 3998, 3997], [3900]]


def test_a_persons_row_stands_behind_its_own_night_alone(capsys):
    rows = [a_night("2026-01-11"), a_night("2026-01-11", "b"), a_night("2026-01-12")]
    nights.print_nights(rows, [a_night("2026-01-11", "both")], ())
    table = [line.split()[::7] for line in capsys.readouterr().out.splitlines()[1:5]]
    assert [cells[0] for cells in table] == ["2026-01-11"] * 3 + ["2026-01-12"]


# --- many or one ---------------------------------------------------------------------------------


def test_a_list_is_one_and_a_folder_a_pattern_or_a_long_table_are_many(tmp_path, monkeypatch):
    monkeypatch.setattr("notturno.labs.longcsv.table_of", lambda path, name: None)
    (tmp_path / "a.csv").write_text("onset_s\n")
    (tmp_path / "b.PQ").touch()
    one, folder = str(tmp_path / "a.csv"), str(tmp_path)
    assert not score._are_many((one,)) and score._are_many((one, one))
    assert score._are_many((folder,)) and score._are_many((str(tmp_path / "b.PQ"),))
    for pattern in ("*.csv", "p?.csv", "[ab].csv"):
        assert score._are_many((str(tmp_path / pattern),))
    assert not score._are_many((str(tmp_path / "none.csv"),))
    (tmp_path / "night[1].txt").write_text("onset_s,duration_s\n1,1\n")
    assert not score._are_many((str(tmp_path / "night[1].txt"),))
    monkeypatch.setattr("notturno.labs.longcsv.table_of", lambda path, name: "a table")
    assert score._are_many((one,))


@pytest.mark.parametrize(
    ("text", "us"), [("0.000001", 1), ("3600", 3_600_000_000), ("1.5", 1_500_000)]
)
def test_a_recordings_length_is_from_nothing_to_what_is_said(text, us):
    assert score._recorded_us(text) == (0, us)


@pytest.mark.parametrize("text", ["0", "-1", "x", ""])
def test_a_recording_has_a_length(text):
    with pytest.raises(UserError, match="--recorded-s is"):
        score._recorded_us(text)


@pytest.mark.parametrize(
    ("words", "rules", "many"),
    [
        ((), "both", False),
        (("--like", "somas"), "wasm2016", False),
        (("--like", "somas", "--rules", "aasm3"), "aasm3", False),
        (("--out", "o"), "both", True),
    ],
)
def test_rules_are_both_or_those_that_a_profile_reads(monkeypatch, tmp_path, words, rules, many):
    seen = []
    monkeypatch.setattr(score, "_one", lambda path, rules, *a, **k: seen.append((rules, False)))
    monkeypatch.setattr(
        "notturno.cli.score_many.score", lambda p, o, c, rules, *a: seen.append((rules, True))
    )
    said(score.command, str(tmp_path / "x.csv"), *words)
    assert seen == [(rules, many)]


@pytest.mark.parametrize(
    ("words", "named"),
    [(("--against", "x"), "--against"), (("--recorded-s", "5"), "--recorded-s")],
)
def test_what_is_for_one_list_is_none_of_many(tmp_path, words, named):
    text = said(score.command, "a.csv", "b.csv", *words)
    assert text.startswith(f"{named} is for one list alone")


@pytest.mark.parametrize(("paths", "many"), [(("a",), False), (("a", "b"), True)])
def test_a_replay_of_several_goes_into_a_folder(monkeypatch, paths, many):
    seen = []
    monkeypatch.setattr(replay, "_one", lambda *what: seen.append(("one", *what)))
    monkeypatch.setattr(
        "notturno.cli.replay_many.replay", lambda *what: seen.append(("many", *what))
    )
    monkeypatch.setattr("notturno.detect.engines.check_settings", lambda values: None)
    said(replay.command, *paths, "--engine", "python", "--set", "x=1")
    if many:
        assert seen == [("many", paths, None, "python", {"x": 1}, "", None, False, False)]
    else:
        assert seen == [("one", "a", "python", {"x": 1}, False)]


@pytest.mark.parametrize(
    ("engine", "native", "runs"),
    [("native", True, "native"), ("native", False, "python"), ("vm", False, "vm")],
)
def test_without_machine_code_the_reference_runs(monkeypatch, engine, native, runs):
    seen = []
    monkeypatch.setattr(replay, "_one", lambda path, engine, *a: seen.append(engine))
    monkeypatch.setattr(replay, "_is_native", lambda: native)
    text = said(replay.command, "a", "--engine", engine)
    assert seen == [runs] and ("llvmlite is not installed" in text) is (runs != engine)


def test_a_replay_counts_what_was_recorded_and_is_neither_awake_nor_not_worn():
    def one(kind, onset_s, duration_s=0.5):
        return {"kind": kind, "onset_s": onset_s, "duration_s": duration_s, "flags": []}

    events = [one("jerk", 10.0), one("jerk", 20.0), one("awake", 3600.0, 1800.0)]
    events.append(one("not_worn", 7200.0, 900.0))
    lines = replay.summary(events, 14_400.0, 900.0)
    assert lines[0] == "2 jerks, 1 time awake, 1 time not worn in 4.00 h."
    assert lines[-1].startswith("2 single jerks in 3.00 h without awake and not worn (0.7/h). ")
    assert replay.summary([], 60.0)[0] == "no events in 0.02 h."
    assert "(0.0/h)" in replay.summary([], 60.0)[-1]
    assert "no rate: less than a minute counts" in replay.summary([], 59.9)[-1]


# --- the diary, edits, figures of one night ------------------------------------------------------


def test_a_diary_is_kept_listed_and_told(tmp_path):
    def run(*words):
        return said(diary.command, *words, folder=tmp_path)

    assert "The diary is empty" in run("list") and "The diary is empty" in run("stats")
    text = run("add", NIGHT, "--what", "tea", "--amount", "2", "--unit", "cups", "--at", "16:00")
    assert text == f"Night {NIGHT}: tea 2 cups at 16:00 (entry 1).\n"
    assert run("add", NIGHT, "--what", "stress") == f"Night {NIGHT}: stress (entry 2).\n"
    rows = [line.split() for line in run("list").splitlines()[1:]]
    assert rows == [[NIGHT, "16:00", "tea", "2", "cups", "1"], [NIGHT, "-", "stress", "-", "2"]]
    (tmp_path / "d.csv").write_text(
        "night,what,amount,unit,at,note\n"
        f"{NIGHT},tea,2,cups,16:00,\n{NIGHT},wine,1,glass,,\n{NIGHT},beer,1,glass,,\n"
    )
    file = str(tmp_path / "d.csv")
    assert run("import", file) == "2 entries added, 1 of the file already there.\n"
    told = json.loads(run("import", file, "--json"))
    assert (told["added"], told["there_already"]) == (0, 3)
    assert run("remove", "2") == "Entry 2 is removed.\n"
    text = run("stats")
    assert "Left out" not in text and "The diary is empty" not in text
    run("add", NIGHT, "--what", "stress")
    assert "Left out: 1 entry without an amount." in run("stats")
    assert json.loads(run("stats", "--json"))["entries_without_amount"] == 1


def test_an_entry_without_a_night_is_of_this_one(tmp_path, monkeypatch):
    monkeypatch.setattr(diary, "_tonight", lambda: "2026-02-03")
    text = said(diary.command, "add", "--what", "tea", folder=tmp_path)
    assert text.startswith("Night 2026-02-03: tea (entry 1)")


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ((), True),
        (("--undo", "--list"), True),
        (("--bed", "22:00", "--undo"), True),
        (("--bed", "22:00", "--list"), True),
        (("--bed", "22:00"), False),
        (("--list",), False),
    ],
)
def test_an_edit_says_undoes_or_lists(tmp_path, words, refused):
    text = said(edit.command, *words, folder=tmp_path)
    assert text.startswith("Say what to correct") is refused
    if not refused:
        assert "Nothing was edited yet" in text or "no night to edit yet" in text


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ((NIGHT, "--by", "phase"), "--by cannot go with a night"),
        ((NIGHT, "--last", "2"), "--last cannot go with a night"),
        ((NIGHT, "--measure", "lms_per_h"), "--measure cannot go with a night"),
        (("--table", "x", "--since", NIGHT), "--since cannot go with --table"),
        (("--left", "calf"), "need one night"),
        (("--sleep", "marks"), "need one night"),
        (("--stages", "x"), "need one night"),
        (("--stages-offset", "0"), "need one night"),
        (("--against", "x"), "need one night"),
    ],
)
def test_options_of_figures_are_of_a_night_or_of_many(tmp_path, words, refused):
    assert refused in said(stats.command, *words, folder=tmp_path)


@pytest.mark.parametrize(
    ("words", "told"),
    [((), "Nothing is stored yet"), (("--since", NIGHT), "No night is stored there.")]
    + [(("--until", NIGHT), "No night is stored there.")],
)
def test_figures_of_no_night_say_whether_some_were_asked_for(tmp_path, words, told):
    assert told in said(stats.command, *words, folder=tmp_path)


# --- the rest ------------------------------------------------------------------------------------


def test_an_images_checksum_needs_an_image(tmp_path):
    text = said(flash.command, "--sha256", "ab", folder=tmp_path)
    assert text == "--sha256 is of an image; add --image FILE."


def test_every_recording_is_a_night_of_its_own(tmp_path):
    text = said(band.command, "--recording", "x.npz", "--nights", "2", folder=tmp_path)
    assert text.startswith("Every --recording is one night")


def test_bands_of_one_evening_begin_together_with_the_latest(tmp_path, monkeypatch):
    evenings = {"one": 5.0, "two": 9.0}
    monkeypatch.setattr(
        "notturno.virtualband.calendar.next_evening_utc_s",
        lambda folder, nights: evenings[folder.name] + nights,
    )
    folders = [tmp_path / "deep" / name for name in evenings]
    assert band.first_evening_utc_s(folders, 2) == 11.0
    assert all(folder.is_dir() for folder in folders)


def test_how_a_band_is_reached_is_told_to_programs_with_the_first_ones_places():
    made = [SimpleNamespace(hci="H", repl=f"R{k}", pty=f"P{k}", flash=f"F{k}") for k in (1, 2)]
    assert band.places(made) == {
        "simulated": True,
        "hci": "H",
        "repl": "R1",
        "pty": "P1",
        "flash": "F1",
        "bands": [{"repl": f"R{k}", "pty": f"P{k}", "flash": f"F{k}"} for k in (1, 2)],
    }


def test_a_passphrase_is_asked_for_where_no_file_names_it(monkeypatch):
    monkeypatch.setattr(passphrase.click, "prompt", lambda *a, **k: "long enough")
    assert passphrase.new(None) == passphrase.known(None) == "long enough"


def test_a_default_of_the_settings_file_goes_beside_what_was_there(monkeypatch):
    from notturno import cli as package

    monkeypatch.setattr(package.configfile, "read", lambda: {"show": {"last": 3}, "x": {}})
    context = click.Context(cli)
    context.default_map = {"other": 1}
    package._set_defaults(context, "show", show.command)
    assert context.default_map == {"other": 1, "show": {"last": 3}}
    package._set_defaults(context, "x", show.command)
    assert "x" not in context.default_map
    assert configured.option_of(show.command, "last").name == "last"


class Edits:
    """A logbook of edits; `done` is what was asked of it."""

    def __init__(self, recorded=("id of calf",)):
        self.done, self.recorded = [], recorded

    def band_id(self, name):
        return f"id of {name}"

    def sessions(self, night):
        return [{"device_id": device} for device in self.recorded]

    def edit(self, *what):
        self.done.append(("edit", *what))
        return "edited"

    def undo_edit(self, *what):
        self.done.append(("undo", *what))
        return {"edit_id": 4}

    def night_of_edit(self, number):
        return f"night of {number}"


@pytest.mark.parametrize(
    ("words", "recorded", "done", "printed"),
    [
        (
            ("--bed", "22:00"),
            (),
            ("edit", "last", None, {"bed": "22:00"}),
            ("edited", None, False),
        ),
        (
            (NIGHT, "--band", "calf", "--include"),
            ("id of calf",),
            ("edit", NIGHT, "id of calf", {"exclude": ""}),
            ("edited", "id of calf", False),
        ),
        ((NIGHT, "--undo"), (), ("undo", NIGHT, None), ("night of 4", None, False)),
        (("--list",), (), None, (None, None, True)),
        ((NIGHT, "--list"), (), None, (NIGHT, None, True)),
        (("--list", "--band", "calf"), (), None, (None, "id of calf", True)),
        ((NIGHT, "--undo", "--band", "calf"), (), "did not record the night", None),
    ],
)
def test_what_is_edited_of_which_night_and_band(monkeypatch, words, recorded, done, printed):
    logbook, shown = Edits(recorded), []

    @contextmanager
    def opened(folder):
        yield logbook

    monkeypatch.setattr(edit, "open_for_reading", opened)
    monkeypatch.setattr(edit, "open_for_writing", opened)
    monkeypatch.setattr(edit, "which_night", lambda store, night: night or "last")
    monkeypatch.setattr(edit, "_print", lambda *what: shown.append(what[:3]))
    text = said(edit.command, *words)
    if printed is None:
        assert done in text and shown == []
    else:
        assert logbook.done == ([] if done is None else [done]) and shown == [printed]


def test_without_a_night_none_is_edited(monkeypatch, tmp_path):
    assert said(edit.command, "--undo", folder=tmp_path).startswith(
        "There is no night to edit yet"
    )


class Said:
    """A logbook of what was edited."""

    def __init__(self, *rows):
        self.rows = rows

    def edits(self, night, device):
        return self.rows

    def edits_in_force(self, night, device):
        return {"zone": None, "bed": "22:00", "wake": "06:00"} if self.rows else {"zone": None}

    def bands(self):
        return [{"device_id": "a", "name": "calf"}, {"device_id": "b", "name": ""}]


def test_edits_are_listed_by_their_bands_or_what_holds_is_said(monkeypatch, capsys):
    row = {"night": NIGHT, "zone": None, "bed": "22:00", "wake": None, "exclude": None}
    row |= {"made_utc_ms": START_UTC_MS, "removed_utc_ms": None}
    rows = [row | {"device_id": "a"}, row | {"device_id": "b", "removed_utc_ms": START_UTC_MS}]

    def printed(store, *what):
        @contextmanager
        def opened(folder):
            yield store

        monkeypatch.setattr(edit, "open_for_reading", opened)
        edit._print(*what, False, "f")
        return capsys.readouterr().out.splitlines()

    monkeypatch.setattr("notturno.nights.calendar.local_zone_name", lambda: ROME)
    lines = printed(Said(*rows), None, None, True)
    cells = [[cell.strip() for cell in line.split("  ") if cell] for line in lines[1:]]
    assert [one[:3] for one in cells] == [
        [NIGHT, "calf", "bed 22:00"],
        [NIGHT, "b", "bed 22:00"],
    ]
    assert cells[0][4] == "-" and cells[1][4].startswith("2026-01-12 22:30")
    assert printed(Said(*rows), NIGHT, None, False) == [
        f"Night {NIGHT}, as you say it: bed 22:00, wake 06:00."
    ]
    assert printed(Said(), NIGHT, None, False) == [f"Night {NIGHT}, as you say it: nothing."]
    assert printed(Said(), NIGHT, None, True) == [f"Nothing of the night {NIGHT} was edited."]
    assert printed(Said(), None, None, True)[0].startswith("Nothing was edited yet")


def test_a_shell_that_completes_prints_neither_profiles_nor_version(monkeypatch, capsys):
    from notturno import cli as package

    context = click.Context(score.command, resilient_parsing=True)
    assert score._profiles_printed(context, None, "list") == "list"
    package._print_version(context, None, True)
    assert capsys.readouterr().out == ""
    context = click.Context(score.command)
    assert score._profiles_printed(context, None, "somas") == "somas"
    assert score._profiles_printed(context, None, None) is None
    package._print_version(context, None, False)
    assert capsys.readouterr().out == ""
    for prints in (
        lambda: score._profiles_printed(context, None, "list"),
        lambda: package._print_version(context, None, True),
    ):
        with pytest.raises(click.exceptions.Exit):
            prints()
        assert capsys.readouterr().out != ""


@pytest.mark.parametrize(
    ("value", "meta", "settings", "environment", "folder"),
    [
        (None, {}, {}, None, None),
        ("o", {}, {"data-dir": "s"}, None, "o"),
        (None, {"folder": "g"}, {"data-dir": "s"}, None, "g"),
        ("o", {"folder": "g"}, {}, None, "o"),
        (None, {}, {"data-dir": "s"}, None, "s"),
        (None, {}, {"data-dir": "s", "person": "eva"}, None, "s/people/eva"),
        (None, {"person": "anna"}, {"data-dir": "s", "person": "eva"}, None, "s/people/anna"),
        ("o", {"person": "anna"}, {"person": "eva"}, None, "o/people/anna"),
        ("o", {}, {"person": "eva"}, None, "o"),
        (None, {}, {"data-dir": "s", "person": "eva"}, "e", None),
        (None, {"person": "anna"}, {"data-dir": "s"}, "e", "e/people/anna"),
        (None, {"demo": True}, {"data-dir": "s", "person": "eva"}, "e", "e/demo"),
    ],
)
def test_whose_folder_a_command_is_about(monkeypatch, value, meta, settings, environment, folder):
    monkeypatch.setattr(options.configfile, "general", settings.get)
    monkeypatch.delenv(options.ENVIRONMENT_VARIABLE, raising=False)
    if environment:
        monkeypatch.setenv(options.ENVIRONMENT_VARIABLE, environment)
    context = click.Context(show.command)
    context.meta.update({f"notturno.{name}": one for name, one in meta.items()})
    assert options._folder(context, None, value) == folder


def test_what_stands_before_a_command_is_kept_for_it():
    context = click.Context(show.command)
    option = SimpleNamespace(name="person")
    assert options._keep(context, option, "anna") == "anna"
    assert options._keep(context, SimpleNamespace(name="demo"), False) is False
    assert context.meta == {"notturno.person": "anna"}


@pytest.mark.parametrize(
    ("words", "of_both"), [((), True), (("--band", "calf"), False), (("--last", "3"), True)]
)
def test_figures_are_of_each_band_and_of_both_legs_unless_one_is_asked_for(
    monkeypatch, words, of_both
):
    from notturno.scoring.manynights import figures

    seen = []

    class Store:
        def band_id(self, name):
            return f"id of {name}"

        def nights(self, **how):
            seen.append(how)
            return [{"night": NIGHT}]

        def person_nights(self, names):
            return [f"both of {names[0]}"]

        def tags(self):
            return ["tag"]

    @contextmanager
    def opened(folder):
        yield Store()

    monkeypatch.setattr(stats, "open_for_reading", opened)
    monkeypatch.setattr(figures, "sections", lambda rows: [rows])
    monkeypatch.setattr(figures, "of_band", lambda *what: {"rows": what[0], "tags": what[1]})
    told = json.loads(said(stats.command, "--json", *words))
    both = [f"both of {NIGHT}"] if of_both else []
    assert told["bands"] == [{"rows": [{"night": NIGHT}, *both], "tags": ["tag"]}]
    last = 3 if "--last" in words else None
    device = None if of_both else "id of calf"
    assert seen == [{"last": last, "since": None, "until": None, "device_id": device}]


def test_programs_read_of_no_night_a_document_without_bands(tmp_path):
    told = json.loads(said(stats.command, "--json", folder=tmp_path))
    assert told["bands"] == [] and told["by"] is None


def test_of_a_band_without_a_night_it_is_said_that_none_is_there(monkeypatch):
    empty = SimpleNamespace(band_id=lambda name: "a", nights=lambda **how: [], tags=list)

    @contextmanager
    def opened(folder):
        yield empty

    monkeypatch.setattr(stats, "open_for_reading", opened)
    assert said(stats.command, "--band", "calf") == "No night is stored there.\n"


@pytest.mark.parametrize(
    ("words", "side", "force"), [((), "", False), (("--side", "L"), "L", True)]
)
def test_many_recordings_are_replayed_as_was_asked(monkeypatch, words, side, force):
    asked = []
    monkeypatch.setattr("notturno.cli.replay_many.replay", lambda *given: asked.append(given))
    paths = ("a.csv", "b.csv")
    more = ["--engine", "python", "--out", "out", *words, *(["--force"] if force else [])]
    done = CliRunner().invoke(cli, ["replay", *paths, *more])
    assert done.exception is None, done.output
    ((given, out, engine, values, worn, _jobs, over, as_json),) = asked
    assert (tuple(given), out, engine, values) == (paths, "out", "python", {})
    assert (worn, over, as_json) == (side, force, False)
