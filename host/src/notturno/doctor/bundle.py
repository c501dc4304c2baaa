"""A log that one can send to whoever helps: what was found, counted and installed; nobody's name.

Pure: facts in, {file name: text} out. What could tell who somebody is (names, ids, folders, notes,
dates and times of nights) is not taken, or put out of every sentence before it is written.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.doctor.findings import Finding

SCHEMA = "bundle-1"
README = """This folder was made by `notturno doctor --bundle` for somebody who helps you.

It holds versions, counts and what the doctor found. It holds no name, no id of a band, no folder,
no note, no date of a night and no recording. Read it before you send it: all of it is text.
"""
_DATES = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")
_CLOCKS = re.compile(r"\b\d\d:\d\d(:\d\d)?\b")
_LONG_HEX = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", re.IGNORECASE)


def without(text: str, secrets: dict[str, str]) -> str:
    """Return a text without the secrets ({what: what stands instead}), dates and ids."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            whole = rf"(?<!\w){re.escape(secret)}(?!\w)"
            text = re.sub(whole, secrets[secret], text, flags=re.IGNORECASE)
    for pattern, instead in ((_DATES, "DATE"), (_CLOCKS, "TIME"), (_LONG_HEX, "ID")):
        text = pattern.sub(instead, text)
    return text


def files(findings: list[Finding], facts: dict, secrets: dict[str, str]) -> dict[str, str]:
    """Return {file name: text} of a bundle.

    findings: of `doctor`; facts: what else may be told, as JSON values; secrets: see `without`.
    """
    told = [
        {
            "check": one.check,
            "state": one.state,
            "band": bool(one.band),
            "found": without(one.found, secrets),
            "todo": without(one.todo, secrets),
        }
        for one in findings
    ]
    document = {"schema": SCHEMA, "findings": told, **facts}
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True)
    return {"README.txt": README, "doctor.json": without(text, secrets) + "\n"}
