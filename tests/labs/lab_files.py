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
