"""The phone page: one file that a browser opens and that fetches a night by Web Bluetooth.

Touches this folder's files. The page's field tables, numbers and rules of what counts are those of
the band's and the logbook's own code, put in when the page is made.
"""

import base64
import hashlib
import json
import re
from pathlib import Path
from types import ModuleType

from notturno_core import protocol, wire

from notturno import records_file
from notturno.nights.counts import BY_FLAGS
from notturno.words import _, language

FOLDER = Path(__file__).resolve().parent
SCRIPTS = ("bytes.js", "seal.js", "protocol.js", "night.js")  # in the order in which they build
EXPORT = re.compile(r"^export ", re.MULTILINE)


def _numbers(module: ModuleType, prefix: str) -> dict[str, int]:
    found = {
        name.removeprefix(prefix).lower(): value
        for name, value in vars(module).items()
        if name.startswith(prefix) and isinstance(value, int)
    }
    found.pop("layout", None)
    return found


def tables() -> dict:
    """Return what the page's script knows of the protocol, the records and the rules."""
    said = {
        name: value
        for name, value in vars(protocol).items()
        if name.isupper() and isinstance(value, int | str | tuple)
    }
    fields = {
        name: value
        for name, value in vars(wire).items()
        if name.endswith(("_FIELDS", "_FIELDS_V1")) and name != "PAYLOAD_FIELDS"
    }
    return {
        "schema": records_file.SCHEMA,
        "protocol": said,
        "wire": fields
        | {
            "REC": {name: kind for kind, name in wire.REC_NAMES.items()},
            "EVENT": _numbers(wire, "EVENT_"),
            "STATE": _numbers(wire, "STATE_"),
            "LOG_VERSION": wire.LOG_VERSION,
            "MAX_PAYLOAD_LEN": wire.MAX_PAYLOAD_LEN,
            "MINUTE_NOT_WORN": wire.MINUTE_NOT_WORN,
        },
        "counts": {kind: [bit for bit, _ in rules] for kind, rules in BY_FLAGS.items()},
    }


def script() -> str:
    """Return what talks with a band and reads its night as one script, without the page itself."""
    parts = [f"const TABLES = {json.dumps(tables(), separators=(',', ':'))};"]
    return "\n".join(parts + [(FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS])


def words() -> dict[str, str]:
    """Return what the page says, by the keys of words.json, in the language spoken."""
    said = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
    return {key: _(text) for key, text in said.items()}


def phone_page() -> str:
    """Return the page: HTML that needs no network and allows none."""
    said = json.dumps(words(), ensure_ascii=False)
    code = script() + f"\nconst WORDS = {said};\n"
    code = EXPORT.sub("", code + (FOLDER / "page.js").read_text(encoding="utf-8"))
    code = code.replace("</", "<\\/")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    html = (FOLDER / "page.html").read_text(encoding="utf-8")
    html = html.replace('<html lang="en">', f'<html lang="{language()}">')
    return html.replace("@HASH@", digest).replace("@SCRIPT@", code)
