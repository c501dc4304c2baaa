"""Small parts of commands by hand: numbers, times and sentences, each on both of its sides."""

import errno
from datetime import datetime
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from notturno import cli as package
from notturno.cli import (
    asking,
    bands,
    bands_forget,
    bands_key,
    chart,
    check,
    cli,
    compare_words,
    diary,
    edit,
    label,
    notify,
    passphrase,
    restore,
    streams,
    tag,
    which_band,
    words,
)
from notturno.errors import UserError
from notturno.refusals import Refusal
from notturno_core import checks, wire

FEW = Refusal("Too few nights.", "too_few_nights")
NO = {"refused": "Too few nights.", "code": "too_few_nights"}


# --- a comparison --------------------------------------------------------------------------------


def compared(**values):
    made = {"typical": (4.0, 2.0), "events": (9, 0), "ratio": 0.5, "ratio_low": 0.25}
    made |= {"ratio_high": 1.0, "level": 0.95, "p": 0.01234, "lag1": 0.126}
    return made | {"smallest_change": 0.75, "nights_needed": 12} | values


def printed(capsys, found):
    compare_words.print_comparison("jerks", found, ("before", "drug"))
    return capsys.readouterr().out.splitlines()


def test_two_phases_are_said_with_their_levels_and_ratio(capsys):
    assert printed(capsys, compared()) == [
        "jerks: 4.00 typical in before, 2.00 typical in drug (no event)",
        "  drug has 0.500 times as many (95% interval 0.250 to 1.00, p 0.0123; neighbouring "
        "nights alike by 0.13)",
        "  smallest change these nights could show: to 0.750 times, or to 1.33; a halving needs "
        "about 12 nights in each phase",
    ]


def test_of_what_is_no_rate_the_difference_is_said(capsys):
    found = compared(difference=-0.5, difference_low=-1.0, difference_high=0.25)
    del found["ratio"], found["events"]
    lines = printed(capsys, found)
    assert lines[0] == "jerks: 4.00 typical in before, 2.00 typical in drug"
    assert lines[1].startswith("  drug has -0.500 (the difference) (95% interval -1.00 to +0.250,")
    assert lines[2] == "  smallest change these nights could show: 0.750 either way"
    refused = {key: value for key, value in found.items() if key != "difference"}
    assert printed(capsys, refused | {"difference": FEW})[1:] == [
        "  no difference: Too few nights."
    ]


def test_what_is_refused_of_a_comparison_is_said(capsys):
    assert printed(capsys, compared(ratio=FEW, typical=(FEW, 2.0))) == [
        "jerks: - typical in before, 2.00 typical in drug (no event)",
        "  no ratio: Too few nights.",
    ]
    assert printed(capsys, compared(nights_needed=FEW))[2].endswith("or to 1.33; Too few nights.")


@pytest.mark.parametrize(
    ("smallest", "said"),
    [
        (0.02, "smallest change these nights could show: to 0.0200 times, or to 50.0; "),
        (0.0199, "these nights could show no change under 50 times; "),
    ],
)
def test_down_to_a_fiftieth_a_change_is_worth_a_number(smallest, said):
    found = {"smallest_change": smallest, "nights_needed": 1}
    assert compare_words._power_text("ratio", found) == (
        said + "a halving needs about 1 night in each phase"
    )


def test_a_bands_comparison_says_its_phases_and_the_longest_caveat(capsys):
    phase = {"usable_nights": 8, "nights": 9, "left_out": {}, "first_night": None}
    dated = phase | {"first_night": "2026-01-12", "last_night": "2026-01-20"}
    one = compared(words="jerks", left_out={}, caveat="Short.")
    band = {"phases": (dated, phase), "person_side": "L", "band": "calf", "device_id": "a"}
    band |= {"simulated": False, "measures": {"a": one, "b": one | {"caveat": "Much longer."}}}
    compare_words.print_band_comparison(band, ("before", "drug"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "band calf (a)",
        "  before: 8 of 9 nights used (2026-01-12 to 2026-01-20)",
        "  drug: 8 of 9 nights used",
    ]
    assert lines[-1] == "Much longer." and len(lines) == 3 + 3 + 3 + 1


# --- labels --------------------------------------------------------------------------------------


def share(labelled=20, own=18, ppv=0.9):
    found = {"labelled": labelled, "own": own, "ppv": ppv}
    return found | {"ppv_low": 0.699, "ppv_high": 0.972}


def test_labels_are_a_row_of_all_and_one_of_what_bears_some(capsys):
    sizes = [share(0, 0, NO) | {"from_mg": 0, "to_mg": 20}]
    sizes += [share(3, 2, NO) | {"from_mg": 20, "to_mg": 60}]
    sizes += [share() | {"from_mg": 200, "to_mg": None}]
    found = {"all": share(), "by_kind": {"jerk": share(), "lm": share(0, 0, NO)}}
    label._print(found | {"by_size": sizes, "not_counted": 2, "note": "A note."})
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("  ") if cell] for line in lines[1:5]]
    assert rows == [
        ["all", "20", "18", "0.90", "0.70 to 0.97"],
        ["jerk", "20", "18", "0.90", "0.70 to 0.97"],
        ["jerks of 20 to 60 mg", "3", "2", "- (1)", "-"],
        ["jerks of 200 mg and more", "20", "18", "0.90", "0.70 to 0.97"],
    ]
    assert lines[5:7] == ["(1) Too few nights.", "Labelled, but not counted: 2."]
    assert lines[-1].startswith("A note. ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2026-01-12", "1"], "Say what the events were"),
        (["2026-01-12", "1", "--as", "me", "--remove"], "Say what the events were"),
        (["2026-01-12", "--as", "me"], "Say which events"),
        (["2026-01-12", "--remove"], "Say which events"),
    ],
)
def test_a_label_needs_events_and_one_word(words, said, tmp_path):
    done = CliRunner().invoke(label.command, [*words, "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UserError) and said in str(done.exception)


# --- nights, bands, times ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "evening"),
    [("2026-01-12T11:59:59", "2026-01-11"), ("2026-01-12T12:00:00", "2026-01-12")]
    + [("2026-01-12T23:59:59", "2026-01-12"), ("2026-01-13T00:00:00", "2026-01-12")],
)
def test_before_noon_an_entry_is_of_last_night(now, evening, monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromisoformat(now)

    monkeypatch.setattr("datetime.datetime", Clock)
    assert diary._tonight() == evening


def test_a_place_holds_from_noon_of_its_first_night(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    try:
        assert (
            bands._noon_utc_ms("2026-01-12") == 1_768_253_400_000 - 37_800_000
        )  # 22:30 less 10.5 h
        assert bands_forget._utc_ms("2026-01-12T22:30") == 1_768_253_400_000
        assert bands_forget._utc_ms("2026-01-12T22:30:00.25") == 1_768_253_400_250
        assert bands_forget._utc_ms("2026-01-12T21:30+00:00") == 1_768_253_400_000
    finally:
        monkeypatch.undo()
        time.tzset()
    assert bands._noon_utc_ms(None) is None
    with pytest.raises(UserError, match="is no time"):
        bands_forget._utc_ms("yesterday")


@pytest.mark.parametrize(
    ("text", "log_id"), [("0000abcd", 0xABCD), ("ffffffff", 2**32 - 1), ("00000010", 16)]
)
def test_a_log_is_named_by_eight_hex_digits(text, log_id):
    assert bands_forget._log_id(text) == log_id


@pytest.mark.parametrize("text", ["abcd", "0000abcg", "00000abcd", ""])
def test_what_is_no_log_is_refused(text):
    with pytest.raises(UserError, match="is no log"):
        bands_forget._log_id(text)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"zone": "UTC"}, "zone UTC"),
        ({"bed": "22:00", "wake": "06:00"}, "bed 22:00, wake 06:00"),
        ({"exclude": "ill"}, "exclude: ill"),
        ({"exclude": ""}, "include"),
    ],
)
def test_an_edit_in_words(said, told):
    assert edit._said(dict.fromkeys(("zone", "bed", "wake", "exclude")) | said) == told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((None, None, None, None, False), {}),
        (("Europe/Rome", "22:00", None, None, False), {"zone": "Europe/Rome", "bed": "22:00"}),
        ((None, None, "6:05", " ill ", False), {"wake": "06:05", "exclude": "ill"}),
        ((None, None, None, None, True), {"exclude": ""}),
    ],
)
def test_what_is_edited_is_what_was_given(given, said):
    assert edit._checked(*given) == said


def test_an_exclusion_has_a_reason_and_is_no_inclusion():
    with pytest.raises(UserError, match="not both"):
        edit._checked(None, None, None, "", True)
    with pytest.raises(UserError, match="Say why"):
        edit._checked(None, None, None, "  ", False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--remove", "a", "b"], "--remove NAME alone"),
        (["--remove", "a", "--list"], "--remove NAME alone"),
        (["--remove", "a", "--until", "2026-01-12"], "--remove NAME alone"),
        (["--list", "a"], "--list alone"),
        (["--list", "--until", "2026-01-12"], "--list alone"),
        (["--until", "2026-01-12"], "which tag ends"),
        (["a"], "which nights a names"),
        (["a", "2026-01-01", "2026-01-02", "--until", "2026-01-12"], "LAST_NIGHT or --until"),
    ],
)
def test_words_of_a_tag_that_contradict_are_refused(words, said, tmp_path):
    done = CliRunner().invoke(tag.command, [*words, "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UserError) and said in str(done.exception)


def test_a_tag_is_named_ended_and_listed(tmp_path):
    def said(*given):
        done = CliRunner().invoke(tag.command, [*given, "--data-dir", str(tmp_path)])
        assert done.exception is None, done.exception
        return [line.split() for line in done.stdout.splitlines()[1:]]

    assert said("a", "2026-01-01") == [["a", "2026-01-01", "going", "on"]]
    assert said("a", "--until", "2026-01-03") == [["a", "2026-01-01", "2026-01-03"]]
    assert said("b", "2026-01-04", "--until", "2026-01-05")[1] == ["b", "2026-01-04", "2026-01-05"]
    assert said("c", "2026-01-06", "2026-01-07")[2] == ["c", "2026-01-06", "2026-01-07"]
    assert len(said()) == 3 == len(said("--list"))
    assert said("--remove", "a")[0][0] == "b"


@pytest.mark.parametrize(
    ("name", "taken"), [("x.html", 1), ("x.HTM", 1), ("x.svg", 1), ("x.pdf", 0)]
)
def test_a_picture_is_a_page_or_an_svg(name, taken, tmp_path):
    words = ["--out", str(tmp_path / name), "--data-dir", str(tmp_path)]
    said = str(CliRunner().invoke(chart.command, words).exception)
    assert ("Nothing is stored yet" in said) is bool(taken)
    assert ("is no .html or .svg file" in said) is not taken


# --- a band's test of itself ---------------------------------------------------------------------


def test_steps_that_failed_are_listed_from_two_on_and_skipped_ones_always():
    said = {"device": "a1", "text": "all is well.", "failed": ["bus"], "skipped": []}
    assert check.lines(said) == ["Band a1: all is well."]
    assert check.lines(said | {"failed": ["bus", "who"], "skipped": ["rate"]})[1:] == [
        "Wrong in all: bus, who. Mend the first, check again.",
        "Not tested: rate.",
    ]


def ran(stdout="", stderr=""):
    return SimpleNamespace(stdout=stdout, stderr=stderr)


def test_by_cable_the_line_of_the_band_is_read(monkeypatch):
    asked = []

    def run(port, program):
        asked.append((port, program))
        return ran('boot\nnotturno-check {"device": "a1", "verdict": 3, "passed": "7"}\nend')

    monkeypatch.setattr("notturno.keys.cable.run", run)
    device, found = check.by_cable("P", checks.CABLE_IN)
    assert asked == [("P", f"import check_by_cable\ncheck_by_cable.main({checks.CABLE_IN})\n")]
    assert device == "a1" and (found["verdict"], found["passed"]) == (3, 7)
    assert {name: 0 for name, _ in wire.CHECK_FIELDS} | {"verdict": 3, "passed": 7} == found


@pytest.mark.parametrize(
    ("stdout", "stderr", "said"),
    [
        ("", "", "it said nothing"),
        ("a\nb\n", "", r"tested itself \(b\)"),
        ("a", "c\nd", r"tested itself \(d\)"),
        ("notturno-check {", "", r"tested itself \(notturno-check {\)"),
        ('notturno-check {"device": "a"}', "", "No band at P"),
        ("", "ImportError: no module named 'check_by_cable'", "put a newer one on it"),
        ("check_by_cable", "ImportError", "put a newer one on it"),
        ("ImportError: check_by_cable", "", "put a newer one on it"),
        ("", "ImportError: x", "No band at P"),
        ("", "check_by_cable: OSError", "No band at P"),
    ],
)
def test_a_band_that_did_not_test_itself_is_said(monkeypatch, stdout, stderr, said):
    monkeypatch.setattr("notturno.keys.cable.run", lambda *a: ran(stdout, stderr))
    with pytest.raises(UserError, match=said):
        check.by_cable("P", 0)


@pytest.mark.parametrize(
    ("port", "cable", "given"),
    [
        ("/dev/x", "unknown", checks.CABLE_IN),
        ("socket://h:1", "unknown", checks.CABLE_UNKNOWN),
        ("/dev/x", "out", checks.CABLE_OUT),
        ("socket://h:1", "in", checks.CABLE_IN),
    ],
)
@pytest.mark.parametrize(("verdict", "code"), [(0, 0), (3, 1)])
def test_a_band_at_a_port_of_this_machine_has_its_cable_in(
    monkeypatch, port, cable, given, verdict, code
):
    seen = []

    def by_cable(port, cable):
        seen.append((port, cable))
        return "a1", {name: 0 for name, _ in wire.CHECK_FIELDS} | {"verdict": verdict}

    monkeypatch.setattr(check, "by_cable", by_cable)
    done = CliRunner().invoke(check.command, ["--port", port, "--cable", cable])
    assert seen == [(port, given)] and done.exit_code == code
    assert done.stdout.startswith("Band a1: ") and done.stderr.startswith("Looking")


# --- passphrases, answers, backups ---------------------------------------------------------------


@pytest.mark.parametrize(("text", "is_one"), [("1234567", False), ("12345678", True)])
def test_a_new_passphrase_has_eight_characters(tmp_path, text, is_one):
    (tmp_path / "p").write_text(text + "\nmore\n")
    file = str(tmp_path / "p")
    assert passphrase.known(file) == text
    if is_one:
        assert passphrase.new(file) == text
    else:
        with pytest.raises(UserError, match="needs 8 characters"):
            passphrase.new(file)


@pytest.mark.parametrize("text", ["", "\nsecond"])
def test_an_empty_first_line_is_no_passphrase(tmp_path, text):
    (tmp_path / "p").write_text(text)
    with pytest.raises(UserError, match="first line"):
        passphrase.known(str(tmp_path / "p"))


def test_keys_that_came_back_are_counted_and_others_stay(tmp_path):
    from notturno.keys import KeyRing

    ids = [f"564200000000000{k}" for k in range(4)]
    ring = KeyRing(tmp_path)
    ring.add(ids[0], b"a" * 32, "typed")
    ring.add(ids[1], b"b" * 32, "typed")
    notes = restore._keys(
        tmp_path,
        {ids[0]: b"a" * 32, ids[1]: b"x" * 32, ids[2]: b"c" * 32, ids[3]: b"d" * 32},
    )
    assert list(map(str, notes)) == [
        f"The key of {ids[1]} here is another one and stays.",
        "Keys of 2 bands came back.",
    ]
    assert ring.get(ids[1]) == b"b" * 32
    assert restore._keys(tmp_path, {ids[0]: b"a" * 32}) == []


def test_settings_come_back_where_none_are_or_by_force(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "config.toml"
    monkeypatch.setenv("NOTTURNO_CONFIG", str(path))
    assert "holds no settings" in str(restore._config(None, True))
    assert "The settings came back" in str(restore._config(b"a", False))
    assert "is there already and stays" in str(restore._config(b"b", False))
    assert path.read_bytes() == b"a"
    restore._config(b"b", True)
    assert path.read_bytes() == b"b"


def test_enter_alone_is_no_and_no_may_end_it():
    @click.command()
    def asks():
        click.echo(asking.agreed("Go?", abort=True))

    ended_by = CliRunner().invoke(asks, input="\n").exception
    assert isinstance(ended_by, UserError) and str(ended_by) == "Nothing was changed."
    assert CliRunner().invoke(asks, input="x\nyes\n").output.count("[y/N]") == 2


@pytest.mark.parametrize(
    ("platform", "first"), [("linux", "notify-send"), ("linux2", "notify-send"), ("win32", None)]
)
def test_a_desktop_is_told_by_its_own_program(platform, first):
    command = notify.command_for(platform, "text")
    assert (command and command[0]) == first
    mac = notify.command_for("darwin", "text")
    assert mac[0] == "osascript" and mac[-2:] == ["text", "notturno"]


# --- which band, tables --------------------------------------------------------------------------


def test_without_a_name_the_one_key_is_meant():
    ring = SimpleNamespace(ids=lambda: ["a"])
    assert which_band.which(ring, {"a": "calf", "b": "wrist"}, None) == "a"
    assert which_band.which(SimpleNamespace(ids=list), {"b": "wrist"}, "wrist") == "b"
    for ring, names in ((SimpleNamespace(ids=list), {}), (SimpleNamespace(ids=list), {"b": ""})):
        with pytest.raises(UserError, match="No key is here yet"):
            which_band.which(ring, names, None)
    with pytest.raises(UserError, match="which band's key"):
        which_band.which(SimpleNamespace(ids=lambda: ["a", "b"]), {}, None)


def test_bands_are_told_each_by_its_name_and_by_its_id_where_it_has_none(monkeypatch, capsys):
    monkeypatch.setattr("notturno.nights.calendar.local_zone_name", lambda: "Europe/Rome")
    monkeypatch.setattr(bands, "found_text", lambda check: f"found {check['found']}")
    one = {"name": "", "device_id": "b1", "simulated": False, "limb": "", "side": "", "nights": 3}
    one |= {"seen_utc_ms": 1_768_253_400_000, "age_of_newest_s": None, "battery_mv": 3900}
    one |= {"battery_pct": 70, "firmware": "0.1.0", "waiting": 2, "state_names": ["log_full"]}
    one |= {"strap_check": {"begun_utc_ms": 1_768_253_400_000, "found": 4}}
    other = one | {"name": "calf", "device_id": "a1", "simulated": True, "seen_utc_ms": None}
    other |= {"battery_mv": None, "firmware": "", "waiting": 0, "strap_check": None}
    other |= {"state_names": None}
    bands.print_bands([one, other])
    table, told = capsys.readouterr().out.split("\n\n")
    _head, first, second = table.splitlines()
    assert first.split()[:2] == ["-", "b1"] and "2026-01-12 22:30" in first
    assert "3900 mV, ~70 %" in first and first.split()[-2:] == ["0.1.0", "3"]
    assert second.split()[:2] == ["calf", "a1*"] and second.split()[-3:] == ["-", "-", "3"]
    waits, strap, full, simulated = told.splitlines()
    assert waits.startswith("b1: 2 records lay on the band")
    assert strap.startswith("b1: strap check of 2026-01-12 22:30") and "found 4" in strap
    assert full == "b1: its memory was full; sync it."
    assert simulated == "* simulated: a virtual band."
    bands.print_bands([one | {"battery_pct": None}])
    told = capsys.readouterr().out
    assert "3900 mV  " in told and told.splitlines()[-1].startswith("Name one: ")


def test_a_key_that_was_put_away_meanwhile_has_a_row_of_nothing_known():
    gone = SimpleNamespace(about=lambda device_id: None)
    assert bands_key._row(gone, {"a": "calf"}, "a") == {
        "device_id": "a",
        "name": "calf",
        **{"made_utc_ms": None, "from": None, "in_keyring": False, "problem": None},
    }


@pytest.mark.parametrize(
    ("utf8", "text"), [(True, '{"a": "\u00e9"}'), (False, '{"a": "\\u00e9"}')]
)
def test_json_is_in_ascii_where_the_output_carries_no_more(monkeypatch, capsys, utf8, text):
    monkeypatch.setattr(words, "speaks_utf8", lambda stream: utf8)
    words.print_json({"a": "\u00e9"})
    assert capsys.readouterr().out == text + "\n"


def test_columns_of_figures_stand_to_the_right_but_the_first(capsys):
    words.print_table(["n", "x", "y"], [["1", "10", "a"], ["22", "-", "bbb"], ["3", "", ""]])
    assert capsys.readouterr().out.splitlines() == [
        "n    x  y",
        "1   10  a",
        "22   -  bbb",
        "3",
    ]


def test_what_somebody_said_moves_no_cursor_and_breaks_no_row(capsys):
    said = ["a\nb", "\x1b[31mred\x1b[0m", "c\td\re", "\x9b2J", "👩‍🦯 è"]
    words.print_table(["what"], [[text] for text in said])
    assert [line.rstrip() for line in capsys.readouterr().out.split("\n")] == [
        *("what", "a b", " [31mred [0m", "c d e", " 2J", "👩‍🦯 è", ""),
    ]


@pytest.mark.parametrize(("utf8", "end"), [(True, "…"), (False, "...")])
def test_a_long_text_is_cut_and_the_table_says_where_the_whole_is(monkeypatch, capsys, utf8, end):
    monkeypatch.setattr(words, "speaks_utf8", lambda stream: utf8)
    words.print_table(["what", "x"], [["a" * 60, "1"], ["b" * 61, "2"]])
    _head, whole, cut, below = capsys.readouterr().out.splitlines()
    assert whole == "a" * 60 + "  1"
    assert cut == "b" * (60 - len(end)) + end + "  2"
    assert below.startswith("Texts of more than 60 letters are cut") and "--json" in below
    words.print_table(["what"], [["a" * 60]])
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("", True), ("-", True), ("+1", True), ("~7", True), ("<1", True), ("9", True), ("a", False)],
)
def test_what_is_a_figure_in_a_table(text, is_one):
    assert words._is_figure(text) is is_one


def test_a_value_or_a_dash():
    assert words.or_dash(None) == "-" and words.or_dash(1.26, "{:.1f} h") == "1.3 h"
    assert words.or_dash(0) == "0" and words.span((1.0, 2.345)) == "1.00 to 2.35"
    assert words.clock_text(None, "UTC") == "-"
    assert words.clock_text(1_768_253_400_000, "Europe/Rome") == "22:30:00"


# --- how a command ends --------------------------------------------------------------------------


def ended(monkeypatch, capsys, error):
    def main(*_, **__):
        raise error

    monkeypatch.setattr(cli, "main", main)
    code = package._code_of([])
    return code, capsys.readouterr().err


def system_error(number, name=None):
    return OSError(number, "Why not", name)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("Do that."), 1, "notturno: Do that.\n"),
        (KeyboardInterrupt(), 130, "notturno: stopped by Ctrl-C; what was stored before stays"),
        (click.Abort(), 130, "notturno: stopped by Ctrl-C"),
        (click.UsageError("Wrong."), 2, "Error: Wrong."),
        (
            system_error(errno.ENOSPC, "/x/" + "y" * 300),
            1,
            f"notturno: /x/{'y' * 197}: Why not; choose another place",
        ),
        # What was open already fails without its name.
        (system_error(errno.ENOSPC), 1, "notturno: the disk takes no more (Why not); make room"),
        (system_error(errno.EDQUOT), 1, "notturno: the disk takes no more (Why not); make room"),
        (streams.OutputGone(OSError(errno.EPIPE, "x")), 141, ""),
        (streams.OutputGone(OSError(errno.EINVAL, "x")), 141, ""),
        (streams.OutputGone(OSError(errno.ENOSPC, "full")), 1, "cannot be written (full)"),
        (ModuleNotFoundError("x", name="bumble"), 1, "pip install 'notturno[virtual]'"),
    ],
)
def test_each_end_has_its_code_and_its_sentence(monkeypatch, capsys, error, code, said):
    found, err = ended(monkeypatch, capsys, error)
    assert found == code and said in err and (said or err == "")


@pytest.mark.parametrize(
    "error",
    [system_error(errno.EBADF), ModuleNotFoundError("x", name="nobody"), OSError("x")]
    + [UnicodeEncodeError("ascii", "é", 0, 1, "x"), ValueError("x")],
)
def test_what_no_person_causes_is_raised(monkeypatch, capsys, error):
    with pytest.raises(type(error)):
        ended(monkeypatch, capsys, error)


def test_a_text_that_a_terminal_hid_is_a_sentence(monkeypatch, capsys):
    for hidden in ("\ud800", "\udfff", "a\udc80"):
        error = UnicodeEncodeError("utf-8", hidden, 0, 1, "x")
        code, err = ended(monkeypatch, capsys, error)
        assert code == 1 and "is no text in this terminal's encoding" in err


def test_a_command_that_returns_ends_with_nothing_or_its_code(monkeypatch):
    for returned, code in ((None, 0), (0, 0), (3, 3)):
        monkeypatch.setattr(cli, "main", lambda *a, returned=returned, **k: returned)
        assert package._code_of([]) == code


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nigts", "Did you mean nights?"),
        ("bands2", "Did you mean bands or band?"),
        ("xyzzy", "See notturno --help."),
    ],
)
def test_a_command_that_is_not_there_is_answered_with_what_is_near(typed, said):
    done = CliRunner().invoke(cli, [typed])
    assert done.exit_code == 2 and f"No such command '{typed}'. {said}" in done.output
