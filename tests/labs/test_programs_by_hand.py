"""What laboratories' programs write, field by field: which is read, and which only instead."""

from datetime import datetime

import pytest
from notturno.errors import UserError
from notturno.files import lab_programs

CLOCK_S = 22 * 3600 + 600  # 22:10


def xml(text):
    return lab_programs.read_xml(text.encode(), "x.xml")


# --- Embla ---------------------------------------------------------------------------------------


def embla(*events, kinds=()):
    tags = ("Type", "Location", "StartTime", "StopTime")
    rows = "".join(
        "<Event>"
        + "".join(f"<{t}>{v}</{t}>" for t, v in zip(tags, event, strict=True) if v is not None)
        + "</Event>"
        for event in events
    )
    asked = "".join(f"<EventType>{kind}</EventType>" for kind in kinds)
    return xml(
        f"<EventExport><EventTypes>{asked}</EventTypes><Events>{rows}</Events></EventExport>"
    )


BEGIN, LATER, END = "2026-01-12T22:10:00", "2026-01-12T22:10:30", "2026-01-12T22:10:31.500"


def test_embla_events_have_their_place_and_last_to_their_stop():
    found = embla(
        ("SLEEP-S0", "", BEGIN, LATER),
        (" PLM ", " Left Leg ", LATER, END),
        ("AROUSAL", None, LATER, LATER),
    )
    assert found.events == [(30.0, 1.5, "PLM", "Left Leg"), (30.0, 0.0, "AROUSAL", "")]
    assert found.stages == [(0.0, "W"), (30.0, "END")]
    assert (found.format, found.starts) == ("embla", [datetime(2026, 1, 12, 22, 10)])


def test_embla_events_without_a_time_are_told_by_their_number():
    found = embla(("PLM", "L", BEGIN, LATER), ("PLM", "L", "", LATER), (None, "L", BEGIN, "x"))
    assert [str(one) for one in found.refused] == [
        "event 2 (PLM) has no time",
        "event 3 (-) has no time",
    ]


def test_an_embla_export_without_events_says_which_were_asked_for():
    found = embla(kinds=(" PLM ", ""))
    assert (found.events, found.included) == ([], ("PLM", ""))
    for events, kinds in (((), ()), ((), ("",)), ((("PLM", "", "", ""),), ("PLM",))):
        with pytest.raises(UserError, match="x.xml holds no scored event"):
            embla(*events, kinds=kinds)


# --- Profusion -----------------------------------------------------------------------------------


def profusion(events="", stages=(), epoch="30"):
    told = "".join(f"<SleepStage>{stage}</SleepStage>" for stage in stages)
    return xml(
        f"<CMPStudyConfig><EpochLength>{epoch}</EpochLength><ScoredEvents>{events}</ScoredEvents>"
        f"<SleepStages>{told}</SleepStages></CMPStudyConfig>"
    )


def scored(name="", start="", lasts="", concept="", place=""):
    return (
        f"<ScoredEvent><Name>{name}</Name><EventConcept>{concept}</EventConcept>"
        f"<Start>{start}</Start><Duration>{lasts}</Duration><Input>{place}</Input></ScoredEvent>"
    )


def test_profusion_events_by_name_or_concept_with_the_channel_they_were_seen_in():
    found = profusion(
        scored("PLM (Left)", "90.5", "1,25", "c", " Leg L ")
        + scored("", "60", "", "Limb Movement")
        + scored("Recording Start Time", "0", "0")
        + scored("PLM", "", "1")
        + scored("PLM", "1", "long")
        + scored("PLM", "1e9", "1")
    )
    assert found.events == [(60.0, 0.0, "Limb Movement", ""), (90.5, 1.25, "PLM (Left)", "Leg L")]
    assert [str(one)[:8] for one in found.refused] == ["event 4 ", "event 5 ", "event 6 "]


@pytest.mark.parametrize(("epoch", "epoch_s"), [("30", 30.0), ("20", 20.0), ("", 30.0)])
def test_profusion_stages_are_numbers_in_epochs(epoch, epoch_s):
    found = profusion(stages=(0, 1, 2, 3, 5), epoch=epoch)
    assert found.stages == [
        (0.0, "W"),
        (epoch_s, "N1"),
        (2 * epoch_s, "N2"),
        (3 * epoch_s, "N3"),
        (4 * epoch_s, "R"),
        (5 * epoch_s, "END"),
    ]


@pytest.mark.parametrize(
    "how", [{}, {"stages": (0,), "epoch": "0"}, {"stages": (0,), "epoch": "x"}]
)
def test_a_profusion_file_without_anything_is_refused(how):
    with pytest.raises(UserError, match="x.xml holds no scored event"):
        profusion(**how)


# --- Sleepware -----------------------------------------------------------------------------------


def sleepware(events="", user="", machine="", session=""):
    return xml(
        f'<PatientStudy xmlns="http://x">{session}<Events>{events}</Events>'
        f"<UserStaging>{user}</UserStaging><MachineStaging>{machine}</MachineStaging></PatientStudy>"
    )


def test_sleepware_events_say_their_side_or_place_or_signal():
    found = sleepware(
        '<Event Type="LegMovement" Start="10" Duration="1.5" Side="Left" Location="Leg"/>'
        '<Event Type="LegMovement" Start="20" Location="Leg2" EdfSignal="7"/>'
        '<Event Type="PLM" Start="30" EdfSignal="12"/>'
        '<Event Type="PLM" Start="40" EdfSignal="LAT"/>'
        '<Event Start="5" Duration="1"/>'
        '<Event Type="PLM" Duration="1"/>'
    )
    assert found.events == [
        (5.0, 1.0, "", ""),
        (10.0, 1.5, "LegMovement", "Left"),
        (20.0, 0.0, "LegMovement", "Leg2"),
        (30.0, 0.0, "PLM", ""),
        (40.0, 0.0, "PLM", "LAT"),
    ]
    assert [str(one) for one in found.refused] == ["event 6 (PLM) has no time"]


USER = '<Stage Type="Wake" Start="0"/><Stage Type="NonREM2" Start="60"/>'
MACHINE = '<Stage Type="REM" Start="0"/>'
BEGINS = "<RecordingStart>2026-01-12T22:10:00</RecordingStart>"
SESSION = f"<Session>{BEGINS}<Duration>90</Duration></Session>"


def test_sleepware_stages_are_the_persons_and_last_to_the_end_of_the_session():
    found = sleepware(user=USER, machine=MACHINE, session=SESSION)
    assert found.stages == [(0.0, "W"), (60.0, "N2"), (90.0, "END")]
    assert found.starts == [datetime(2026, 1, 12, 22, 10)]
    assert sleepware(machine=MACHINE, session=SESSION).stages == [(0.0, "R"), (90.0, "END")]


def test_without_a_length_the_last_sleepware_stage_has_none():
    found = sleepware(user=USER)
    assert (found.stages, found.starts) == ([(0.0, "W"), (60.0, "END")], [])
    with pytest.raises(UserError, match="x.xml holds no scored event"):
        sleepware(session=SESSION)


# --- DOMINO --------------------------------------------------------------------------------------


def text(*lines):
    return lab_programs.read_text("\n".join(lines) + "\n", "x.txt")


def domino(*rows, kind="Impuls", start="12.01.2026 22:10:00", rate=None):
    head = ["Signal ID: PLM", f"Start Time: {start}", "Unit:", f"Signal Type: {kind}"]
    head += [f"Rate: {rate}"] if rate else []
    return text(*head, "", *rows)


def test_domino_movements_last_from_their_begin_to_their_end():
    found = domino(
        "22:10:05,500-22:10:07,750; 2;PLM",
        "00:10:00,000-00:10:01,000; 1;LM",
        "22:09:59,000-22:10:00,000; 1;before",
        "22:11:00,000; spot",
        "12.01.2026 22:12:00-12.01.2026 22:12:02; 2;dated",
        "junk",
    )
    assert found.events == [
        (-1.0, 1.0, "before", ""),
        (5.5, 2.25, "PLM", ""),
        (60.0, 0.0, "spot", ""),
        (120.0, 2.0, "dated", ""),
        (7200.0, 1.0, "LM", ""),
    ]
    assert [str(one) for one in found.refused] == ["line 11: 'junk' is no row of the table"]
    assert found.starts == [datetime(2026, 1, 12, 22, 10)] and found.clock_s is None


@pytest.mark.parametrize(
    ("start", "starts", "clock_s"),
    [
        (
            "03/02/2026 22:10:00",
            [datetime(2026, 2, 3, 22, 10), datetime(2026, 3, 2, 22, 10)],
            None,
        ),
        ("03.02.2026 22:10:00", [datetime(2026, 2, 3, 22, 10)], None),
        ("2026-02-03 22:10:00", [datetime(2026, 2, 3, 22, 10)], None),
        ("02/02/2026 10:10:00 PM", [datetime(2026, 2, 2, 22, 10)], None),
        ("02/02/2026 12:10:00 am", [datetime(2026, 2, 2, 0, 10)], None),
        ("22:10:00", [], CLOCK_S),
        ("10:10:00 pm", [], CLOCK_S),
        ("12:10:00 PM", [], CLOCK_S - 10 * 3600),
    ],
)
def test_a_domino_start_by_what_its_date_may_mean(start, starts, clock_s):
    found = domino("22:10:05,0-22:10:07,0; 2;PLM", start=start)
    assert (found.starts, found.clock_s) == (starts, clock_s)


@pytest.mark.parametrize(
    ("rate", "epoch_s"), [(None, 30), ("30 s", 30), ("20 s", 20), ("20000 ms", 20), ("x", 30)]
)
def test_a_domino_stage_lasts_as_its_rate_says(rate, epoch_s):
    found = domino("22:10:00,000; Wach", "22:10:30,000; N2", kind="Discret", rate=rate)
    gap = [(float(epoch_s), "?")] if epoch_s < 30 else []
    assert found.stages == [(0.0, "W"), *gap, (30.0, "N2"), (30.0 + epoch_s, "END")]


def test_a_domino_table_without_a_start_is_refused():
    with pytest.raises(UserError, match="x.txt has no Start Time above its rows"):
        text("Signal ID: PLM", "Signal Type: Impuls", "22:10:05,500-22:10:07,750; 2;PLM")


# --- Twin ----------------------------------------------------------------------------------------


def test_twin_lines_are_stages_or_events_of_the_clock():
    found = text(
        "22:10:00.00\tSTAGE - W",
        "22:10:30.00\tSTAGE - N2",
        "22:10:40.50\tLM - DUR: 2.3 SEC. - LEFT",
        "",
        "00:10:00.00\tAROUSAL - DUR: 4 SEC",
        "no row",
        "00:11:00.00 LM",
        "00:12:00.00",
    )
    assert found.events == [(40.5, 2.3, "LM LEFT", ""), (7200.0, 4.0, "AROUSAL", "")]
    assert found.stages[:2] == [(0.0, "W"), (30.0, "N2")]
    assert (found.clock_s, found.starts) == (CLOCK_S, [])
    assert [str(one) for one in found.refused] == [
        f"line {at}: '{text}' is no row of the table"
        for at, text in ((6, "no row"), (7, "00:11:00.00 LM"), (8, "00:12:00.00"))
    ]


@pytest.mark.parametrize("line", ["22:10:00.00 no tab", "22:10:00\ta\tb", "a\tb", "", "x"])
def test_what_is_none_of_them_is_left_to_others(line):
    assert text(line) is None
