"""The content of a key file: JSON of one key, or of where in the platform's keyring it lies.

`{"schema": "notturno-key-1", "device_id": ..., "key": 64 hex letters (or "in_keyring": true and
"entry"), "made_utc_ms": ..., "from": "deploy", "typed" or "virtual band"}`. Reads files.
"""

import json
import re
from pathlib import Path

from notturno.errors import UserError
from notturno.keys import private

SCHEMA = "notturno-key-1"
MAX_FILE_BYTES = 4096
AGAIN = "fetch it from the band by cable:  notturno bands key add --port PORT"


class Damaged(UserError):
    """A key file holds no key."""


def is_key(text: str | None) -> bool:
    """Say whether this is a key in hex, as the files have it."""
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{64}", text, re.ASCII) is not None


def parsed(data: bytes, device_id: str, path: Path) -> dict:
    """Return what a key file says. Raises Damaged, and UserError for a newer form."""
    try:
        said = json.loads(data)
        schema = said["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        said, schema = {}, None
    if isinstance(schema, str) and schema != SCHEMA and schema.startswith("notturno-key-"):
        raise UserError(
            "The key file {path} was written by a newer notturno; update this one.", path=path
        )
    whole = (
        isinstance(said.get("entry"), str) if said.get("in_keyring") else is_key(said.get("key"))
    )
    if schema != SCHEMA or said.get("device_id") != device_id or not whole:
        raise Damaged("The key file {path} is damaged; {again_said}.", path=path, again_said=AGAIN)
    return said


def said_in(path: Path) -> dict:
    """Return the JSON object of a file; an empty one where there is none."""
    try:
        said = json.loads(private.read(path, MAX_FILE_BYTES)[0])
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
