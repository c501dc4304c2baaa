"""What commands print of rows made by hand: events, nights, bands, findings and syncs."""

from types import SimpleNamespace

import pytest
from notturno import doctor, live
from notturno.cli import bands, show, sync
from notturno.cli import doctor as doctor_command
from notturno.cli import live as live_command
from notturno.errors import UserError
from notturno_core import wire

START_UTC_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME, H_MS = "Europe/Rome", 3_600_000


# --- live rows -----------------------------------------------------------------------------------


def row(state=live.FINAL, was=None, rate_hz=100.0, late_s=1.25, **values):
    made = {"number": 7, "kind": wire.EVENT_JERK, "flags": 0, "peak_mg": 42, "source": 1}
    values = made | {"duration_samples": 25} | values
    return live.Row(state, values, was, rate_hz, 0.0, late_s)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (row(), "    #7  jerk        0.25 s     42 mg  final, 1.25 s late"),
        (row(live.PROVISIONAL, late_s=None), "    #7  jerk        0.25 s     42 mg  provisional"),
        (
            row(rate_hz=None, number=None),
            f"{'':6}  {'jerk':<8}  {'':8}     42 mg  final, 1.25 s late",
        ),
        (row(kind=99), "    #7  kind 99     0.25 s     42 mg  final, 1.25 s late"),
        (
            row(flags=wire.FLAG_IN_AWAKE),
            "    #7  jerk        0.25 s     42 mg  final, not counted: while awake, 1.25 s late",
        ),
    ],
)
def test_a_live_row_is_a_line(one, said):
    assert live_command.row_text(one) == said


def test_a_revised_row_says_what_it_was_and_is_and_not_twice_why_it_does_not_count():
    was = {"kind": wire.EVENT_JERK, "flags": 0}
    text = live_command.row_text(row(live.REVISED, was, flags=wire.FLAG_IN_AWAKE))
    assert text.endswith("revised: jerk -> while awake, 1.25 s late")
    text = live_command.row_text(row(live.REVISED, was, kind=wire.EVENT_LM))
    assert text.endswith("revised: jerk -> lm, 1.25 s late")
    text = live_command.row_text(
        row(live.REVISED, was, kind=wire.EVENT_LM, flags=wire.FLAG_IN_AWAKE)
    )
    assert text.endswith("revised: jerk -> lm while awake, 1.25 s late")


def test_a_live_row_as_json_names_flags_source_and_what_it_was():
    was = {"kind": wire.EVENT_LM, "flags": wire.FLAG_IN_AWAKE}
    told = live_command.row_of(
        row(live.REVISED, was, flags=wire.FLAG_IN_AWAKE | wire.FLAG_CLIPPED)
    )
    assert sorted(told["flag_names"]) == ["clipped", "in_awake"]
    assert (told["kind"], told["left_out"], told["state"]) == ("jerk", "in_awake", "revised")
    assert (told["duration_s"], told["late_s"]) == (0.25, 1.25)
    assert told["was"] == {"kind": "lm", "left_out": "in_awake"}
    assert told["source"] == wire.SOURCE_NAMES[1] and live_command.row_of(row())["was"] is None


# --- show ----------------------------------------------------------------------------------------


def event(at_s=600.0, **values):
    made = {"no": 3, "kind": "jerk", "kind_band": "jerk", "flag_names": [], "left_out": None}
    made |= {"onset_utc_ms": START_UTC_MS + round(at_s * 1000), "onset_s": at_s, "device_id": "a"}
    made |= {"duration_s": 0.25, "peak_mg": 42, "confidence_pct": 70, "rhythm_hz": None}
    return made | {"beats": None, "waveform": False} | values


@pytest.mark.parametrize(
    ("one", "cells"),
    [
        (event(), ["3", "22:40:00", "jerk", "0.25 s", "42 mg", "yes", "70 %", ""]),
        (
            event(
                kind="rhythm",
                kind_band="lm",
                rhythm_hz=1.26,
                beats=12,
                waveform=True,
                flag_names=["clonic_band"],
            ),
            [
                "3",
                "22:40:00",
                "rhythm",
                "0.25 s",
                "42 mg",
                "yes",
                "70 %",
                "1.3 Hz x 12, clonic band, the band said lm, waveform kept",
            ],
        ),
        (
            event(left_out="in_awake", flag_names=["clipped", "in_awake"], onset_utc_ms=None),
            ["3", "+600 s", "jerk", "0.25 s", "42 mg", "no: while awake", "70 %", "clipped"],
        ),
        (
            event(kind="posture", kind_band="posture", duration_s=150.0),
            ["3", "22:40:00", "posture", "2 min", "42 mg", "", "70 %", ""],
        ),
    ],
)
def test_an_event_is_a_row_of_texts(one, cells):
    assert list(map(str, show.event_row(one, ROME))) == cells


@pytest.mark.parametrize(
    ("from_text", "to_text", "kept"),
    [(None, None, 4), ("22:40", None, 3), (None, "22:40", 1), ("22:40", "00:30", 1)]
    + [("00:30", None, 2), ("9:00", None, 0), (None, "9:00", 4)],
)
def test_events_are_those_from_a_time_on_and_before_another(from_text, to_text, kept):
    at_s = (0, 600, 7200, 20_000)  # 22:30, 22:40, 00:30, 04:03
    summary = [{"device_id": "a", "zone": ROME, "start_utc_ms": START_UTC_MS}]
    summary[0]["end_utc_ms"] = START_UTC_MS + 8 * H_MS
    found = {"summary": summary, "events": [event(at) for at in at_s]}
    assert len(show._between(found, from_text, to_text)) == kept


def test_times_of_a_night_without_a_clock_or_that_are_none_are_refused():
    summary = [{"device_id": "a", "zone": ROME, "start_utc_ms": None, "end_utc_ms": None}]
    with pytest.raises(UserError, match="clock of this night is unknown"):
        show._between({"summary": summary, "events": []}, "22:00", None)
    for text in ("24:00", "22:60", "2200", "22:5"):
        with pytest.raises(UserError, match="no time of day"):
            show._time(text)
    assert [show._time(t) for t in ("0:00", "23:59", "09:30")] == ["0:00", "23:59", "09:30"]


def night(**values):
    made = {"night": "2026-01-12", "simulated": False, "person_side": "L", "band": "calf"}
    made |= {"zone": ROME, "recorded_h": 8.0, "worn_h": 7.5, "countable_h": 7.25, "jerks": 1}
    made |= {"lms": 2, "jerks_per_h": 0.14, "lms_per_h": 0.28, "plms_per_h_wasm2016": 1.0}
    made |= {"refusal": None, "refusals": {}, "rhythms": 1, "postures": 2, "gaps": None}
    made |= {"jerks_left_out": {"in_awake": 2, "awake": 1}, "lms_left_out": {"small": 1}}
    made |= {"rhythms_left_out": None, "state": "complete", "excluded": None, "state_reason": ""}
    return made | {"warnings": [], "clock": "measured", "clock_error_ms": 20} | values


def printed(capsys, **values):
    show.print_summary(night(**values))
    return capsys.readouterr().out.splitlines()


def test_the_lines_above_a_nights_events(capsys):
    assert printed(capsys) == [
        "Night 2026-01-12, band calf, left, zone Europe/Rome",
        "recorded 8.0 h, worn 7.5 h, counted in 7.2 h; 1 single jerk (0.1 an hour), 2 limb "
        "movements (0.3 an hour), PLMS 1.0 per hour of sleep",
        "1 rhythm, 2 turns",
        "  not counted: 3 jerks while awake",
        "  not counted: 1 limb movement too small to be told from the pulse or the mattress",
    ]


@pytest.mark.parametrize(
    ("clock", "error_ms", "said"),
    [
        ("measured", 1000, None),
        ("measured", 1001, "Times may be off by up to 1 s."),
        ("measured", 119_400, "Times may be off by up to 119 s."),
        (
            "estimated",
            120_000,
            "Times may be off by up to 2 min: the band's clock was set only once.",
        ),
        ("measured", None, None),
        ("unknown", 5000, "The band's clock was not set: the times of this night are unknown."),
    ],
)
def test_how_far_times_may_be_off_is_said_above_a_second(capsys, clock, error_ms, said):
    lines = printed(capsys, clock=clock, clock_error_ms=error_ms)
    assert lines[5:] == ([] if said is None else [said])


def test_a_night_that_is_not_complete_or_has_warnings_says_so(capsys):
    lines = printed(
        capsys, state="open", excluded="x", state_reason="It goes on.", warnings=["Look."]
    )
    assert lines[5:] == ["open: It goes on.", "Look."]
    assert printed(capsys, state="open", state_reason="It goes on.")[5:] == []
    cut = "It ended without a word: the band lost its power."
    assert printed(capsys, state_reason=cut)[5:] == [cut]
    refused = {"refused": "Left out by the person.", "code": "excluded"}
    lines = printed(capsys, countable_h=None, refusal=refused, simulated=True, person_side="")
    assert lines == [
        "Night 2026-01-12, simulated band calf, zone Europe/Rome",
        "Left out by the person.",
    ]


def test_events_of_two_bands_name_their_band_and_gaps_and_presses_follow(capsys):
    summary = [{"device_id": d, "zone": ROME, "band": b} for d, b in (("a", "one"), ("b", "two"))]
    gap = {
        "device_id": "a",
        "start_utc_ms": START_UTC_MS,
        "duration_s": 12.34,
        "reason": "overrun",
    }
    mark = {"device_id": "b", "utc_ms": START_UTC_MS + 1000}
    found = {"summary": summary, "events": [event(device_id="b")], "gaps": [gap], "marks": [mark]}
    show.print_events(found)
    out = capsys.readouterr().out.splitlines()
    assert out[1].split()[-1] == "band" and out[2].split()[-1] == "two"
    assert out[3:] == ["gap at 22:30:00: 12.3 s (overrun)", "button at 22:30:01"]
    show.print_events(found | {"summary": summary[1:], "gaps": [], "marks": []})
    assert not capsys.readouterr().out.splitlines()[1].endswith("band")


# --- bands ---------------------------------------------------------------------------------------


def band(**values):
    made = {"name": "calf", "device_id": "a1", "simulated": False, "limb": "calf", "side": "L"}
    made |= {"seen_utc_ms": None, "age_of_newest_s": None, "battery_mv": 3900, "battery_pct": 70}
    made |= {
        "firmware": "0.9",
        "nights": 3,
        "waiting": 0,
        "strap_check": None,
        "state_names": None,
    }
    return made | values


def bands_printed(capsys, *found):
    bands.print_bands(list(found))
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def cells(line):
    return [cell for cell in line.split("  ") if cell]


def test_a_band_is_a_row_with_a_dash_for_what_nobody_knows(capsys):
    lines = bands_printed(capsys, band())
    row_cells = [cell.strip() for cell in cells(lines[1])]
    assert row_cells == ["calf", "a1", "calf, left", "-", "-", "3900 mV, ~70 %", "0.9", "3"]
    lines = bands_printed(
        capsys,
        band(name="", limb="", side="", battery_mv=None, firmware=None, simulated=True),
    )
    row_cells = [cell.strip() for cell in cells(lines[1])]
    assert row_cells == ["-", "a1*", "-", "-", "-", "-", "-", "3"]
    assert lines[-2:] == [
        "* simulated: a virtual band.",
        "Name one:  notturno bands name ID calf-left --limb calf --side L",
    ]


def test_what_waits_on_a_band_is_said_by_its_name_or_its_id(capsys):
    lines = bands_printed(capsys, band(waiting=1), band(name="", device_id="b2", waiting=9))
    assert lines[4:] == [
        f"{what} lay on the band, not stored here, when it was last seen; run notturno sync."
        for what in ("calf: 1 record", "b2: 9 records")
    ]
    lines = bands_printed(capsys, band(state_names=["log_full"]), band(state_names=["docked"]))
    assert lines[4:] == ["calf: its memory was full; sync it."]
    without_percent = bands_printed(capsys, band(battery_pct=None))[1]
    assert "3900 mV" in without_percent and "%" not in without_percent


# --- findings ------------------------------------------------------------------------------------


def finding(state, check="radio", found="fine", todo=None, name=None):
    return SimpleNamespace(state=state, check=check, found=found, todo=todo, band=name)


@pytest.mark.parametrize(
    ("states", "last"),
    [
        ([], "All is well."),
        ([doctor.WRONG], "1 thing wrong, 0 to look at."),
        ([doctor.LOOK, doctor.WRONG, doctor.WRONG], "2 things wrong, 1 to look at."),
        ([doctor.LOOK], "0 things wrong, 1 to look at."),
    ],
)
def test_findings_end_with_how_many_are_not_well(capsys, states, last):
    doctor_command.print_findings([finding(state) for state in states])
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_a_finding_is_a_line_and_below_it_what_to_do(capsys):
    doctor_command.print_findings(
        [finding(doctor.WRONG, "key", "none", "make one", "calf"), finding(doctor.LOOK)]
    )
    first, todo, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith(doctor.WRONG) and first.endswith("  calf: key: none")
    assert todo == "         -> make one"
    assert second.startswith(doctor.LOOK) and second.endswith("  radio: fine")
    assert first.index("calf:") == second.index("radio:")


# --- a sync --------------------------------------------------------------------------------------


def result(device="a", **values):
    made = {"device": device, "name": f"band {device}", "new_records": 5, "new_events": 2}
    made |= {"total_records": 9, "nights": ["2026-01-12"], "committed_seq": 40, "warnings": []}
    return SimpleNamespace(**made | {"failed": None, "first_new_seq": 3} | values)


def test_a_sync_of_two_bands_is_summed_and_each_of_them_told():
    two = [result(), result("b", new_records=1, nights=["2026-01-11"], warnings=["w"])]
    told = sync._json(two, [([], 50), ([], None)], {"a": [], "b": ["x"]}, 1.5)
    assert (told["new_records"], told["new_events"], told["total_records"]) == (6, 4, 18)
    assert told["nights"] == ["2026-01-11", "2026-01-12"] and told["duration_s"] == 1.5
    assert (told["device"], told["committed_seq"], told["age_of_newest_s"]) == ("a", 40, 50)
    assert told["warnings"] == ["w"] and [one["device"] for one in told["bands"]] == ["a", "b"]
    assert told["bands"][1]["band_says"] == ["x"] and told["bands"][1]["age_of_newest_s"] is None
    alone = sync._json(two[1:], [([], None)], {"b": []}, 0)
    assert alone["age_of_newest_s"] is None


def test_the_desktop_hears_of_each_band(monkeypatch):
    monkeypatch.setattr(sync, "night_line", lambda row: row["night"])
    rows = [{"device_id": "a", "night": "n1"}, {"device_id": "b", "night": "n2"}]
    lines = list(sync._for_desktop([result(), result("c")], [(rows, 5), (rows, 5)]))
    assert lines[:2] == ["n1", "Nothing new on the band band c."] and len(lines) == 3


def test_a_complaint_that_is_new_is_told_once(monkeypatch):
    def complaints(store, device, from_seq=None):
        return [{"text": "old"}, {"text": "new"}] if from_seq is None else [{"text": "new"}]

    monkeypatch.setattr(sync, "band_complaints", complaints)
    told = [one["text"] for one in sync._complaints(None, result())]
    assert told == ["new", "old"]
    told = [one["text"] for one in sync._complaints(None, result(new_records=0))]
    assert told == ["old", "new"]


@pytest.mark.parametrize(
    ("new", "age_s", "told"),
    [
        (5, 36 * 3600, None),
        (
            5,
            36 * 3600 + 1,
            "Its newest record is 36 hours old: the band may have stopped recording; "
            "charge it and check.",
        ),
        (0, 7200, "Its newest record is 2 hours old."),
        (0, -120, "Its newest record is 0 minutes old."),
        # this clock was set back, or was ahead when it dated them
        (0, -121, "Its newest record is dated 2 minutes from now: see  notturno doctor."),
        (5, -4 * 86_400, "Its newest record is dated 4 days from now: see  notturno doctor."),
        (0, None, None),
    ],
)
def test_a_newest_record_of_more_than_a_day_and_a_half_is_said(capsys, new, age_s, told):
    sync.print_result(result(new_records=new), [], age_s, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ([] if told is None else [told])
    assert ("No night is among them" in lines[0]) is bool(new)
    assert lines[0].startswith(
        "5 new records (2 events) from the band a in 1.0 s" if new else "Nothing"
    )
