"""YASA's hypnograms: a table `Epoch,Stage`, or one stage a line; epochs of 30 s.

A bare 4 without any 5 may be REM (YASA's own numbers) or stage 4 (others'): sleep of an unknown
stage, as everywhere in this house. YASA's letters (W, N1, N2, N3, R, REM, ART, UNS) are clear.
"""

from notturno.errors import UserError
from notturno.labs.readers.parts import Part, put_stages
from notturno.scoring.movements.stage_names import stage_name

FORMAT = "yasa"
EPOCH_US = 30_000_000
HEADS = ("stage", "stages", "hypno", "hypnogram", "sleep_stage")


def is_one(text: str) -> bool:
    """Say whether a text is a table of epochs and stages, or one stage a line."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        return False
    head = _cells(lines[0])
    if "epoch" in head and any(name in HEADS for name in head):
        return True
    if len(head) > 1:
        return False
    body = lines[1:] if head[0] in HEADS else lines
    return bool(body) and all(stage_name(line) is not None for line in body)


def read(text: str, name: str) -> Part:
    """Return the Part of such a table. Raises UserError where an epoch is out of order."""
    lines = [line for line in text.splitlines() if line.strip()]
    head = _cells(lines[0])
    part, marks = Part(FORMAT), []
    if "epoch" in head:
        of_epoch = head.index("epoch")
        of_stage = next(i for i, cell in enumerate(head) if cell in HEADS)
        for number, line in enumerate(lines[1:], 2):
            cells = _cells(line, lower=False)
            try:
                epoch = int(float(cells[of_epoch]))
                label = cells[of_stage]
            except (ValueError, IndexError):
                raise UserError(
                    "{name}, line {line}: no epoch and stage; correct it.", name=name, line=number
                ) from None
            marks.append((epoch, label))
        first = min((epoch for epoch, _ in marks), default=0)
        origin = 1 if first == 1 else 0  # epochs are counted from 0 by YASA, from 1 by others
        marks = [((epoch - origin) * EPOCH_US, EPOCH_US, label) for epoch, label in marks]
    else:
        body = lines[1:] if head[0] in HEADS else lines
        marks = [(i * EPOCH_US, EPOCH_US, line.strip()) for i, line in enumerate(body)]
    put_stages(part, marks)
    return part


def _cells(line: str, lower: bool = True) -> list[str]:
    line = line.lower() if lower else line
    for mark in "\t;,":
        if mark in line:
            return [cell.strip().strip('"') for cell in line.split(mark)]
    return [line.strip().strip('"')]
