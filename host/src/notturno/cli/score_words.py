"""What `notturno score` says of one list: a table of both rule sets, and what changed since.

Reads the file of an earlier scoring; prints nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from notturno.cli.given import text_of
from notturno.errors import UserError
from notturno.words import _, figure, said

if TYPE_CHECKING:
    from notturno.refusals import Refusal


def difference(path: str, new: dict, rules: str) -> dict:
    """Return what changed against the JSON file of an earlier scoring; by rule set for both.

    Raises UserError where the file is no such scoring.
    """
    from notturno.scoring import rescore
    from notturno.scoring.movements.score import BOTH_RULES, RULE_SETS

    try:
        old = json.loads(text_of(path))
    except json.JSONDecodeError:
        old = None
    if rules == BOTH_RULES:
        if not isinstance(old, dict) or not all(isinstance(old.get(n), dict) for n in RULE_SETS):
            raise UserError(
                "{path} is not the JSON of a scoring by both rules; score it again.", path=path
            )
        return {name: rescore.difference(old[name], new[name]) for name in RULE_SETS}
    if not isinstance(old, dict) or "lm" not in old:
        raise UserError(
            "{path} is not the JSON of a scoring by one rule set; score it again.", path=path
        )
    return rescore.difference(old, new)


# What the table shows: key of the figures -> words.
LINES = (
    ("lm", "leg movements (LM)"),
    ("clm", "candidates (CLM)"),
    ("plm", "periodic (PLM)"),
    ("plms", "PLM in sleep"),
    ("plmw", "PLM in wake"),
    ("plm_nonresp", "PLM without respiratory events"),
    ("plms_per_h", "PLMS per hour of sleep"),
    ("periodicity_index", "periodicity index"),
    ("log_imi_mean", "log-IMI mean"),
    ("log_imi_sd", "log-IMI SD"),
)


def as_text(by_rules: dict[str, dict]) -> str:
    """Return the figures of one list side by side, one column a rule set, and its series."""
    from notturno.refusals import is_refusal

    lines, reasons = [], []

    def cell(value: float | Refusal) -> str:
        if is_refusal(value):
            if said(value) not in reasons:
                reasons.append(said(value))
            return f"- ({reasons.index(said(value)) + 1})"
        return figure("{:.3f}", value) if isinstance(value, float) else str(value)

    lines.append(" " * 32 + "".join(f"{name:>12}" for name in by_rules))
    for key, words in LINES:
        lines.append(
            f"{_(words):<32}"
            + "".join(f"{cell(figures[key]):>12}" for figures in by_rules.values())
        )
    for name, figures in by_rules.items():
        for series, ended in zip(figures["series"], figures["breaks"], strict=True):
            lines.append(
                _(
                    "{name}: series of {movements} from {start_s:.3f} s to "
                    "{end_s:.3f} s, ended by {reason}"
                ).format(
                    name=name,
                    movements=series["movements"],
                    start_s=series["start_s"],
                    end_s=series["end_s"],
                    reason=_(ended["reason"]),
                )
            )
    lines += [f"({number}) {reason}" for number, reason in enumerate(reasons, start=1)]
    lines.append(_("Choices the texts leave open are listed by --json under `conventions`."))
    return "\n".join(lines)
