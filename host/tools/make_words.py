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
    new._num_plurals, new._plural_expr = 2, "(n != 1)"  # CLDR's third is of millions alone
    for english in sorted(found):
        plural, files = found[english]
        before = old.get(english)
        told = before.string if before is not None else ""
        if plural:
            told = told if isinstance(told, tuple) else (told, told)
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
    read_back = pofile.read_po(io.BytesIO(text), locale=catalogue.locale)
    mofile.write_mo(mo, read_back)
    return text, mo.getvalue()


def main() -> int:
    """Write the catalogues of every language; return 1 where a translation is missing."""
    found = words_found.texts()
    code = 0
    for folder in sorted(LOCALE.iterdir()):
        catalogue = updated(read(folder.name), found)
        for suffix, data in zip(("po", "mo"), written(catalogue), strict=True):
            path_of(folder.name, suffix).write_bytes(data)
        without = missing(catalogue)
        print(f"{folder.name}: {len(catalogue)} texts, {len(without)} not translated")
        for english in without:
            print(f"  {english!r}")
        code = code or bool(without)
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())
