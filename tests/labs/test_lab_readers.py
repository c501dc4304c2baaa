"""What laboratories' programs write: each format gives the same night, one file each."""

import csv
import json

import edfio
import lab_files
import numpy as np
import pyarrow
import pytest
from click.testing import CliRunner
from notturno.cli.score import command
from notturno.errors import UserError
from notturno.labs import inputs, readers, run
from notturno.labs.readers import event_names
from pyarrow import parquet


def night_of(*paths):
    found = inputs.found_in([str(path) for path in paths])
    assert len(found.units) == 1 and not found.refused
    (night,) = readers.nights_of(found.units[0])
    return night


def as_json(*arguments):
    result = CliRunner().invoke(command, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


WHOLE = {
    "n.edf": lab_files.edf,
    "n.xml": lab_files.nsrr,
    "n.txt": lab_files.remlogic,
    "n.annot": lab_files.luna,
    "n_clock.annot": lambda path: lab_files.luna(path, clock=True),
    "n_events.tsv": lab_files.events_table,
    "n_profusion.xml": lab_files.profusion,
    "n.rml": lab_files.sleepware,
    "n.allscore.txt": lab_files.twin,
}


@pytest.mark.parametrize("name", WHOLE)
def test_one_file_of_any_program_is_the_same_night(name, tmp_path):
    path = tmp_path / name
    WHOLE[name](path)
    night = night_of(path)
    assert [(r[0] // 10**6, (r[1] - r[0]) / 1e6, r[2]) for r in sorted(night.rows)] == [
        (t, 2.0, "LR"[i % 2]) for i, t in enumerate(lab_files.ONSETS_S)
    ]
    assert night.resp == [(580_000_000, 599_000_000)]
    assert night.arousals == [(620_500_000, 623_500_000)]
    both = as_json(path)
    for rules in both.values():
        # 10 epochs awake, 60 of N2, 9 of REM; the strange one is unscored and costs itself alone.
        assert rules["hours"]["sleep"] == pytest.approx(69 / 120)
        assert rules["hours"]["wake"] == pytest.approx(10 / 120)
        assert rules["lm"] == 10
    assert both["wasm2016"]["plms"] == 10
    assert both["wasm2016"]["plm_nonresp"] == 9
    assert both["wasm2016"]["counts"]["plm_with_arousal"] == 1


@pytest.mark.parametrize("name", ["n.edf", "n.xml", "n.txt"])
def test_an_unknown_label_is_counted_and_told(name, tmp_path):
    WHOLE[name](tmp_path / name)
    night = night_of(tmp_path / name)
    assert sum(night.unknown.values()) == 1
    assert [note.code for note in night.notes if note.code == "unknown_stage"] == ["unknown_stage"]


def test_the_mark_of_a_series_beside_its_movements_is_no_movement(tmp_path):
    lab_files.remlogic(tmp_path / "n.txt")
    night = night_of(tmp_path / "n.txt")
    assert [(note.code, note.n) for note in night.notes if note.code == "series_marks"] == [
        ("series_marks", 1)
    ]


def test_a_bare_plm_beside_others_is_a_movement_where_it_holds_none(tmp_path):
    """Luna writes PLM for a periodic movement and LM for another, as NSRR does."""
    lines = [f"{'PLM' if i % 2 else 'LM'}\t.\tL\t{600 + 20 * i}\t+2\t." for i in range(6)]
    (tmp_path / "n.annot").write_text("\n".join(lines) + "\n")
    assert len(night_of(tmp_path / "n.annot").rows) == 6
    (tmp_path / "n.annot").write_text("\n".join([*lines, "PLM\t.\tL\t600\t+62\t."]) + "\n")
    assert len(night_of(tmp_path / "n.annot").rows) == 6


def test_rechtschaffen_and_kales_stages_of_edf_are_stages(tmp_path):
    """The best known open hypnograms write "Sleep stage 1" to "4"."""
    marks = [
        edfio.EdfAnnotation(30.0 * i, 30, f"Sleep stage {'W1234R'[i % 6]}") for i in range(60)
    ]
    marks += [edfio.EdfAnnotation(600 + 20 * i, 2, "Limb movement") for i in range(10)]
    signal = edfio.EdfSignal(np.zeros(1800), 1, label="EMG")
    edfio.Edf([signal], annotations=marks).write(tmp_path / "rk.edf")
    found = as_json(tmp_path / "rk.edf", "--rules", "wasm2016")
    assert found["hours"]["nrem"] == pytest.approx(40 / 120)
    assert found["hours"]["rem"] == pytest.approx(10 / 120)
    assert found["plm"] == 10


def test_an_edf_that_was_cut_off_says_so(tmp_path):
    lab_files.edf(tmp_path / "n.edf")
    assert "row_refused" not in {note.code for note in night_of(tmp_path / "n.edf").notes}
    data = (tmp_path / "n.edf").read_bytes()
    records = int(data[236:244])
    (tmp_path / "n.edf").write_bytes(data[:-1])
    told = [str(note.reason) for note in night_of(tmp_path / "n.edf").notes]
    assert any(f"of {records} records {records - 1} are there" in each for each in told)


@pytest.mark.parametrize("hypnogram", ["table", "lines", "eannot"])
def test_a_list_of_movements_and_a_hypnogram_of_its_name_are_one_night(hypnogram, tmp_path):
    lab_files.movements_csv(tmp_path / "p07.csv")
    stages = tmp_path / ("p07.eannot" if hypnogram == "eannot" else "p07_hypno.csv")
    lab_files.yasa(stages, head=hypnogram == "table")
    if hypnogram == "lines":  # a file of one column is known by its stages: no strange one
        stages.write_text(stages.read_text().replace("ODD", "UNS"))
    night = night_of(tmp_path / "p07.csv", stages)
    assert (night.person, night.night) == ("p07", "p07")
    assert len(night.rows) == 10 and night.stages[0] == (0, "W")
    assert night.stages[-1] == (80 * 30_000_000, "END")
    assert sum(night.unknown.values()) == (hypnogram != "lines")


def test_epochs_are_counted_from_0_or_1_and_must_be_numbers(tmp_path):
    lab_files.movements_csv(tmp_path / "a.csv")
    for first in (0, 1):
        rows = "".join(f"{i + first},{e}\n" for i, e in enumerate(("W", "N2", "N2")))
        (tmp_path / "a_hypno.csv").write_text("Epoch,Stage\n" + rows)
        night = night_of(tmp_path / "a.csv", tmp_path / "a_hypno.csv")
        assert night.stages == [
            (0, "W"), (30_000_000, "N2"), (60_000_000, "N2"), (90_000_000, "END")
        ]  # fmt: skip
    (tmp_path / "a_hypno.csv").write_text("Epoch,Stage\n0,W\nx,N2\n")
    with pytest.raises(UserError, match="line 3: no epoch"):
        night_of(tmp_path / "a.csv", tmp_path / "a_hypno.csv")


def test_lists_of_breathing_arousals_and_gaps_are_told_by_their_names(tmp_path):
    lab_files.movements_csv(tmp_path / "a.csv")
    for name in ("a_resp.csv", "a_arousals.csv", "a_gaps.csv"):
        (tmp_path / name).write_text("onset_s,duration_s\n1,2\n")
    night = night_of(*sorted(tmp_path.iterdir()))
    assert night.resp == night.arousals == night.gaps == [(1_000_000, 3_000_000)]
    (tmp_path / "a_other.csv").write_text("onset_s,duration_s\n1,2\n")
    with pytest.raises(UserError, match="_resp"):
        night_of(tmp_path / "a_other.csv")


def test_two_files_with_dates_stand_on_one_axis(tmp_path):
    """Stages from 22:00 and movements from 22:10, each with its own first row."""
    paths = tmp_path / "a SleepStage.txt", tmp_path / "a-Events PLM.txt"
    lab_files.remlogic_in_two(*paths)
    night = night_of(*paths)
    assert min(night.rows)[0] == 600_000_000 and night.stages[0] == (0, "W")
    assert night.start_local == "2024-03-01T22:00:00"
    (tmp_path / "a_resp.csv").write_text("onset_s,duration_s\n580,19\n")
    assert night_of(*paths, tmp_path / "a_resp.csv").resp == [(580_000_000, 599_000_000)]
    paths[1].write_text(paths[1].read_text().replace("2024-03-01", "2024-03-05"))
    with pytest.raises(UserError, match="more than a day"):
        night_of(*paths)


@pytest.mark.parametrize(
    ("text", "where", "kind", "sides"),
    [
        ("Limb movement - left|Limb Movement (Left)", "", "lm", ("L",)),
        ("Periodic leg movement - right", "", "lm", ("R",)),
        ("PLM-LM", "Left Leg", "lm", ("L",)),
        ("PLM-RRLM", "LEG/R", "lm", ("R",)),
        ("LM", "", "lm", ("",)),
        ("CLM bilateral", "", "lm", ("L", "R")),
        ("PLM", "", "series", ("",)),
        ("PLM series", "", None, ()),
        ("PLM/left", "", "lm", ("L",)),
        ("Limb movement|Limb Movement", "", "lm", ("",)),
        ("AROUSAL-LM", "", "arousal", ()),
        ("Arousal resulting from respiratory effort|Arousal (ARO RES)", "", "arousal", ()),
        ("Respiratory effort related arousal|RERA", "", "resp", ()),
        ("Central apnea|Central Apnea", "", "resp", ()),
        ("HYPOPNEA", "", "resp", ()),
        ("SpO2 desaturation", "", None, ()),
        ("Respiratory artifact|Respiratory artifact", "", None, ()),
        ("Lights off", "", None, ()),
        ("alarm", "", None, ()),
        ("", "", None, ()),
    ],
)
def test_events_are_known_by_their_names(text, where, kind, sides):
    assert event_names.meaning(text, where) == (kind, sides)


def test_luna_times_of_every_form(tmp_path):
    """zzz.bwh.harvard.edu/luna/vignettes/times: the same 30 s, 2 min after the EDF's start."""
    for start, stop in (
        ("120", "150"),
        ("120", "+30"),
        ("0+00:02:00", "0+00:02:30"),
        ("e:5", "+30"),
    ):
        (tmp_path / "x.annot").write_text(f"LM\t.\tL\t{start}\t{stop}\t.\nLM . R 0 +1 .\n")
        assert (120_000_000, 150_000_000, "L", None) in night_of(tmp_path / "x.annot").rows
    (tmp_path / "x.annot").write_text("LM\t.\tL\t11:30:15pm\t11:30:45pm\nLM\t.\tL\t0:10:15\t+2\n")
    assert night_of(tmp_path / "x.annot").rows == [
        (0, 30_000_000, "L", None),
        (2_400_000_000, 2_402_000_000, "L", None),
    ]
    (tmp_path / "x.annot").write_text("LM\t.\tL\t11:30:15\t+1\nLM\t.\tL\t7\t+2\n")
    with pytest.raises(UserError, match="mixes clock times"):
        night_of(tmp_path / "x.annot")


@pytest.mark.parametrize("name", WHOLE)
def test_damaged_files_are_refused_in_a_sentence(name, tmp_path):
    """Cut, flipped and empty: a UserError or a night, and nothing else."""
    path = tmp_path / name
    WHOLE[name](path)
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    for at in range(40):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 5):
            data[place] = rng.integers(0, 256)
        path.write_bytes(bytes(data[: rng.integers(0, len(data))] if at % 2 else data))
        try:
            for night in readers.nights_of(inputs.found_in([str(path)]).units[0]):
                assert night.rows is not None
        except UserError as error:
            assert str(error)


ODD = [("Supine", 4), ("PLM links", 0), ("Husten", 3), ("SpO2 desat", 2), ("Ligths off", 1)]
ODD += [("Snore", 1), ("Cough", 1)]


def test_events_that_nobody_scores_are_counted_and_the_commonest_named(tmp_path):
    rows = [f"{40 * k + 7 * i},2,{text}" for k, (text, n) in enumerate(ODD) for i in range(n)]
    rows += [f"{600 + 20 * k},2,LM left" for k in range(3)]
    path = tmp_path / "p.csv"
    path.write_text("onset,duration,description\n" + "\n".join(rows) + "\n")
    part = readers.read(str(path), "p.csv")
    assert len(part.rows) == 3
    assert [(note.code, note.n) for note in part.notes] == [("other_events", 12)]
    assert "12; 'Supine' (4), 'Husten' (3), 'SpO2 desat' (2), 'Cough' (1)" in part.notes[0].reason
    assert part.notes[0].reason.endswith("'Ligths off' (1) and 1 other names.")


def test_a_stage_of_luna_that_no_vocabulary_holds_costs_its_epoch_and_is_told(tmp_path):
    rows = ["class\tinstance\tchannel\tstart\tstop\tmeta"]
    rows += [f"SleepStage\t{name}\t.\t{30 * k}\t{30 * k + 30}\t." for k, name in
             enumerate(["N2", "NQ", "N2", "NQ", "R"])]  # fmt: skip
    rows += ["Stage Q\t.\t.\t150\t180\t.", "PLM_left\t.\t.\t10\t12\t.", "Beep\t.\t.\t1\t2\t."]
    path = tmp_path / "p.annot"
    path.write_text("\n".join(rows) + "\n")
    part = readers.read(str(path), "p.annot")
    assert dict(part.unknown) == {"NQ": 2, "Stage Q": 1}
    assert [note.code for note in part.notes] == ["unknown_stage", "unknown_stage", "other_events"]
    assert part.stages[1] == (30_000_000, "?")


def test_kinds_of_a_long_table_that_nobody_scores_are_told_with_their_night(tmp_path):
    table = {
        "person": ["a"] * 3 + ["b"] * 2,
        "night": ["n"] * 5,
        "onset_s": [1.0, 30, 60, 1, 30],
        "duration_s": [1.0] * 5,
        "side": [""] * 5,
        "kind": ["lm", "jerk", "Jerk", "lm", "lm"],
    }
    path = tmp_path / "long.parquet"
    parquet.write_table(pyarrow.table(table), path)
    run.score([path], tmp_path / "out")
    with open(tmp_path / "out" / "qc.csv", newline="") as stream:
        qc = list(csv.DictReader(stream))
    assert [(row["person"], row["code"], row["n"]) for row in qc] == [("a", "other_events", "2")]
    assert "'jerk' (2)" in qc[0]["reason"]


def test_the_ontologies_of_nsrrs_older_files_are_read_without_a_type(tmp_path):
    concepts = ["SRO:Wake", "SRO:Stage1Sleep", "SRO:Stage2Sleep", "SRO:Stage4Sleep",
                "SRO:RapidEyeMovement", "SDO:NonRapidEyeMovementSleep-N2",
                "SRO:UnscoredEpoch"]  # fmt: skip
    events = [(30 * k, 30, concept) for k, concept in enumerate(concepts)]
    events += [(40, 12, "SRO:ObstructiveApnea"), (60, 9, "SRO:CentralApnea")]
    events += [(70, 4, "SRO:Arousal"), (55, 20, "SRO:SpO2Desaturation")]
    events += [(80, 2, "SRO:PeriodicLegMovementLeft"), (90, 3, "SRO:RecordedBodyMovement")]
    body = "".join(
        f"<ScoredEvent><EventConcept>{text}</EventConcept><Duration>{lasts}</Duration>"
        f"<Start>{at}</Start></ScoredEvent>"
        for at, lasts, text in events
    )
    path = tmp_path / "p.xml"
    path.write_text(f"<PSGAnnotation><ScoredEvents>{body}</ScoredEvents></PSGAnnotation>")
    part = readers.read(str(path), "p.xml")
    assert [name for _, name in part.stages] == ["W", "N1", "N2", "N3", "R", "N2", "?", "END"]
    assert part.resp == [(40_000_000, 52_000_000), (60_000_000, 69_000_000)]
    assert part.arousals == [(70_000_000, 74_000_000)]
    assert part.rows == [(80_000_000, 82_000_000, "L", None)]
    assert [(note.code, note.n) for note in part.notes] == [("other_events", 2)]


def test_xml_is_known_by_its_first_sign_whatever_its_name(tmp_path):
    lab_files.nsrr(tmp_path / "n.xml")
    text = (tmp_path / "n.xml").read_text(encoding="utf-8")
    (tmp_path / "n.txt").write_text("\n  " + text.partition("?>")[2].lstrip(), encoding="utf-8")
    whole, other = (readers.read(str(tmp_path / name), name) for name in ("n.xml", "n.txt"))
    assert other.format == whole.format == "nsrr"
