"""What stands in place of names, dates and ids, so that a table tells nobody who somebody is.

A pseudonym is a keyed hash (HMAC-SHA256): the same name under the same key gives the same one,
and without the key nobody can try names. Days are counted from a person's first night. A person
who knows the nights may know them again by their figures: this is no anonymity.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import date
from pathlib import Path

from notturno.errors import UserError
from notturno.keys import private
from notturno.report.anonymous import LIMBS
from notturno.scoring.onenight.person import DEVICE as OF_BOTH_SIDES

KEY_BYTES, SIGNS = 32, 10
MOST_BYTES = 4096


def key_of(path: str | None) -> bytes:
    """Return the key in a file, made and kept there if it is missing; without a file a new one.

    Raises UserError where the file holds no key, cannot be read or made.
    """
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    file = Path(path).expanduser()
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            private.write(file, secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n", False)
        said, alone = private.read(file, MOST_BYTES)
    except OSError as error:
        raise UserError(
            "The key file {path} cannot be read or made ({why_said}); name another by --key.",
            path=file,
            why_said=error.strerror or error,
        ) from None
    try:
        key = bytes.fromhex(said.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise UserError(
            "{path} holds no key; name a file that is not there yet, and one is made.", path=file
        )
    if not alone:
        raise UserError(
            "The key file {path} can be read by others; take that from them (chmod 600).",
            path=file,
        )
    return key


class Names:
    """Gives each name what stands in its place; with `identified` the name itself."""

    def __init__(self, key: bytes, identified: bool = False) -> None:
        self._key, self.identified = key, identified

    def person(self, name: str) -> str:
        """Return what a person is called in the tables."""
        return name if self.identified else "P-" + self._hash(f"person {name}")

    def band(self, device_id: str) -> str:
        """Return what a band is called; "" for none."""
        if self.identified or device_id in ("", OF_BOTH_SIDES):
            return device_id
        return "B-" + self._hash(f"band {device_id}")

    def limb(self, said: str | None) -> str:
        """Return the limb where it is one, and no text of a person's own."""
        said = said or ""
        return said if self.identified or not said or said.lower() in LIMBS else "other"

    def _hash(self, text: str) -> str:
        digest = hmac.new(self._key, text.encode("utf-8", "surrogateescape"), hashlib.sha256)
        return base64.b32encode(digest.digest()).decode()[:SIGNS]


def days(people: list[str], dates: list) -> list[int | None]:
    """Return for each night its day, 1 for the first of its person; None without a date."""
    first: dict = {}
    for person, said in zip(people, dates, strict=True):
        if said is not None:
            first[person] = min(first.get(person, said), said)
    return [
        None
        if said is None
        else date.fromisoformat(said).toordinal()
        - date.fromisoformat(first[person]).toordinal()
        + 1
        for person, said in zip(people, dates, strict=True)
    ]
