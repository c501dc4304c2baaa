"""Tables as people and their spreadsheets write them: each form is the same ten movements."""

import datetime

import lab_files
import pytest
from notturno.errors import UserError
from notturno.labs import inputs, readers
from notturno.labs.readers import event_names
from notturno.scoring.movements.stage_names import stage_name

ONSETS_S = [600.5 + 20 * i for i in range(10)]
LASTS_S = 2.25
NIGHT = datetime.datetime(2024, 3, 1, 22)
ROWS = [(round(t * 1e6), round((t + LASTS_S) * 1e6)) for t in ONSETS_S]


def night_of(*paths):
    (unit,) = inputs.found_in([str(path) for path in paths]).units
    (night,) = readers.nights_of(unit)
    return night


def ours(separator=",", decimal=".", header="onset_s,duration_s,side", side="L R"):
    legs = side.split()
    rows = [
        separator.join((f"{t}".replace(".", decimal), f"{LASTS_S}".replace(".", decimal),
                        legs[i % 2]))
        for i, t in enumerate(ONSETS_S)
    ]  # fmt: skip
    return "\n".join([header.replace(",", separator), *rows, ""])


def named(header, cells):
    """A table `header` of which `cells(onset_s, leg)` gives each row."""
    return "\n".join([header, *(cells(t, "LR"[i % 2]) for i, t in enumerate(ONSETS_S)), ""])


def clock(t, form="%H:%M:%S.%f"):
    return f"{NIGHT + datetime.timedelta(seconds=t):{form}}"


def elapsed(t):
    return f"{int(t // 3600)}:{int(t // 60 % 60):02d}:{t % 60:06.3f}"


FORMS = {
    "decimal commas": ours(";", ","),
    "tabs": ours("\t"),
    "tabs and commas": ours("\t", ","),
    "a byte order mark": "\ufeff" + ours(),
    "utf-16 le": ours().encode("utf-16"),
    "utf-16 be": b"\xfe\xff" + ours().encode("utf-16-be"),
    "utf-16 without a mark": ours().encode("utf-16-le"),
    "utf-16 be without a mark": ours().encode("utf-16-be"),
    "crlf": ours().replace("\n", "\r\n"),
    "cr alone": ours().replace("\n", "\r"),
    "capitals": ours(header="ONSET_S,Duration_S,SIDE"),
    "spaces": ours(header=" onset_s , duration_s , side "),
    "a remark above": "# scored by hand\n\n" + ours(),
    "a remark that is the header": "# " + ours(),
    "a spreadsheet's own line": "sep=;\n" + ours(";", ","),
    "a separator behind each row": ours().replace("\n", ",\n"),
    "a separator behind the rows alone": ours().replace("L\n", "L,,\n").replace("R\n", "R,\n"),
    "words for legs": ours(side="left Right"),
    "german words for legs": ours(side="links RECHTS"),
    "italian words for legs": ours(side="sx dx"),
    "quoted cells of two lines": named(
        '"onset_s","duration_s","side","note"',
        lambda t, leg: f'"{t}","2.25","{leg}","a ""b"",\nc"',
    ),
    "milliseconds": named("onset_ms,duration_ms,side", lambda t, leg: f"{t * 1e3:.0f},2250,{leg}"),
    "milliseconds in brackets": named(
        "Onset [ms],Duration [ms],Leg", lambda t, leg: f"{t * 1e3:.0f},2250,{leg}"
    ),
    "minutes": named("Onset (min),Duration (s),Side", lambda t, leg: f"{t / 60:.9f},2.25,{leg}"),
    "begin and end": named("start,end,side", lambda t, leg: f"{t},{t + LASTS_S},{leg}"),
    "our onset and an end": named("onset_s,end_s,side", lambda t, leg: f"{t},{t + LASTS_S},{leg}"),
    "german": ours(";", ",", "Beginn;Dauer;Seite"),
    "italian": ours(";", ",", "inizio;durata;lato"),
    "french": ours(";", ",", "début (s);durée (s);jambe", side="gauche droite"),
    "elapsed hours": named(
        "onset_s,duration_s,side", lambda t, leg: f"{elapsed(t)},0:00:02.250,{leg}"
    ),
    "minutes and seconds": named(
        "onset,duration,description", lambda t, leg: f"{t},0:02.25,LM {leg}"
    ),
    "a column of kinds": named("onset_s,duration_s,side,kind", lambda t, leg: f"{t},2.25,{leg},lm")
    + "700,11,,resp\n710,3,,arousal\n720,1,,gap\n",
}
# Of the clock or with a date: time 0 is the first movement.
DATED = {
    "%H:%M:%S.%f": None,
    "%I:%M:%S.%f %p": None,
    "%Y-%m-%dT%H:%M:%S.%f": "2024-03-01T22:10:00.500000",
    "%Y-%m-%d %H:%M:%S,%f": "2024-03-01T22:10:00.500000",
    "%Y-%m-%dT%H:%M:%S.%f+01:00": "2024-03-01T22:10:00.500000",
    "%d.%m.%Y %H:%M:%S": "2024-03-01T22:10:00",
    "%d/%m/%Y %H:%M:%S.%f": None,  # 1 March or 3 January: the night is the same
    "%m/%d/%Y %I:%M:%S.%f %p": None,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_movements(form, tmp_path):
    text = FORMS[form]
    (tmp_path / "n.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    night = night_of(tmp_path / "n.csv")
    assert sorted((row[0], row[1]) for row in night.rows) == ROWS
    assert [row[2] for row in sorted(night.rows)] == ["L", "R"] * 5
    if form == "a column of kinds":
        assert night.resp == [(700_000_000, 711_000_000)]
        assert night.arousals == [(710_000_000, 713_000_000)]
        assert night.gaps == [(720_000_000, 721_000_000)]


@pytest.mark.parametrize("form", DATED)
def test_times_of_the_clock_and_dates_count_from_the_first(form, tmp_path):
    text = named("Start Time;Duration;Event", lambda t, leg: f"{clock(t, form)};2.25;LM {leg}")
    (tmp_path / "n.csv").write_text(text)
    night = night_of(tmp_path / "n.csv")
    whole = "%f" not in form
    steps = [row[0] for row in night.rows]
    assert steps == [20_000_000 * i for i in range(10)] and night.start_local == DATED[form]
    assert not whole or night.rows[0][1] == 2_250_000


def test_a_night_past_midnight_is_in_march_and_not_from_january_to_february(tmp_path):
    rows = ["03/01/2024 23:50:00,2,LM", "03/02/2024 00:10:00,2,LM"]
    (tmp_path / "n.csv").write_text("onset,duration,event\n" + "\n".join(rows) + "\n")
    night = night_of(tmp_path / "n.csv")
    assert [row[0] for row in night.rows] == [0, 1_200_000_000]
    assert night.start_local == "2024-03-01T23:50:00"


def test_zones_keep_the_time_between_when_the_clock_is_set_back(tmp_path):
    rows = ["2024-10-27T02:59:00+02:00,2,LM", "2024-10-27T02:01:00+01:00,2,LM"]
    (tmp_path / "n.csv").write_text("onset,duration,event\n" + "\n".join(rows) + "\n")
    assert [row[0] for row in night_of(tmp_path / "n.csv").rows] == [0, 120_000_000]


def test_seconds_since_1970_count_from_the_first(tmp_path):
    for scale in (1, 1000):
        rows = [f"{(1709330400 + t) * scale:.1f},2.25,LM" for t in ONSETS_S]
        text = "\n".join(["timestamp,duration,label", *rows, ""])
        (tmp_path / "n.csv").write_text(text)
        assert [r[0] for r in night_of(tmp_path / "n.csv").rows] == [
            20_000_000 * i for i in range(10)
        ]


def test_a_movement_of_both_legs_is_one_of_each(tmp_path):
    (tmp_path / "n.csv").write_text("onset_s,duration_s,side\n1,2,LR\n30,2,both\n60,2,\n")
    assert [row[2] for row in night_of(tmp_path / "n.csv").rows] == ["L", "R", "L", "R", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("onset (samples),duration_s,side\n1,2,L\n", "'onset (samples)' is not known"),
        ("onset_s,duration_s,side\n1,2,L\n4,2,knee\n", "line 3: the side is 'knee'"),
        ("onset_s,end_s,side\n9,2,L\n", "line 2"),
        ("onset,duration,event\n22:00:00,2,LM\nlater,2,LM\n", "line 3: onset is 'later'"),
        ("onset,duration,event\n1,2,LM\n2024-03-01 22:00:00,2,LM\n", "line 2: onset is '1'"),
        ("onset,duration,event\n31/31/2024 22:00:00,2,LM\n", "a date of no form"),
        ("onset,duration,event\n22:00:00,1:2:3:4,LM\n", "line 2: duration is '1:2:3:4'"),
        ("onset,duration,event\n,2,LM\n", "line 2: onset is ''"),
        ("onset_s,duration_s,side\n1,2,L\n\0\0\0\0", "line 3: bytes that are no text"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(text, words, tmp_path):
    (tmp_path / "n.csv").write_text(text)
    with pytest.raises(UserError) as error:
        night_of(tmp_path / "n.csv")
    assert words in str(error.value)


def test_what_is_said_of_morphology_stays_beside_a_column_of_kinds(tmp_path):
    rows = ["1,2,L,lm,0", "30,2,R,lm,1", "60,2,,,", "90,20,,resp,"]
    text = "onset_s,duration_s,side,kind,morphology\n" + "\n".join(rows) + "\n"
    (tmp_path / "n.csv").write_text(text)
    night = night_of(tmp_path / "n.csv")
    assert [row[2:] for row in night.rows] == [("L", False), ("R", True), ("", None)]
    assert night.resp == [(90_000_000, 110_000_000)]


def test_the_lists_of_two_legs_are_one_night(tmp_path):
    left = "onset_s,duration_s\n1,2\n41,2\n"
    right = "onset_s,duration_s\n21,2\n"
    for one, other in (("n_left", "n_right"), ("n_L", "n_R"), ("n_lm_links", "n_lm_rechts")):
        paths = tmp_path / f"{one}.csv", tmp_path / f"{other}.csv"
        paths[0].write_text(left)
        paths[1].write_text(right)
        night = night_of(*paths)
        assert night.night == "n" and not night.notes
        assert sorted((row[0] // 10**6, row[2]) for row in night.rows) == [
            (1, "L"), (21, "R"), (41, "L")
        ]  # fmt: skip
        for path in paths:
            path.unlink()
    (tmp_path / "group_r.csv").write_text(ours())  # alone, it is a name and no leg
    assert night_of(tmp_path / "group_r.csv").night == "group_r"


def test_files_that_say_only_what_they_hold_are_one_night_of_their_folder(tmp_path):
    for who in ("p1", "p2/n1"):
        folder = tmp_path / "lab" / who
        folder.mkdir(parents=True)
        (folder / "movements.csv").write_text(ours())
        (folder / "stages.csv").write_text("onset_s,stage\n0,W\n300,N2\n900,END\n")
    found = inputs.found_in([str(tmp_path / "lab")])
    assert [(unit.person, unit.night, len(unit.files)) for unit in found.units] == [
        ("p1", "p1", 2), ("p2", "n1", 2)
    ]  # fmt: skip
    alone = inputs.found_in([str(tmp_path / "lab/p1")])
    assert [(unit.person, unit.night) for unit in alone.units] == [("p1", "p1")]
    files = inputs.found_in([str(tmp_path / f"lab/p1/{f}.csv") for f in ("stages", "movements")])
    assert [(unit.person, unit.night) for unit in files.units] == [("p1", "p1")]


def test_files_with_the_clock_alone_stand_on_one_axis(tmp_path):
    """Stages from 22:00 and movements from 22:10, neither with a date."""
    rows = [f"{clock(30 * i, '%H:%M:%S')};30;Stadium {'W' if i < 10 else 2}" for i in range(80)]
    (tmp_path / "n_stages.csv").write_text("Zeit;Dauer;Ereignis\n" + "\n".join(rows) + "\n")
    text = named("Zeit;Dauer;Ereignis", lambda t, leg: f"{clock(t)};2.25;Beinbewegung {leg}")
    (tmp_path / "n_events.csv").write_text(text)
    night = night_of(*sorted(tmp_path.iterdir()))
    assert night.stages[0] == (0, "W") and [row[:2] for row in night.rows] == ROWS
    luna = [
        f"{'W' if i < 10 else 'N2'}\t.\t.\t{clock(30 * i, '%H:%M:%S')}\t+30" for i in range(80)
    ]
    (tmp_path / "n_stages.csv").unlink()
    (tmp_path / "n_stages.annot").write_text("\n".join(luna) + "\n")
    night = night_of(*sorted(tmp_path.iterdir()))
    assert night.stages[0] == (0, "W") and [row[:2] for row in night.rows] == ROWS


def test_movements_after_midnight_stand_where_the_clock_of_the_stages_says(tmp_path):
    rows = [f"{clock(30 * i, '%H:%M:%S')};30;N2" for i in range(600)]
    (tmp_path / "n_stages.csv").write_text("onset;duration;event\n" + "\n".join(rows) + "\n")
    (tmp_path / "n_lms.csv").write_text("onset;duration;event\n01:00:00;2;LM\n")
    night = night_of(*sorted(tmp_path.iterdir()))
    assert night.rows[0][0] == 3 * 3600 * 10**6
    (tmp_path / "n_lms.csv").write_text("onset;duration;event\n1:00:00;2;LM\n")
    night = night_of(*sorted(tmp_path.iterdir()))  # one digit: no clock writes that
    assert night.rows[0][0] == 3600 * 10**6
    assert [note.code for note in night.notes] == ["elapsed"]


@pytest.mark.parametrize(
    ("date", "dates"),
    [
        ("01.03.2024 22:00:00", ""),
        ("3/1/2024 10:00:00 PM", ""),
        ("01.03.2024 22:00:00", "01.03.2024 "),
    ],
)
def test_the_files_that_domino_writes_into_a_folder_are_one_night(date, dates, tmp_path):
    lab_files.domino(tmp_path, date, dates)
    (unit,) = inputs.found_in([str(tmp_path)]).units
    (night,) = readers.nights_of(unit)
    assert [(r[0] // 10**6, r[1] - r[0]) for r in night.rows] == [
        (t, 2_000_000) for t in lab_files.ONSETS_S
    ]
    assert night.resp == [(580_000_000, 599_000_000)]
    assert night.arousals == [(620_500_000, 623_500_000)]
    assert night.stages[0] == (0, "W") and night.stages[-1] == (2_400_000_000, "END")
    assert sum(night.unknown.values()) == 1


@pytest.mark.parametrize(
    ("text", "kind", "sides"),
    [
        ("PLM droit", "lm", ("R",)),
        ("PLM Gauce", "lm", ("L",)),  # so a program writes it
        ("Limb movement : Mouvement de la jambe gauche", "lm", ("L",)),
        ("Beinbewegung rechts", "lm", ("R",)),
        ("Movimento gamba sinistra", "lm", ("L",)),
        ("Movimento periodico degli arti", "lm", ("",)),
        ("Micro-éveil", "arousal", ()),
        ("Microrisveglio", "arousal", ()),
        ("Apnée obstructive", "resp", ()),
        ("Ipopnea", "resp", ()),
        ("Obstruktive Apnoe", "resp", ()),
        ("Movimento del corpo", None, ()),
    ],
)
def test_events_are_known_in_other_languages(text, kind, sides):
    assert event_names.meaning(text) == (kind, sides)


@pytest.mark.parametrize(
    ("text", "stage"),
    [("Wach", "W"), ("Veille", "W"), ("Veglia", "W"), ("Stade 2", "N2"), ("Stadium 3", "N3"),
     ("Stadio 1", "N1"), ("Schlafstadium 4", "N3"), ("S. Paradoxal", "R"), ("NonREM2", "N2"),
     ("SLEEP-STAGE N1", "N1"), ("Indéterminé", "?"), ("Stadion", None)],
)  # fmt: skip
def test_stages_are_known_in_other_languages(text, stage):
    assert stage_name(text) == stage
