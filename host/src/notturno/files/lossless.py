"""The export that loses nothing, as one JSON document: into it, and out of it again.

`{"schema", "notturno", "form", "made_utc_ms", "pieces": [...], "end": {"pieces", "sha256",
"hashes"}}`: frames as the bands wrote them and all that people said (see store.carry); what is
derived is not in it. Each piece stands on a line: written one by one, checked one by one.
The check is over all pieces; a cut or changed file is refused before anything is stored.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from notturno import __version__
from notturno.errors import UserError
from notturno.files.chosen import Chosen

if TYPE_CHECKING:
    from notturno.store import Store

HEAD_BYTES = 4096  # within which a document says what it is
SCHEMA, FAMILY = "notturno-export-1", "notturno-export-"


class Export(NamedTuple):
    """A document that was checked: its pieces, and the store's hashes where it is whole."""

    pieces: list
    hashes: dict | None


def write(stream: BinaryIO, store: Store, which: Chosen, now_utc_ms: int) -> dict[str, int]:
    """Write the document to a binary stream; return {what: how many}."""
    nights = None if which.whole else which.nights
    head = {
        "schema": SCHEMA,
        "notturno": __version__,
        "form": store.form(),
        "made_utc_ms": now_utc_ms,
        "whole": which.whole,
    }
    stream.write(_line(head)[:-1] + b',"pieces":[')
    digest, written, pieces = hashlib.sha256(), Counter(), 0
    for piece in store.pieces(nights):
        line = _line(piece)
        stream.write((b",\n" if pieces else b"\n") + line)
        digest.update(line + b"\n")
        ((kind, said),) = piece.items()
        pieces += 1
        if kind == "frames":
            written["records"] += said["records"]
        else:
            written[said["of"] if kind == "row" else kind] += 1
    end = {"pieces": pieces, "sha256": digest.hexdigest()}
    end["hashes"] = store.hashes() if which.whole else None
    stream.write(b'\n],"end":' + _line(end) + b"}\n")
    return dict(written)


def _line(value: list[int | None] | dict | bool) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def is_one(head: bytes) -> bool:
    """Say whether the first bytes of a file, HEAD_BYTES of them, are those of such a document."""
    return b'"schema":"' + FAMILY.encode() in head[:HEAD_BYTES]


def parsed(data: bytes, name: str) -> Export:
    """Return what a document holds, checked. Raises UserError, calling the file `name`."""
    try:
        said = json.loads(data)
        schema = said["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError("{name} is cut off or damaged; export it again.", name=name) from None
    if schema != SCHEMA:
        raise UserError("{name} was written by a newer notturno; update this one.", name=name)
    try:
        pieces, end = said["pieces"], said["end"]
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(_line(piece) + b"\n")
        if end["sha256"] != digest.hexdigest() or end["pieces"] != len(pieces):
            raise ValueError
        return Export(pieces, end["hashes"])
    except (ValueError, KeyError, TypeError):
        raise UserError("{name} is cut off or was changed; export it again.", name=name) from None


def take(store: Store, export: Export, name: str) -> tuple[dict, list[str]]:
    """Take a document in, all or nothing; return ({table: new rows}, what was refused).

    Raises UserError where a piece is none.
    """
    try:
        return store.take(export.pieces)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UserError(
            "{name} holds a piece that cannot be read ({error}).", name=name, error=error
        ) from None
