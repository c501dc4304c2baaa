"""Bring the catalogues of words up to date with the source. Run by `make words`.

Touches host/src/notturno/words/locale. A translation stays as long as its English stays; new
English is listed with nothing behind it, and the run fails until somebody has translated it.
"""

import io
import sys
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

sys.path.insert(0, str(Path(__file__).parent))
import words_found

sys.path.append(str(words_found.SOURCE.parent))
from notturno.words.languages import KNOWN

LOCALE = words_found.SOURCE / "words" / "locale"
UNSAID = (b'"POT-', b'"PO-Rev', b'"Gener', b'"Report', b'"Last-', b'"Language-Team', b'"Project')
HEADER = "Words of notturno in another language. English comes from the source: make words."


def path_of(language: str, suffix: str = "po") -> Path:
    """Return where the catalogue of a language lies."""
    return LOCALE / language / "LC_MESSAGES" / f"notturno.{suffix}"


def read(language: str) -> Catalog:
    """Return the catalogue as it lies in the tree; an empty one where none does."""
    if not path_of(language).exists():
        return Catalog(locale=language)
    with path_of(language).open("rb") as file:
        return pofile.read_po(file, locale=language)


def updated(old: Catalog, found: dict) -> Catalog:
    """Return a catalogue of what was found in the source, with the translations there are."""
    new = Catalog(locale=old.locale, project="notturno", header_comment=f"# {HEADER}", fuzzy=False)
    new._num_plurals, new._plural_expr = KNOWN[str(old.locale)].plurals
    for english in sorted(found):
        plural, files = found[english]
        before = old.get(english)
        told = before.string if before is not None else ""
        if plural:
            told = told if isinstance(told, tuple) else (told, "")
        elif isinstance(told, tuple):
            told = told[0]
        new.add(
            (english, plural) if plural else english,
            told,
            locations=[(name, None) for name in sorted(files)],
        )
    return new


def missing(catalogue: Catalog) -> list[str]:
    """Return the English of what has no translation."""
    found = []
    for message in catalogue:
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(told):
            found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Return the .po and the .mo of a catalogue, the same bytes on every run."""
    po, mo = io.BytesIO(), io.BytesIO()
    pofile.write_po(po, catalogue, width=99, omit_header=False, include_lineno=False)
    text = b"\n".join(line for line in po.getvalue().split(b"\n") if not line.startswith(UNSAID))
    mofile.write_mo(mo, Steady(pofile.read_po(io.BytesIO(text), locale=catalogue.locale)))
    return text, mo.getvalue()


class Steady(list):
    """The messages of a catalogue, without what differs by the minute and by babel's version."""

    def __init__(self, catalogue: Catalog):
        super().__init__(catalogue)
        self.num_plurals, self.charset = catalogue.num_plurals, catalogue.charset
        kept = ("MIME", "Content", "Plural", "Language:")
        lines = self[0].string.splitlines()
        self[0].string = "".join(f"{line}\n" for line in lines if line.startswith(kept))


def filled(catalogue: Catalog, others: list[Path]) -> Catalog:
    """Return the catalogue, what it does not translate taken from other .po files of its language.

    So two branches that both translated come together: one's file is kept, the other's is given.
    """
    for path in others:
        with path.open("rb") as file:
            other = pofile.read_po(file)
        for message in catalogue:
            told = message.string if isinstance(message.string, tuple) else (message.string,)
            theirs = other.get(message.id) if message.id and not all(told) else None
            if theirs is not None and type(theirs.string) is type(message.string):
                message.string = theirs.string
    return catalogue


def main(others: list[str]) -> int:
    """Write the catalogues of every language; return 1 where a translation is missing.

    others: more .po files, named LANGUAGE.po or LANGUAGE-anything.po, to take translations from.
    """
    found = words_found.texts()
    code = 0
    for language in sorted(set(KNOWN) - {"en"}):
        of_it = [Path(o) for o in others if Path(o).stem.partition("-")[0] == language]
        catalogue = filled(updated(read(language), found), of_it)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        for suffix, data in zip(("po", "mo"), written(catalogue), strict=True):
            path_of(language, suffix).write_bytes(data)
        without = missing(catalogue)
        print(f"{language}: {len(catalogue)} texts, {len(without)} not translated")
        for english in without:
            print(f"  {english!r}")
        code = code or bool(without)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
