"""One night as many programs write it: ten movements 20 s apart, one label that nobody knows.

Fixtures made here, after the formats' own descriptions; no data of anybody's.
"""

from datetime import date, time

EPOCHS = ["W"] * 10 + ["N2"] * 60 + ["strange"] + ["R"] * 9  # of 30 s
ONSETS_S = [600 + 20 * i for i in range(10)]
START = (date(2024, 3, 1), time(22, 0))


def edf(path, unknown="Sleep stage A", stage="Sleep stage {}", names=("LM left", "LM right")):
    """EDF+ annotations; `names`: of movements of the left and right leg."""
    import edfio
    import numpy as np

    written = {"W": "W", "N2": "2", "R": "R", "strange": None}
    marks = [
        edfio.EdfAnnotation(30.0 * i, 30, unknown if e == "strange" else stage.format(written[e]))
        for i, e in enumerate(EPOCHS)
    ]
    marks += [edfio.EdfAnnotation(t, 2, names[i % 2]) for i, t in enumerate(ONSETS_S)]
    marks += [
        edfio.EdfAnnotation(580, 19, "Obstructive apnea"),
        edfio.EdfAnnotation(620.5, 3, "Arousal"),
    ]
    file = edfio.Edf(
        [edfio.EdfSignal(np.zeros(2400), 1, label="EMG")],
        recording=edfio.Recording(startdate=START[0]),
        starttime=START[1],
        annotations=marks,
    )
    file.write(path)


def nsrr(path):
    concept = {"W": "Wake|0", "N2": "Stage 2 sleep|2", "R": "REM sleep|5", "strange": "Odd|77"}
    rows = [("Stages|Stages", concept[e], 30 * i, 30, "") for i, e in enumerate(EPOCHS)]
    legs = (
        "Periodic leg movement - left|PLM (Left)",
        "Limb movement - right|Limb Movement (Right)",
    )
    rows += [
        ("Limb Movement|Limb Movement", legs[i % 2], t, 2, "") for i, t in enumerate(ONSETS_S)
    ]
    rows += [("Respiratory|Respiratory", "Obstructive apnea|Obstructive Apnea", 580, 19, "")]
    rows += [("Arousals|Arousals", "Arousal|Arousal ()", 620.5, 3, "")]
    body = "".join(
        f"<ScoredEvent><EventType>{kind}</EventType><EventConcept>{what}</EventConcept>"
        f"<Start>{at}</Start><Duration>{lasts}</Duration></ScoredEvent>"
        for kind, what, at, lasts, _ in rows
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><PSGAnnotation>'
        f"<EpochLength>30</EpochLength><ScoredEvents>{body}</ScoredEvents></PSGAnnotation>"
    )


def remlogic(path):
    code = {"W": "SLEEP-S0", "N2": "SLEEP-S2", "R": "SLEEP-REM", "strange": "SLEEP-X9"}
    rows = [(30 * i, code[e], 30, "EEG") for i, e in enumerate(EPOCHS)]
    rows += [(t, "PLM-LM", 2, ("Left Leg", "Right Leg")[i % 2]) for i, t in enumerate(ONSETS_S)]
    rows += [(580, "APNEA-OBSTRUCTIVE", 19, "Flow"), (620.5, "AROUSAL-LM", 3, "EEG")]
    rows += [(600, "PLM", 182, "")]  # the mark of the series
    _remlogic(path, rows)


def remlogic_in_two(stages, events):
    """The stages in one file and the movements in another, each with dates and its own first."""
    code = {"W": "SLEEP-S0", "N2": "SLEEP-S2", "R": "SLEEP-REM", "strange": "SLEEP-X9"}
    _remlogic(stages, [(30 * i, code[e], 30, "EEG") for i, e in enumerate(EPOCHS)], dated=True)
    legs = [(t, "PLM-LM", 2, ("Left Leg", "Right Leg")[i % 2]) for i, t in enumerate(ONSETS_S)]
    _remlogic(events, legs, dated=True)


def _remlogic(path, rows, dated=False):
    lines = ["RemLogic Event Export", "Patient:\tX", "Recording Date:\t01/03/2024", ""]
    lines += ["Sleep Stage\tPosition\tTime [hh:mm:ss.xxx]\tEvent\tDuration[s]\tLocation"]
    for at, event, lasts, where in sorted(rows):
        hour, rest = divmod(22 * 3600 + at, 3600)
        said = f"{int(hour) % 24:02d}:{int(rest // 60):02d}:{rest % 60:06.3f}"
        said = f"2024-03-0{1 + int(hour) // 24}T{said}" if dated else said
        lines.append(f"S2\tSupine\t{said}\t{event}\t{lasts}\t{where}")
    path.write_text("\n".join(lines) + "\n")


def luna(path, clock=False):
    name = {"W": "W", "N2": "N2", "R": "R", "strange": "odd"}

    def said(at):
        hour, rest = divmod(22 * 3600 + at, 3600)
        seconds = f"{rest % 60:06.3f}"
        return f"{int(hour) % 24:02d}:{int(rest // 60):02d}:{seconds}" if clock else f"{at:g}"

    rows = [(30 * i, 30, name[e], ".", "...") for i, e in enumerate(EPOCHS)]
    rows = [
        (a, d, n, c, s if i + 1 < len(rows) else "+30") for i, (a, d, n, c, s) in enumerate(rows)
    ]
    lines = ["# of a night", "class\tinstance\tchannel\tstart\tstop\tmeta"]
    lines += [f"{n}\t.\t{c}\t{said(a)}\t{s}\t." for a, d, n, c, s in rows]
    later = [(t, 2, "LM", ("LLEG", "RLEG")[i % 2]) for i, t in enumerate(ONSETS_S)]
    later += [(580, 19, "apnea_obstructive", "."), (620.5, 3, "arousal", ".")]
    lines += [f"{n}\t.\t{c}\t{said(a)}\t{said(a + d)}\t." for a, d, n, c in later]
    path.write_text("\n".join(lines) + "\n")


def events_table(path):
    """onset, duration, description: as MNE and YASA write annotations, BIDS with trial_type."""
    lines = ["onset\tduration\ttrial_type\tchannel"]
    lines += [
        f"{30 * i}\t30\t{'odd one' if e == 'strange' else 'Sleep stage ' + e}\tn/a"
        for i, e in enumerate(EPOCHS)
    ]
    lines += [f"{t}\t2\tLM\t{('L', 'R')[i % 2]}" for i, t in enumerate(ONSETS_S)]
    lines += ["580\t19\thypopnea\tn/a", "620.5\t3\tarousal\tn/a"]
    path.write_text("\n".join(lines) + "\n")


def movements_csv(path):
    rows = [f"{t},2,{'LR'[i % 2]}" for i, t in enumerate(ONSETS_S)]
    path.write_text("onset_s,duration_s,side\n" + "\n".join(rows) + "\n")


def yasa(path, head=True):
    names = ["ODD" if e == "strange" else e for e in EPOCHS]
    lines = [f"{i},{e}" for i, e in enumerate(names)] if head else names
    path.write_text(("Epoch,Stage\n" if head else "") + "\n".join(lines) + "\n")


def profusion(path):
    """Compumedics: <Name> and <Input>, a stage an epoch by number."""
    code = {"W": 0, "N2": 2, "R": 5, "strange": 8}
    legs = ("Limb Movement (Left)", "PLM (Right)")
    rows = [(legs[i % 2], t, 2, "Leg/" + "LR"[i % 2]) for i, t in enumerate(ONSETS_S)]
    rows += [("Obstructive Apnea", 580, 19, "Nasal"), ("Arousal (ARO RES)", 620.5, 3, "C3")]
    events = "".join(
        f"<ScoredEvent><Name>{name}</Name><Start>{at}</Start><Duration>{lasts}</Duration>"
        f"<Input>{channel}</Input></ScoredEvent>"
        for name, at, lasts, channel in rows
    )
    stages = "".join(f"<SleepStage>{code[e]}</SleepStage>" for e in EPOCHS)
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<CMPStudyConfig>\n<EpochLength>30</EpochLength>'
        f"<ScoredEvents>{events}</ScoredEvents><SleepStages>{stages}</SleepStages>"
        "</CMPStudyConfig>\n"
    )


def sleepware(path):
    """Philips: stages where they change, of the person and of the machine; a namespace."""
    name = {"W": "Wake", "N2": "NonREM2", "R": "REM", "strange": "Odd"}
    changes = [i for i, e in enumerate(EPOCHS) if not i or EPOCHS[i - 1] != e]
    stages = "".join(f'<Stage Type="{name[EPOCHS[i]]}" Start="{30 * i}" />' for i in changes)
    rows = [("Limb", "LegMovement", t, 2) for t in ONSETS_S]
    rows += [("Respiratory", "ObstructiveApnea", 580, 19), ("Neuro", "Arousal", 620.5, 3)]
    side = {t: f'Side="{("Left", "Right")[i % 2]}" ' for i, t in enumerate(ONSETS_S)}
    events = "".join(
        f'<Event Family="{family}" Type="{kind}" {side.get(at, "")}Start="{at}" '
        f'Duration="{lasts}" EdfSignal="9" />'
        for family, kind, at, lasts in rows
    )
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<PatientStudy xmlns="http://www.respironics.com/PatientStudy.xsd"><Acquisition><Sessions>'
        "<Session><RecordingStart>2024-03-01T22:00:00</RecordingStart><Duration>2400</Duration>"
        "</Session></Sessions></Acquisition><ScoringData><StagingData><MachineStaging>"
        '<NeuroAdultAASMStaging><Stage Type="NonREM1" Start="0"/></NeuroAdultAASMStaging>'
        f"</MachineStaging><UserStaging><NeuroAdultAASMStaging>{stages}</NeuroAdultAASMStaging>"
        f"</UserStaging></StagingData><Events>{events}</Events></ScoringData></PatientStudy>\n"
    )


def _clock(at, mark="."):
    hour, rest = divmod(22 * 3600 + at, 3600)
    seconds = f"{rest % 60:06.3f}".replace(".", mark)
    return f"{int(hour) % 24:02d}:{int(rest // 60):02d}:{seconds}"


def twin(path):
    """Grass: the clock, a tab and a text that says how long it lasts."""
    name = {"W": "W", "N2": "N2", "R": "R", "strange": "ODD"}
    rows = [(30 * i, f"STAGE - {name[e]}") for i, e in enumerate(EPOCHS)]
    legs = ("LEFT", "RIGHT")
    rows += [(t, f"LM - DUR: 2.0 SEC. - {legs[i % 2]}") for i, t in enumerate(ONSETS_S)]
    rows += [(580, "RESPIRATORY EVENT - DUR: 19.0 SEC. - OBS APNEA")]
    rows += [(620.5, "AROUSAL - DUR: 3.0 SEC. - SPONTANEOUS"), (1, "LIGHTS OUT")]
    path.write_text("".join(f"{_clock(at)}\t{text}\n" for at, text in sorted(rows)))


def domino(folder, date="01.03.2024 22:00:00", dates=""):
    """SOMNOmedics: a file for each kind of thing, in one folder; `dates` before each time."""
    name = {"W": "Wach", "N2": "N2", "R": "Rem", "strange": "X"}
    head = f"Start Time: {date}\nUnit: s\nSignal Type: "
    stages = "".join(f"{dates}{_clock(30 * i, ',')}; {name[e]}\n" for i, e in enumerate(EPOCHS))
    (folder / "Sleep profile.txt").write_text(
        f"Signal ID: SchlafProfil\\profil\n{head}Discret\nEvents list: N4,N3,N2,N1,Rem,Wach\n"
        f"Rate: 30 s\n\n{stages}"
    )
    rows = {"PLM Events": [(t, 2, "PLM") for t in ONSETS_S]}
    rows["Flow Events"] = [(580, 19, "Obstructive Apnea")]
    rows["Classification Arousals"] = [(620.5, 3, "Arousal")]
    for file, each in rows.items():
        lines = [f"{dates}{_clock(t, ',')}-{_clock(t + d, ',')}; {d};{e}; N2" for t, d, e in each]
        body = "\n".join(lines)
        (folder / f"{file}.txt").write_text(f"Signal ID: {file}\n{head}Impuls\n\n{body}\n")
