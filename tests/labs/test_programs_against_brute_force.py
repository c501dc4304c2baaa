"""Random leg movements in the form of each program: CLM and PLM as counted by brute force.

The counts come from a scorer that shares no code with ours, from the movements themselves and not
from the files.
"""

import datetime
import random
import sys
from pathlib import Path

import edfio
import numpy as np
import pytest
from notturno.labs import run
from pyarrow import parquet

sys.path.append(str(Path(__file__).resolve().parents[1] / "scoring_movements"))
import brute_force

NIGHTS = 12
WORDS = {"L": "Left", "R": "Right"}
BEGIN = datetime.datetime(2024, 3, 1, 22)


def movements(seed):
    """Rows (onset_us, end_us, side) of both legs, on milliseconds, and none before the start."""
    rng = random.Random(seed)
    while True:
        rows = [row for row in brute_force.random_night(rng)[0] if row[2] in WORDS and row[0] >= 0]
        if len(rows) > 5:
            return rows


def seconds(us):
    return f"{us / 1e6:.3f}"


def clock(us, mark="."):
    return f"{BEGIN + datetime.timedelta(microseconds=us):%H:%M:%S.%f}"[:-3].replace(".", mark)


def profusion(path, rows):
    events = "".join(
        f"<ScoredEvent><Name>Limb Movement ({WORDS[side]})</Name><Start>{seconds(a)}</Start>"
        f"<Duration>{seconds(b - a)}</Duration></ScoredEvent>"
        for a, b, side in rows
    )
    path.with_suffix(".xml").write_text(
        f"<CMPStudyConfig><EpochLength>30</EpochLength><ScoredEvents>{events}</ScoredEvents>"
        "</CMPStudyConfig>"
    )


def nsrr(path, rows):
    events = "".join(
        "<ScoredEvent><EventType>Limb Movement|Limb Movement</EventType><EventConcept>"
        f"Limb movement - {WORDS[side].lower()}|Limb Movement ({WORDS[side]})</EventConcept>"
        f"<Start>{seconds(a)}</Start><Duration>{seconds(b - a)}</Duration></ScoredEvent>"
        for a, b, side in rows
    )
    path.with_suffix(".xml").write_text(
        f"<PSGAnnotation><ScoredEvents>{events}</ScoredEvents></PSGAnnotation>"
    )


def sleepware(path, rows):
    events = "".join(
        f'<Event Family="Limb" Type="LegMovement" Side="{WORDS[side]}" Start="{seconds(a)}" '
        f'Duration="{seconds(b - a)}" />'
        for a, b, side in rows
    )
    path.with_suffix(".rml").write_text(
        '<PatientStudy xmlns="http://www.respironics.com/PatientStudy.xsd"><ScoringData><Events>'
        f"{events}</Events></ScoringData></PatientStudy>"
    )


def domino(path, rows):
    lines = [f"{clock(a, ',')}-{clock(b, ',')}; 1;LM {WORDS[side]}" for a, b, side in rows]
    head = "Signal ID: PLM\\plm\nStart Time: 01.03.2024 22:00:00\nUnit: s\nSignal Type: Impuls\n\n"
    path.with_suffix(".txt").write_text(head + "\n".join(lines) + "\n")


def remlogic(path, rows):
    lines = [f"{clock(a)}\tPLM-LM\t{seconds(b - a)}\t{WORDS[side]} Leg" for a, b, side in rows]
    head = "RemLogic Event Export\nTime [hh:mm:ss.xxx]\tEvent\tDuration[s]\tLocation\n"
    path.with_suffix(".txt").write_text(head + "\n".join(sorted(lines)) + "\n")


def luna(path, rows):
    lines = [f"LM\t.\t{side}\t{clock(a)}\t+{seconds(b - a)}\t." for a, b, side in rows]
    path.with_suffix(".annot").write_text("\n".join(lines) + "\n")


def edf(path, rows):
    marks = [edfio.EdfAnnotation(a / 1e6, (b - a) / 1e6, f"LM {WORDS[s]}") for a, b, s in rows]
    signal = edfio.EdfSignal(np.zeros(20000), 1, label="EMG")
    edfio.Edf([signal], annotations=marks).write(path.with_suffix(".edf"))


def of_people(path, rows):
    lines = [
        f"{clock(a, ',')};{seconds(b - a).replace('.', ',')};{'links' if s == 'L' else 'rechts'}"
        for a, b, s in rows
    ]
    path.with_suffix(".csv").write_text("Beginn;Dauer (s);Bein\n" + "\n".join(lines) + "\n")


def a_file_a_leg(path, rows):
    for side in WORDS:
        lines = [f"{seconds(a)},{seconds(b)}" for a, b, s in rows if s == side]
        beside = path.with_name(f"{path.name}_{side}.csv")
        beside.write_text("start,end\n" + "".join(f"{line}\n" for line in lines))


FORMS = (profusion, nsrr, sleepware, domino, remlogic, luna, edf, of_people, a_file_a_leg)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_candidates_and_periodic_movements_are_those_of_brute_force(form, tmp_path):
    (tmp_path / "in").mkdir()
    wanted, periodic = {}, 0
    for seed in range(NIGHTS):
        rows = movements(seed)
        form(tmp_path / "in" / f"n{seed}", rows)
        slow = brute_force.wasm(brute_force.legs(rows), [], [], lambda _: True)
        wanted[f"n{seed}"] = (slow["lm"], slow["clm"], len(slow["plm"]))
        periodic += len(slow["plm"])
    run.score([tmp_path / "in"], tmp_path / "out")
    found = parquet.read_table(tmp_path / "out" / "nights.parquet").to_pylist()
    ours = {row["night"]: (row["lm_wasm2016"], row["clm_wasm2016"], row["plm_wasm2016"])
            for row in found}  # fmt: skip
    assert ours == wanted and periodic > 20
