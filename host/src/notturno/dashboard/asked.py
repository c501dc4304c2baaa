"""One request: whose nights, in which language, and the answer. Opens the logbook per request.

Touches the data folder named; a store belongs to the thread that asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from notturno.errors import UserError
from notturno.paths import PEOPLE, person_name

if TYPE_CHECKING:
    from notturno.store import Store

MAIN = ""  # the person of the folder itself


@dataclass
class Asked:
    """What a page is made of: base (the data folder), person ("" for the folder's own), form, ...

    path: what stands in the address, by name; query: what stands behind it; here: the address
    itself; runner: `syncing.Runner`.
    """

    base: Path
    person: str = MAIN
    path: dict = field(default_factory=dict)
    query: dict = field(default_factory=dict)
    form: dict = field(default_factory=dict)
    form_word: str = ""
    lang: str = "en"
    here: str = "/"
    runner: Any = None

    @property
    def folder(self) -> Path:
        """The folder of this person's data."""
        return self.base / PEOPLE / self.person if self.person else self.base

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """Open the logbook for reading: nothing is made or changed."""
        from notturno.store import Store

        with Store.open(self.folder, create=False) as store:
            yield store

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """Open the logbook for writing; raises UserError where there is none yet."""
        from notturno.store import FILE_NAME, Store

        if not (self.folder / FILE_NAME).exists():
            raise UserError("Nothing is stored yet: bring your band near and sync it first.")
        with Store.open(self.folder) as store:
            yield store

    def to(self, *parts: str, **query: str) -> str:
        """Return the address of a page of this person; parts are quoted."""
        front = ["person", self.person] if self.person else []
        path = "/" + "/".join(quote(part, safe="") for part in (*front, *(parts or ("",))))
        query = {key: value for key, value in query.items() if value not in (None, "")}
        return path + ("?" + urlencode(query) if query else "")

    def people(self) -> list[str]:
        """Return the names of all whose nights lie here; the folder's own is ""."""
        folder = self.base / PEOPLE
        names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
        return [MAIN, *sorted(name for name in names if _is_person(folder, name))]


def _is_person(folder: Path, name: str) -> bool:
    try:
        return person_name(name) == name and (folder / name).is_dir()
    except UserError:
        return False
