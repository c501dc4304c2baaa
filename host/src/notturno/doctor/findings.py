"""One finding of the doctor, and how findings are put together. Pure."""

from dataclasses import asdict, dataclass

from notturno.texts import printable
from notturno.words import age_text

OK, LOOK, WRONG = "ok", "look", "wrong"
ORDER = (OK, LOOK, WRONG)
LIVE_WORDS = "press the band's button or put it on its charger, and come nearer"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at (of which band), how it is, what was found, what to do."""

    check: str
    state: str
    found: str
    todo: str = ""
    band: str = ""

    def as_dict(self) -> dict:
        """Return the fields, for JSON."""
        return asdict(self)


def worst(findings: list[Finding]) -> str:
    """Return the worst state of all; OK for none."""
    return max((finding.state for finding in findings), key=ORDER.index, default=OK)


def said(check: str, sentence: str, band: str = "") -> Finding:
    """Return what a UserError says as a finding: such a sentence ends in what to do."""
    found, _sep, todo = sentence.partition("; ")
    return Finding(check, WRONG, found.rstrip("."), todo.rstrip("."), band)


def readable(text: str) -> str:
    """Return what a stranger sent as text that a terminal only shows."""
    return printable(text)[:40]


def span_text(length_ms: float) -> str:
    """Return a length of time (ms) in its largest unit."""
    return age_text(length_ms / 1000)
