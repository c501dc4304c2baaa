"""How commands say figures, amounts, places and times: each at the value where it turns."""

import pytest
from notturno.cli import figure_words, mqtt, night_words, people_words, progress, results
from notturno.errors import UserError
from notturno.refusals import Refusal

SHORT = Refusal("It was too short.", "too_short")


# --- what people say -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [(0.5, "mg", "0.5 mg"), (2.0, "", "2"), (0.0, "mg", "0 mg"), (None, "", ""), (None, "a", "a")],
)
def test_an_amount_is_said_with_its_unit(amount, unit, said):
    assert people_words.amount_text({"amount": amount, "unit": unit}) == said


@pytest.mark.parametrize(
    ("limb", "side", "said"),
    [("calf", "L", "calf, left"), ("", "R", "right"), ("wrist", "", "wrist"), ("", "", "-")],
)
def test_a_place_is_limb_and_side_as_far_as_they_were_said(limb, side, said):
    assert people_words.place_text(limb, side) == said


def test_how_long_ago_something_was_is_a_dash_where_nobody_knows():
    assert people_words.ago_text(None) == "-" and people_words.ago_text(0).endswith(" ago")


# --- cells with notes ----------------------------------------------------------------------------


def test_reasons_are_numbered_from_one_and_each_stands_once(capsys):
    notes = figure_words.Notes()
    assert [notes.number(reason) for reason in ("a", "b", "a", "c")] == [1, 2, 1, 3]
    notes.print()
    assert capsys.readouterr().out == "(1) a\n(2) b\n(3) c\n"


# --- a broker's address --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broker", "tls", "address"),
    [
        ("home", False, ("home", 1883)),  # IANA: mqtt
        ("home", True, ("home", 8883)),  # IANA: secure-mqtt
        ("home:1", True, ("home", 1)),
        ("home:65535", False, ("home", 65535)),
        ("[::1]:1884", False, ("::1", 1884)),
    ],
)
def test_a_broker_is_a_host_and_perhaps_a_port(broker, tls, address):
    assert mqtt._address(broker, tls) == address


@pytest.mark.parametrize("broker", [":1883", "home:", "home:0", "home:65536", "home:x", "home:-1"])
def test_what_is_no_address_is_refused(broker):
    with pytest.raises(UserError, match="is no address"):
        mqtt._address(broker, False)


def test_of_each_band_its_newest_complete_night_is_sent_or_else_its_newest():
    def night(device, name, state="complete"):
        return {"device_id": device, "night": name, "state": state}

    rows = [night("a", 1), night("a", 2), night("a", 3, "open"), night("b", 1, "open")]
    rows += [night("b", 2, "open"), night("c", 1, "open"), night("c", 2)]
    newest = {row["device_id"]: row["night"] for row in mqtt._newest(rows)}
    assert newest == {"a": 2, "b": 2, "c": 2}


def test_a_password_is_the_first_line_of_its_file_or_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTTURNO_MQTT_PASSWORD", "by environment")
    assert mqtt._password(None) == "by environment"
    (tmp_path / "p").write_text("secret\nmore\n")
    assert mqtt._password(str(tmp_path / "p")) == "secret"
    (tmp_path / "p").write_text("")
    with pytest.raises(UserError, match="no line of text in it"):
        mqtt._password(str(tmp_path / "p"))
    with pytest.raises(UserError, match="No such file or directory"):
        mqtt._password(str(tmp_path / "q"))


# --- progress ------------------------------------------------------------------------------------


def test_a_bar_over_nights_counts_them_from_one_and_says_the_day_between_two():
    shown = []
    moved = progress.over_nights(lambda *what: shown.append(what), 2)
    for night, fraction in ((0, 0.5), (0, 1.0), (1, 0.25), (1, 1.0)):
        moved(night, fraction)
    assert shown == [
        (0.5, 2, "night 1 of 2"),
        (1.0, 2, "day after night 1 of 2"),
        (1.25, 2, "night 2 of 2"),
        (2.0, 2, "night 2 of 2"),
    ]


def test_the_bar_of_nights_made_again_begins_once_and_ends_with_the_last(monkeypatch):
    from contextlib import contextmanager

    happened = []

    @contextmanager
    def bar(text):
        happened.append("begins")
        yield lambda done, total: happened.append((done, total))
        happened.append("ends")

    monkeypatch.setattr(progress, "progress_bar", bar)
    moved = progress.rebuilding()
    for done in (1, 2, 3):
        moved(done, 3)
    assert happened == ["begins", (1, 3), (2, 3), (3, 3), "ends"]


# --- what was refused of many files --------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "reason", "said"),
    [
        ("a/x.csv", "x.csv has no head.", "a/x.csv has no head."),
        ("a/x.csv", "a/x.csv: no head", "a/x.csv: no head"),
        ("a/x.csv", "x.csvs are no files", "a/x.csv: x.csvs are no files"),
        ("a/x.csv", "It is empty.", "a/x.csv: It is empty."),
        ("x.csv", "x.csv, line 3", "x.csv, line 3"),
        ("", "Nothing was found.", "Nothing was found."),
    ],
)
def test_a_source_is_named_once(source, reason, said):
    assert results._of({"source": source, "reason": reason}) == said


@pytest.mark.parametrize(
    ("n", "more"), [(results.MOST_SHOWN, False), (results.MOST_SHOWN + 2, True)]
)
def test_of_many_refused_so_many_are_shown_and_the_rest_counted(capsys, n, more):
    rows = [{"what": "refused", "source": f"{k}.csv", "reason": "x"} for k in range(n)]
    results._print_qc(rows, None)
    lines = capsys.readouterr().err.splitlines()
    assert lines[: results.MOST_SHOWN] == [
        f"refused: {k}.csv: x" for k in range(results.MOST_SHOWN)
    ]
    assert lines[results.MOST_SHOWN :] == (["... and 2 more refused; see qc.csv."] if more else [])


def test_notes_are_counted_where_they_are_kept_and_said_where_not(capsys, tmp_path):
    rows = [{"what": "noted", "source": "a.csv", "reason": "b"}] * 2
    results._print_qc(rows, tmp_path)
    assert capsys.readouterr().err == "2 notes on these nights stand in qc.csv.\n"
    results._print_qc(rows, None)
    assert capsys.readouterr().err == "note: a.csv: b\n" * 2
    results._print_qc([], tmp_path)
    assert capsys.readouterr().err == ""


# --- one night -----------------------------------------------------------------------------------


def starts(**other):
    found = {"around_first_onset": 3, "around_first_onset_by_chance": 0.25}
    found |= {"around_later_onsets": 2, "around_later_onsets_by_chance": SHORT}
    return found | {"asleep_from_the_start": False} | other


def report(**other):
    found = {
        "night": "2026-01-12",
        "band": "calf",
        "simulated": False,
        "state": "complete",
        "state_reason": "",
    }
    found |= {"warnings": [], "recorded_h": 8.004, "countable_h": 7.126}
    found["sleep"] = {"rule": "van Hees", "limits": "by movement alone", "sleep_h": 6.5}
    found["jerks"] = {
        "single_jerks": 12,
        "rates": {"per_countable_h": 1.684, "per_sleep_h": SHORT},
        "clusters": {"jerks_in_clusters": 4},
        "strength": {"peak_mg": {"p50": 43.6}},
        "sleep_starts": starts(),
        "rhythms": {"leg_0.3_4_hz": {"runs": 5}, "clonic_3_8_hz": {"runs": 6}},
        "fragmentary": {"possible": False, "longest_run_min": 3},
    }
    movements = {"lm": 30, "plms": 20, "plms_per_h": 3.077, "periodicity_index": 0.666}
    found["movements"] = {"WASM 2016": movements}
    return found | other


def printed(capsys, found):
    night_words.print_report(found)
    return capsys.readouterr().out.splitlines()


def line(words, told):
    return f"  {words:<40}{told}"


def test_a_report_of_a_night_says_each_figure_in_its_place(capsys):
    assert printed(capsys, report()) == [
        "Night 2026-01-12, band calf",
        line("recorded hours", "8.00"),
        line("countable hours", "7.13"),
        line("hours of sleep", "6.50"),
        line("single jerks", "12"),
        line("  per countable hour", "1.68"),
        line("  per hour of sleep", "- (It was too short.)"),
        line("  in clusters", "4"),
        line("  median peak, mg", "44"),
        line("possible sleep starts, first onset", "3 (by chance alone: 0.2)"),
        line("possible sleep starts, later onsets", "2 (by chance alone: unknown)"),
        line("rhythmic runs, 0.3-4 Hz", "5"),
        line("rhythmic runs, 3-8 Hz", "6"),
        line("limb movements, WASM 2016", "30"),
        line("  periodic in sleep", "20"),
        line("  periodic per hour of sleep", "3.08"),
        line("  periodicity index", "0.67"),
        "  sleep by van Hees: by movement alone",
    ]


def test_what_is_special_in_a_night_is_said_and_only_then(capsys):
    usual = printed(capsys, report())
    special = report(simulated=True, state="open", state_reason="It goes on.", warnings=["Look."])
    special |= {"stages_placed": "by the file's own start", "stages_offset_s": -90.4}
    special["jerks"] = special["jerks"] | {
        "fragmentary": {"possible": True, "longest_run_min": 21}
    }
    found = printed(capsys, special)
    assert found[:3] == ["Night 2026-01-12, simulated band calf", "  open: It goes on.", "  Look."]
    assert found[3:-3] == usual[1:-1]
    assert found[-3] == "  stages: by the file's own start, -90 s"
    assert found[-2] == usual[-1] and "fragmentary myoclonus: 21 min" in found[-1]


def test_a_night_without_sleep_says_why_and_nothing_of_how_sleep_was_told(capsys):
    without = report(sleep=SHORT)
    without["jerks"] = without["jerks"] | {
        "sleep_starts": SHORT,
        "fragmentary": SHORT,
        "strength": SHORT,
    }
    found = printed(capsys, without)
    for words in ("hours of sleep", "  median peak, mg", "possible sleep starts, first onset"):
        assert line(words, "- (It was too short.)") in found
    assert not any("sleep by" in one or "fragmentary" in one for one in found)


@pytest.mark.parametrize(("which", "said"), [("first", True), ("later", False)])
def test_who_was_asleep_from_the_start_was_not_seen_to_fall_asleep(which, said):
    _, _, form = night_words._starts_line(starts(asleep_from_the_start=True), which)
    assert ("the onset was not seen" in form) is said


def both(**other):
    legs = {"bilateral": 7, "left_only": 8, "right_only": 9}
    lag = {"median": -12.4, "uncertainty": 300.0}
    rules = {"lm": 50, "plm": {"low": 30, "high": 34}, "plms_per_h": SHORT}
    found = {"both_worn_h": 7.254, "jerks": legs | {"lag_ms": lag}, "movements": SHORT}
    found |= {"alternating": {"runs": 1}, "by_rules": {"wasm2016": rules, "aasm3": rules}}
    return found | other


def test_both_legs_are_said_with_their_lag_and_as_one_patient(capsys):
    night_words.print_both_legs(both())
    found = capsys.readouterr().out.splitlines()
    assert found[:5] == [
        "Both legs, 7.25 h worn at the same time",
        "  single jerks by side: 7 of both legs, 8 left only, 9 right only",
        "  limb movements by side: - (It was too short.)",
        "  lag (right minus left): -12 ms, uncertain by 300 ms",
        "  alternating (possible ALMA): 1 run",
    ]
    cells = "LM 50, PLM 30 to 34 (clocks), PLMS per hour of sleep - (It was too short.)"
    assert len(found) == 7 and all(one.endswith(": " + cells) for one in found[5:])


@pytest.mark.parametrize("lag_ms", [None, SHORT])
def test_without_a_lag_none_is_said(capsys, lag_ms):
    night_words.print_both_legs(
        both(
            jerks={"bilateral": 0, "left_only": 0, "right_only": 0} | {"lag_ms": lag_ms},
            alternating=SHORT,
            by_rules=SHORT,
        )
    )
    found = capsys.readouterr().out.splitlines()
    assert not any("lag" in one for one in found)
    assert found[-2:] == [
        "  alternating (possible ALMA): - (It was too short.)",
        "  both legs by the rules: - (It was too short.)",
    ]


def test_legs_that_cannot_be_held_beside_each_other_say_why(capsys):
    night_words.print_both_legs(SHORT)
    night_words.print_both_legs(both(jerks=SHORT))
    found = capsys.readouterr().out.splitlines()
    assert found[0] == "Both legs: - (It was too short.)"
    assert found[2] == "  single jerks by side: - (It was too short.)"
