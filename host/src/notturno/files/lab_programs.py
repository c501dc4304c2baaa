"""What laboratories' programs write as XML or as text, told by its content.

RemLogic and NSRR are read by `files.lab`; the others here, in the forms in which public readers of
them describe them (of Embla and Profusion files were seen, without a licence):

    Profusion   <CMPStudyConfig> <ScoredEvent> <Name> <Start> <Duration>, <SleepStage> 0 to 5
    Embla       <EventExport> <Event> <Type> <Location> <StartTime> <StopTime>, RemLogic's names
    Sleepware   <PatientStudy> <Event Family= Type= Start= Duration=>, <Stage Type= Start=>
    DOMINO      Signal ID:, Start Time:, Signal Type: Discret or Impuls; 22:10:00,5-22:10:02; 2;PLM
    Twin        22:10:00.00 <tab> LM - DUR: 2.3 SEC. - LEFT; STAGE - N2

Each reader returns a `lab.LabFile`. Pure.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from notturno.errors import Phrase, UserError
from notturno.files import lab
from notturno.files.lab import LabFile, named
from notturno.nights.spans import past_midnight
from notturno.scoring.movements.stage_names import has_prefix, stage_name

PROFUSION, EMBLA, SLEEPWARE = "profusion", "embla", "sleepware"
DOMINO, TWIN = "domino", "twin"
FORMATS = (PROFUSION, EMBLA, SLEEPWARE, DOMINO, TWIN)
EPOCH_S = 30.0
DAY_S = 86_400.0
DOMINO_HEAD = ("signal id", "start time", "unit", "signal type", "events list", "rate")
CLOCK = re.compile(r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\s+)?(\d{1,2}):(\d{2}):(\d{2}(?:[.,]\d+)?)")
LASTS = re.compile(r"\s*-?\s*\bDUR:\s*([\d.,]+)\s*SEC\.?\s*-?\s*", re.IGNORECASE)
TWIN_LINE = re.compile(r"\d{1,2}:\d{2}:\d{2}(?:\.\d+)?\t\s*\S")
DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")


def read_xml(data: bytes, name: str) -> LabFile:
    """Return what an XML of NSRR, Profusion, Embla or Sleepware holds. Raises UserError."""
    root = lab.root_of(data, name)
    tag = root.tag.rpartition("}")[2]
    if tag == "EventExport":
        return _embla(root, name)
    if tag == "CMPStudyConfig":
        return _profusion(root, name)
    if tag == "PatientStudy":
        return _sleepware(root, name)
    return lab.read_nsrr(data, name)


def _profusion(root: Any, name: str) -> LabFile:
    epoch_s, refused, events = _seconds(root.findtext("EpochLength"), EPOCH_S), [], []
    labels = [(stage.text or "").strip() for stage in root.iter("SleepStage")]
    for number, event in enumerate(root.iter("ScoredEvent"), 1):
        text = (event.findtext("Name") or event.findtext("EventConcept") or "").strip()
        onset_s = _seconds(event.findtext("Start"), None)
        lasts_s = _seconds(event.findtext("Duration"), 0.0)
        if onset_s is None or lasts_s is None:
            refused.append(_no_time(number, text))
        elif text != "Recording Start Time":
            events.append((onset_s, lasts_s, text, (event.findtext("Input") or "").strip()))
    if not epoch_s or (not labels and not events):
        raise UserError("{name} holds no scored event that can be read.", name=name)
    stages = [(i * epoch_s, epoch_s, label) for i, label in enumerate(labels)]
    return LabFile(PROFUSION, [], named(stages, refused), sorted(events), refused)


def _embla(root: Any, name: str) -> LabFile:
    rows, refused = [], []
    for number, event in enumerate(root.iterfind("Events/Event"), 1):
        text = (event.findtext("Type") or "").strip()
        begin, end = _moment(event.findtext("StartTime")), _moment(event.findtext("StopTime"))
        if begin is None or end is None:
            refused.append(_no_time(number, text))
            continue
        where = (event.findtext("Location") or "").strip()
        rows.append((begin, (end - begin).total_seconds(), text, where))
    if not rows:
        asked = tuple((kind.text or "").strip() for kind in root.iterfind("EventTypes/EventType"))
        if refused or not any(asked):
            raise UserError("{name} holds no scored event that can be read.", name=name)
        return LabFile(EMBLA, [], [], [], refused, None, asked)
    return lab.of_moments(EMBLA, rows, refused)


def _sleepware(root: Any, name: str) -> LabFile:
    """Stages of the person that scored; where none did, those of the machine."""
    space = root.tag[: root.tag.rfind("}") + 1]
    events, refused = [], []
    for number, event in enumerate(root.iter(f"{space}Event"), 1):
        text = event.get("Type") or ""
        onset_s, lasts_s = _seconds(event.get("Start"), None), _seconds(event.get("Duration"), 0.0)
        if onset_s is None or lasts_s is None:
            refused.append(_no_time(number, text))
            continue
        place = event.get("Side") or event.get("Location") or event.get("EdfSignal") or ""
        events.append((onset_s, lasts_s, text, "" if place.isdigit() else place))
    marks = []
    for who in ("UserStaging", "MachineStaging"):
        if not marks:
            marks = [
                (_seconds(stage.get("Start"), None), stage.get("Type") or "")
                for staging in root.iter(f"{space}{who}")
                for stage in staging.iter(f"{space}Stage")
            ]
    if not marks and not events:
        raise UserError("{name} holds no scored event that can be read.", name=name)
    told = sorted((at, text) for at, text in marks if at is not None)
    start, length_s = None, None
    for session in root.iter(f"{space}Session"):
        start = _moment(session.findtext(f"{space}RecordingStart"))
        length_s = _seconds(session.findtext(f"{space}Duration"), None)
        break
    ends = [at for at, _ in told[1:]] + [max(length_s or 0.0, told[-1][0])] if told else []
    stages = [(at, end - at, text) for (at, text), end in zip(told, ends, strict=True) if end > at]
    starts = [] if start is None else [start]
    return LabFile(SLEEPWARE, starts, named(stages, refused), sorted(events), refused)


def _no_time(number: int, text: str) -> Phrase:
    return Phrase("event {number} ({concept}) has no time", number=number, concept=text or "-")


def _seconds(text: str | None, empty: float | None) -> float | None:
    """Return a number of seconds, None where there is none that can be meant."""
    if text is None or not text.strip():
        return empty
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None  # nan is not


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((text or "").strip()).replace(tzinfo=None)
    except ValueError:
        return None


# --- text ----------------------------------------------------------------------------------------


def read_text(text: str, name: str) -> LabFile | None:
    """Return what a text of RemLogic, DOMINO or Twin holds; None for another kind.

    Raises UserError where it is of one of them and damaged.
    """
    if lab.is_remlogic(text):
        return lab.read_remlogic(text, name)
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.lower().startswith("signal id:"):
        return _domino(lines, name)
    if TWIN_LINE.match(first) and first.count("\t") == 1:
        return _twin(lines, name)
    return None


def _domino(lines: list[str], name: str) -> LabFile:
    """Times are of the clock, counted from the file's Start Time."""
    head, rows = {}, []
    for number, line in enumerate(lines, 1):
        key, colon, value = line.partition(":")
        if colon and not rows and key.strip().lower() in DOMINO_HEAD:
            head[key.strip().lower()] = value.strip()
        elif line.strip():
            rows.append((number, [cell.strip() for cell in line.split(";")]))
    said = CLOCK.search(head.get("start time", ""))
    if said is None:
        raise UserError("{name} has no Start Time above its rows; export it again.", name=name)
    first_s, epoch_s = _of_day_s(said), EPOCH_S
    if re.search(r"[ap]m", head["start time"], re.IGNORECASE):
        first_s = first_s % (DAY_S / 2) + ("p" in head["start time"].lower()) * DAY_S / 2
    rate = (head.get("rate") or "").split()
    if rate and _seconds(rate[0], None):
        epoch_s = float(rate[0].replace(",", ".")) / (1000 if rate[-1:] == ["ms"] else 1)
    stages, events, refused = [], [], []
    discrete = head.get("signal type", "").lower().startswith("discret")
    for number, cells in rows:
        moments = [CLOCK.fullmatch(part.strip()) for part in _ends(cells[0])]
        if len(cells) < 2 or not moments or None in moments:
            line = repr("; ".join(cells)[:60])
            refused.append(
                Phrase("line {at}: {text} is no row of the table", at=number, text=line)
            )
            continue
        onset_s, *ends = [(_of_day_s(m) - first_s) % DAY_S for m in moments if m]
        if onset_s > DAY_S - 3600:
            onset_s -= DAY_S  # a little before the start that the head names
        if discrete:
            stages.append((onset_s, epoch_s, cells[1]))
        else:
            lasts_s = (ends[0] - onset_s) % DAY_S if ends else 0.0
            events.append((onset_s, lasts_s, cells[2] if len(cells) > 2 else cells[1], ""))
    starts = _starts(head["start time"], first_s)
    clock_s = None if starts else first_s
    return LabFile(DOMINO, starts, named(stages, refused), sorted(events), refused, clock_s)


def _ends(cell: str) -> list[str]:
    """Return the begin and the end of `22:10:00,500-22:10:02,750`; a date has its own dashes."""
    return re.split(r"(?<=\d)-(?=(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\s+)?\d{1,2}:\d{2}:)", cell)


def _starts(said: str, first_s: float) -> list[datetime]:
    """Return the moments that a Start Time may mean: its date has two readings at times."""
    date = DATE.search(said)
    found = []
    if date is None:
        return []
    forms = ["%Y{0}%m{0}%d", "%d{0}%m{0}%Y"] + ["%m{0}%d{0}%Y"] * (date[2] != ".")
    for form in forms:
        try:
            day = datetime.strptime(date[0], form.format(date[2]))
        except ValueError:
            continue
        found.append(day + timedelta(seconds=first_s))
    return list(dict.fromkeys(found))


def _of_day_s(match: re.Match) -> float:
    hour, minute, second = match.groups()
    return int(hour) * 3600 + int(minute) * 60 + float(second.replace(",", "."))


def _twin(lines: list[str], name: str) -> LabFile:
    """Times are of the clock, in the order in which they were written; without a date."""
    rows, refused = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        said, tab, text = line.partition("\t")
        clock = CLOCK.fullmatch(said.strip())
        if clock is None or not tab:
            refused.append(
                Phrase("line {at}: {text} is no row of the table", at=number, text=repr(line[:60]))
            )
            continue
        rows.append((_of_day_s(clock), text.strip()))
    if not rows:
        raise UserError("{name} holds no event that can be read.", name=name)
    at_each_s = past_midnight([at_s for at_s, _ in rows], DAY_S)
    first_s = min(at_each_s)
    stages, events = [], []
    for at_s, (_, text) in zip(at_each_s, rows, strict=True):
        lasting = LASTS.search(text)
        lasts_s = _seconds(lasting[1].rstrip("."), 0.0) if lasting else 0.0
        words = LASTS.sub(" ", text).strip()
        if has_prefix(words) or stage_name(words) is not None:
            stages.append((at_s - first_s, EPOCH_S, words))
        else:
            events.append((at_s - first_s, lasts_s or 0.0, words, ""))
    return LabFile(TWIN, [], named(stages, refused), sorted(events), refused, first_s % DAY_S)
