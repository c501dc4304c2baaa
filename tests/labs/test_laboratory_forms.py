"""Forms that laboratories' own files have: made here in the form of files that were seen.

RemLogic's exports as in github.com/pskeba1/MATPLM-Score and rlslabgit/MATPLM, Twin's of the
Wisconsin cohort and the tables of STAGES as NSRR's documentation and readers of them show. No row
of theirs is in here.
"""

import json
from datetime import datetime, timedelta

import lab_files
import pytest
from click.testing import CliRunner
from notturno.cli.score import command
from notturno.errors import UserError
from notturno.labs import inputs, readers
from notturno.labs.readers import event_names
from notturno.scoring.movements.score import score_night
from notturno.scoring.movements.stage_names import has_prefix, stage_name

START = datetime(2024, 3, 1, 22, 30, 13)
INCLUDED = "APNEA AROUSAL AROUSAL-LM DESAT HYPOPNEA PLM-LM SLEEP-REM SLEEP-S0 SLEEP-S2".split()
HEAD = "RemLogic Event Export\nPatient:\tX Y\nPatient ID:\t7\nRecording Date:\t3/1/2024\n\n"
EPOCHS = ["S0"] * 10 + ["S2"] * 60 + ["REM"] * 10


def remlogic(rows, included=INCLUDED, where=True, digits=""):
    """rows: (seconds from START, event, seconds, location)."""
    columns = f"Time [hh:mm:ss{'.xxx' if digits else ''}]\tEvent\tDuration[s]"
    lines = [*included, "", columns + "\tLocation" * where]
    for at, event, lasts, place in sorted(rows, key=lambda row: row[0]):
        said = (START + timedelta(seconds=at)).isoformat(timespec="microseconds")
        lines.append(f"{said}\t{event}\t{lasts}{digits}" + f"\t{place}" * where)
    return (HEAD + "Events Included:\n" + "\n".join(lines) + "\n").replace("\n", "\r\n")


def epochs(first=0):
    return [(first + 30 * i, f"SLEEP-{name}", 30, "EEG-F4-A1") for i, name in enumerate(EPOCHS)]


def part_of(tmp_path, text, name="n.txt"):
    (tmp_path / name).write_bytes(text.encode())
    return readers.read(str(tmp_path / name), name)


def scored(part, rules="wasm2016"):
    return score_night(part.rows, rules, part.stages, resp=part.resp, arousal_events=part.arousals)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("LAntib1-LAntib2", "RAntib1-RAntib2"),
        ("EMG.Tibialis-Leg.Left", "EMG.Tibialis-Leg.Right"),
        ("EMG.Tibialis-Leg-Left", "RAntib1-RAntib2"),
        ("LLEG1-LLEG2", "RLEG1-RLEG2"),
        ("LTA", "R_TIB"),
        ("Leg L", "LegR"),
        ("PLMl", "PLMr"),
    ],
)
def test_the_leg_is_told_by_the_channel_over_it(left, right, tmp_path):
    """Of two legs, those that touch are one movement; of one leg they would be two."""
    rows = epochs() + [(400 + 20 * i, "PLM-LM", 3, left) for i in range(8)]
    rows += [(403 + 20 * i, "PLM-LM", 2, right + "  ") for i in range(8)]
    part = part_of(tmp_path, remlogic(rows))
    assert {row[2] for row in part.rows} == {"L", "R"}
    found = scored(part)
    assert (found["lm"], found["plm"], found["counts"]["lm_by_side"]["both"]) == (8, 8, 8)
    unnamed = [(*row[:3], "EMG.Tibialis-Leg") for row in rows if row[1] == "PLM-LM"]
    assert scored(part_of(tmp_path, remlogic(epochs() + unnamed)))["lm"] == 16


def test_a_night_of_remlogic_with_everything_in_it(tmp_path):
    """Arousals before the first stage and longer than a minute, RERA, movements of no length."""
    rows = epochs(first=60) + [(0, "AROUSAL", 3, "EMG.Chin"), (700, "AROUSAL-SPONT", 716, "EEG")]
    rows += [(400 + 20 * i, "PLM-LM", 2, "LAntib1-LAntib2") for i in range(9)]
    rows += [(1500 + 20 * i, "PLM-LM", 0, "LAntib1-LAntib2") for i in range(3)]
    rows += [(380, "AROUSAL-RERA", 19, "Thoracic"), (900, "DESAT", 30, "SpO2.Averaged-Probe")]
    part = part_of(tmp_path, remlogic(rows, digits=".00"))
    assert part.starts == [START]
    assert part.stages[0] == (60_000_000, "W")
    assert part.arousals == [(0, 3_000_000), (700_000_000, 1_416_000_000)]
    assert part.resp == [(380_000_000, 399_000_000)]
    assert {(note.code, note.n) for note in part.notes} == {
        ("no_duration", 3),
        ("other_events", 1),
    }
    found = scored(part)
    assert (found["lm"], found["plms"], found["plm_nonresp"]) == (9, 9, 8)
    assert found["hours"]["sleep"] == pytest.approx(70 / 120)


@pytest.mark.parametrize(
    ("text", "kind", "sides"),
    [
        ("RESPIRATORY EVENT - HYPOPNEA - DESAT 85.0 %", "resp", ()),
        ("RESPIRATORY EVENT - RERA - DESAT 89.0 %", "resp", ()),
        ("Desaturation with hypopnea", None, ()),
        ("desaturation w/ respiratory", None, ()),
        ("* DESATURATION - MIN SAO2 88.0 %", None, ()),
        ("Apnea artifact", None, ()),
        ("centralapnea", "resp", ()),
        ("obstructiveapnea", "resp", ()),
        ("* AROUSAL - DUR: 3.0 SEC. - PLM", "arousal", ()),
        ("Arousal w/ PLM", "arousal", ()),
        ("Mouvement + arousal", "arousal", ()),
        ("Left Leg", "lm", ("L",)),
        ("Both Leg w/ Arousal", "lm", ("L", "R")),
        ("LM with arousal", "lm", ("",)),
        ("Left leg artifact", None, ()),
        ("PLM Gauce", "lm", ("L",)),
        ("PLM droit", "lm", ("R",)),
        ("RLM", "lm", ("R",)),
        ("Leg Mvmt", "lm", ("",)),
        ("isolatedlimbmovement-left", "lm", ("L",)),
        ("Movimiento de pierna derecha", "lm", ("R",)),
        ("Extremitätenbewegung links", "lm", ("L",)),
        ("POSITION - LEFT", None, ()),
    ],
)
def test_events_are_known_by_the_names_of_large_collections(text, kind, sides):
    assert event_names.meaning(text) == (kind, sides)


def test_a_movement_with_an_arousal_is_both(tmp_path):
    rows = "".join(f"{600 + 20 * i},2,Left Leg w/ Arousal\n" for i in range(5))
    part = part_of(tmp_path, "onset,duration,description\n" + rows, "n.csv")
    assert len(part.rows) == len(part.arousals) == 5
    assert part.arousals[0] == (600_000_000, 602_000_000)


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("sleep_stage_1", "N1"),
        ("Sleep_Stage_N2", "N2"),
        ("Stage1", "N1"),
        ("StageN2", "N2"),
        ("Stage_REM", "R"),
        ("SleepStageWake", "W"),
        ("UnknownStage", "?"),
        ("SLEEP-UNSCORED", None),
    ],
)
def test_stages_are_known_where_nothing_parts_the_words(label, stage):
    assert stage_name(label) == stage
    assert has_prefix(label) == (stage not in ("?", None))


@pytest.mark.parametrize("text", ["Stager", "stages", "Stage fright", "backstage 1"])
def test_a_word_that_only_begins_so_is_no_stage(text):
    assert stage_name(text) is None


def test_desaturations_behind_the_breathing_do_not_hide_it_in_twins_text(tmp_path):
    rows = [(30 * i, f"STAGE - {'N2' if i > 4 else 'W'}") for i in range(60)]
    rows += [(600 + 20 * i, "LM - DUR: 2.0 SEC. - ISOLATED") for i in range(10)]
    rows += [(580, "RESPIRATORY EVENT - DUR: 19.0 SEC. - OBSTRUCTIVE APNEA - DESAT 91.6 %")]
    rows += [(590, "DESATURATION - DUR: 20.0 SEC. - MIN 91.6 % - DROP 3.1 %")]
    lines = [f"{(START + timedelta(seconds=at)):%H:%M:%S}.00\t{text}" for at, text in sorted(rows)]
    part = part_of(tmp_path, "\n".join(lines) + "\n")
    assert part.resp == [(580_000_000, 599_000_000)]
    assert scored(part)["plm_nonresp"] == 9


def a_night_in_four(tmp_path, breathing):
    """As MATPLM's scripts export one: stages, breathing, arousals and movements each in a file."""
    (tmp_path / "n_hypno.txt").write_text(remlogic(epochs(), where=False, digits=".00"))
    included = ["APNEA-CENTRAL", "HYPOPNEA", "DESAT", "SNORE"]
    (tmp_path / "n_resp.txt").write_text(remlogic(breathing, included, where=False))
    rows = [(400 + 20 * (i % 5) + 7 * (i // 5), i // 5) for i in range(10)]  # one leg, the other
    legs = [
        f"{(START + timedelta(seconds=at)).isoformat('T', 'milliseconds')}"
        f"\t{('left', 'right')[leg]}-LM\t1.5"
        for at, leg in rows
    ]
    (tmp_path / "n.txt").write_text("Start\tType\tDuration\n" + "\n".join(legs) + "\n")
    found = inputs.found_in([str(tmp_path)])
    assert len(found.units) == 1
    (night,) = readers.nights_of(found.units[0])
    return night


def test_an_export_of_breathing_without_a_row_is_a_night_without_breathing(tmp_path):
    night = a_night_in_four(tmp_path, [])
    assert (night.resp, night.arousals) == ([], None)
    assert len(night.rows) == 10 and min(night.rows)[0] == 400_000_000
    assert [(note.code, note.n) for note in night.notes] == [("no_rows", 1)]
    rows = [(380, "HYPOPNEA", 19, "")]
    assert a_night_in_four(tmp_path, rows).resp == [(380_000_000, 399_000_000)]


def test_an_export_of_everything_without_a_row_says_nothing_of_the_night(tmp_path):
    part = part_of(tmp_path, remlogic([]))
    assert (part.rows, part.stages, part.resp, part.arousals) == (None, None, None, None)
    with pytest.raises(UserError, match="no list of leg movements"):
        readers.nights_of(inputs.Unit("p", "n", ((str(tmp_path / "n.txt"), "n.txt"),)))
    with pytest.raises(UserError, match="no event that can be read"):
        part_of(tmp_path, remlogic([], included=()))


def test_two_stages_at_one_time_are_unscored_in_every_program(tmp_path):
    rows = [*epochs(), (300, "SLEEP-REM", 30, "EEG-F4-A1"), (330, "SLEEP-S2", 30, "EEG-F4-A1")]
    part = part_of(tmp_path, remlogic(rows))
    assert (300_000_000, "?") in part.stages and (330_000_000, "N2") in part.stages
    assert [(note.code, note.n) for note in part.notes] == [("two_stages", 1)]


def stages_table(rows):
    """As NSRR's STAGES: the clock, a space behind each comma, stages without a length."""
    lines = [
        f"{START + timedelta(seconds=at):%H:%M:%S}, {lasts}, {text}"
        for at, lasts, text in sorted(rows)
    ]
    return "Start Time,Duration (seconds),Event\n" + "\n".join(lines) + "\n"


def test_the_table_of_stages_with_words_that_hold_commas(tmp_path):
    name = {"S0": "Wake", "S2": "Stage2", "REM": "REM"}
    rows = [(30 * i, 0.0, name[epoch]) for i, epoch in enumerate(EPOCHS)]
    rows += [
        (2400, 0.0, "UnknownStage"),
        (5, 0.0, "LightsOff"),
        (9, 0.0, "awake, reading, 2 lamps"),
    ]
    rows += [(580, 19.0, "ObstructiveApnea"), (620.5, 3.0, "Arousal w/ Respiratory")]
    legs = ("Left Leg", "Right Leg", "Both Leg w/ Arousal")
    rows += [(600 + 20 * i, 2.0, legs[i % 3]) for i in range(10)]
    part = part_of(tmp_path, stages_table(rows), "n.csv")
    found = scored(part)
    assert (found["lm"], found["plms"], found["plm_nonresp"]) == (10, 10, 9)
    assert found["hours"]["sleep"] == pytest.approx(70 / 120)
    assert len(part.rows) == 13 and len(part.arousals) == 4
    assert sorted(found["counts"]["lm_by_side"].values()) == [0, 3, 3, 4]


@pytest.mark.parametrize("cells", ["600,2,5,Left Leg", "600,2,,Left Leg", "600,2, ,5,Left Leg"])
def test_half_of_a_number_is_no_word(cells, tmp_path):
    """2,5 seconds in a list of commas: refused, and not a movement of 2 s."""
    with pytest.raises(UserError, match="line 2"):
        part_of(tmp_path, f"onset,duration,event\n{cells}\n", "n.csv")


@pytest.mark.parametrize(
    "names",
    [
        ("Schlafprofil", "PLM Events", "Flow Events", "Klassifizierte Arousal"),
        ("Sleep Profile - 0042", "PLM Events - 0042", "Flow Events - 0042",
         "Classification Arousals - 0042"),
    ],
)  # fmt: skip
def test_the_files_of_domino_are_one_night_in_german_and_with_a_number_behind(names, tmp_path):
    lab_files.domino(tmp_path)
    ours = ("Sleep profile", "PLM Events", "Flow Events", "Classification Arousals")
    for before, name in zip(ours, names, strict=True):
        (tmp_path / f"{before}.txt").rename(tmp_path / f"{name}.txt")
    (unit,) = inputs.found_in([str(tmp_path)]).units
    (night,) = readers.nights_of(unit)
    assert (len(night.rows), len(night.resp), len(night.arousals)) == (10, 1, 1)
    assert night.stages[0] == (0, "W")
    assert unit.night == ("0042" if "0042" in names[0] else tmp_path.name)


def test_a_known_stage_goes_before_a_strange_label_of_its_time(tmp_path):
    for strange_first in (True, False):
        rows = [*epochs(), (600, "SLEEP-Q", 30, ""), (660, "SLEEP-Q", 30, "")]
        rows.sort(key=lambda row: (row[0], (row[1] == "SLEEP-Q") != strange_first))
        rows = [row for row in rows if row[:2] != (660, "SLEEP-S2")]
        part = part_of(tmp_path, remlogic(rows))
        assert (600_000_000, "N2") in part.stages and (660_000_000, "?") in part.stages
        assert dict(part.unknown) == {"Q": 2}


# --- the options of `score` ----------------------------------------------------------------------


def as_json(*arguments):
    result = CliRunner().invoke(command, [*map(str, arguments), "--rules", "wasm2016", "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


LETTERS = [{"S0": "W", "S2": "N2", "REM": "R"}[name] for name in EPOCHS]
NUMBERS = [{"S0": 0, "S2": 2, "REM": 5}[name] for name in EPOCHS]
STAGINGS = {
    "s.txt": remlogic(epochs(), where=False),
    "s.csv": "onset_s,stage\n"
    + "".join(f"{30 * i},{letter}\n" for i, letter in enumerate(LETTERS))
    + "2400,END\n",
    "s_yasa.csv": "\n".join(LETTERS),
    "s.eannot": "\n".join(LETTERS),
    "s.xml": "<CMPStudyConfig><EpochLength>30</EpochLength><SleepStages>"
    + "".join(f"<SleepStage>{number}</SleepStage>" for number in NUMBERS)
    + "</SleepStages></CMPStudyConfig>",
    "s.utf16": remlogic(epochs(), where=False),
}


@pytest.mark.parametrize("name", STAGINGS)
def test_stages_of_every_form_go_beside_a_list(name, tmp_path):
    encoding = "utf-16" if name == "s.utf16" else "utf-8"
    (tmp_path / name).write_bytes(STAGINGS[name].encode(encoding))
    rows = "".join(f"{400 + 20 * i},2,L\n" for i in range(10))
    (tmp_path / "n.csv").write_text("onset_s,duration_s,side\n" + rows)
    found, told = as_json(tmp_path / "n.csv", "--stages", tmp_path / name)
    assert (found["plms"], found["hours"]["sleep"], told) == (10, pytest.approx(70 / 120), "")
    assert found["provenance"]["source"]["format"] == "csv"


def test_the_lists_of_options_stand_on_the_nights_axis_and_go_before_its_own(tmp_path):
    """Movements with dates that begin after the stages, and a file that holds other stages too."""
    legs = [(400 + 20 * i, "PLM-LM", 2, "LTA") for i in range(10)]
    wrong = [(400 + 30 * i, "SLEEP-Q", 30, "") for i in range(5)]
    (tmp_path / "n.txt").write_text(remlogic(legs + wrong + [(100, "HYPOPNEA", 5, "")]))
    (tmp_path / "s.txt").write_text(remlogic([*epochs(), (900, "PLM-LM", 2, "LTA")]))
    (tmp_path / "r.txt").write_text(remlogic([(380, "HYPOPNEA", 19, "")]))
    (tmp_path / "a.csv").write_text("onset_s,duration_s\n400.1,3\n")
    options = ["--stages", tmp_path / "s.txt", "--resp", tmp_path / "r.txt"]
    found, told = as_json(tmp_path / "n.txt", *options, "--arousals", tmp_path / "a.csv")
    assert (found["lm"], found["plms"], found["plm_nonresp"]) == (10, 10, 9)
    assert found["series"][0]["start_s"] == 400
    assert found["counts"]["plm_with_arousal"] == 1
    assert "Q" not in told and "unknown_stages" not in found["provenance"]["source"]


@pytest.mark.parametrize(("option", "said"), [("--stages", "no stage"), ("--gaps", "no gap")])
def test_a_file_without_what_it_is_given_for_is_refused(option, said, tmp_path):
    legs = [(400 + 20 * i, "PLM-LM", 2, "LTA") for i in range(10)]
    (tmp_path / "n.txt").write_text(remlogic(legs))
    result = CliRunner().invoke(
        command, [str(tmp_path / "n.txt"), option, str(tmp_path / "n.txt")]
    )
    assert isinstance(result.exception, UserError) and said in str(result.exception)


# --- Embla's XML ---------------------------------------------------------------------------------


def embla(rows, types=("PLM-LM", "SLEEP-S2")):
    """As NSRR's translator is tested with: types and parameters that nobody needs around them."""

    def cell(tag, text):
        return f'<{tag} dt:dt="string">{text}</{tag}>'

    def moment(at):
        return (START + timedelta(seconds=at)).isoformat(timespec="microseconds")

    events = "".join(
        f"<Event>{cell('Type', event)}{cell('Location', where)}{cell('StartTime', moment(at))}"
        f"{cell('StopTime', moment(at + lasts))}<Parameters><Parameter>{cell('Key', 'type')}"
        f"{cell('Value', event)}</Parameter></Parameters></Event>"
        for at, event, lasts, where in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<EventExport xmlns:dt="urn:schemas-microsoft-com:datatypes"><PatientInfo/><EventTypes>'
        f"{''.join(cell('EventType', name) for name in types)}</EventTypes>"
        f"<Events>{events}</Events></EventExport>\n"
    )


def test_the_xml_of_embla_is_the_night_that_remlogics_text_is(tmp_path):
    rows = [*epochs(first=17), (0, "ANALYSIS-START", 0, "SpO2"), (900, "DESAT", 30, "SpO2")]
    rows += [(400 + 20 * i, "PLM-LM", 2, ("LAntib1", "RAntib1")[i % 2]) for i in range(9)]
    rows += [(380, "APNEA-MIXED", 19, "Resp.Sum"), (600, "AROUSAL-PLM", 5, "EEG")]
    rows += [(2000, "PLM-RRLM", 1, "EMG.Tibialis-Leg.Left")]
    xml, text = part_of(tmp_path, embla(rows), "n.xml"), part_of(tmp_path, remlogic(rows))
    assert (xml.format, xml.starts) == ("embla", [START])
    for what in ("rows", "stages", "resp", "arousals"):
        assert sorted(getattr(xml, what)) == sorted(getattr(text, what)), what
    assert (scored(xml)["lm"], scored(xml)["plm_nonresp"]) == (10, 8)


def test_an_event_of_embla_without_its_time_costs_itself_and_a_file_of_none_is_refused(tmp_path):
    rows = [*epochs(), (400, "PLM-LM", 2, "L"), (430, "PLM-LM", 2, "L")]
    whole = embla(rows)
    at = (START + timedelta(seconds=430)).isoformat(timespec="microseconds")
    part = part_of(tmp_path, whole.replace(at, "?"), "n.xml")
    assert len(part.rows) == 1 and [note.code for note in part.notes] == ["row_refused"]
    with pytest.raises(UserError, match="no scored event"):
        part_of(tmp_path, embla([], types=()), "n.xml")


def test_an_empty_export_of_embla_is_none_of_the_one_kind_that_it_was_asked_for(tmp_path):
    asked = {("APNEA-MIXED", "HYPOPNEA"): "resp", ("PLM", "PLM-LM"): "rows", ("SLEEP-S2",): ""}
    for types, kind in asked.items():
        part = part_of(tmp_path, embla([], types), "n.xml")
        found = [what for what in ("rows", "resp", "arousals") if getattr(part, what) == []]
        assert found == [kind] * bool(kind), types
        assert [(note.code, note.n) for note in part.notes] == [("no_rows", 1)]
    part = part_of(tmp_path, embla([]), "n.xml")
    assert (part.rows, part.stages, part.resp) == (None, None, None)
