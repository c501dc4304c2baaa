"""A hypnogram out of an EDF+ file's annotations. Touches one file, by way of edfio."""

from notturno.errors import UserError


def read_edf_stages(path):
    """Return [(onset_us, stage)] of the annotations "Sleep stage ..." of an EDF+ file.

    An annotation with a duration ends there; what no annotation covers is unscored. Raises
    UserError where the file is no EDF+, holds no stage, or edfio is not installed.
    """
    try:
        import edfio
    except ImportError:
        raise UserError("Reading EDF+ needs the package edfio; install it, or give CSV.") from None
    from notturno.nights.spans import to_us
    from notturno.scoring.staging import END, UNSCORED, stage_name

    try:
        annotations = edfio.read_edf(path).annotations
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as EDF+ ({error}); check the file.") from None
    marks = []
    for mark in annotations:
        if mark.text.lower().startswith("sleep stage"):
            try:
                marks.append((to_us(mark.onset), to_us(mark.duration or 0), stage_name(mark.text)))
            except ValueError as error:
                raise UserError(f"{path}, annotation at {mark.onset} s: {error}.") from None
    if not marks:
        raise UserError(f"{path} holds no annotation `Sleep stage ...`; give another file.")
    marks.sort()
    stages = []
    for number, (onset_us, duration_us, stage) in enumerate(marks):
        following_us = marks[number + 1][0] if number + 1 < len(marks) else None
        if following_us == onset_us:
            raise UserError(f"{path} holds two stages at {onset_us / 1e6:g} s; keep one.")
        stages.append((onset_us, stage))
        if duration_us and following_us is None:
            stages.append((onset_us + duration_us, END))
        elif duration_us and onset_us + duration_us < following_us:
            stages.append((onset_us + duration_us, UNSCORED))
    return stages
