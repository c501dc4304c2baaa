"""A compiled catalogue is the same bytes at any minute and by any version of babel."""

import gettext
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "host" / "tools"))
make_words = pytest.importorskip("make_words")  # needs babel


def test_the_minute_and_the_version_of_babel_are_not_in_it(monkeypatch):
    catalogue = make_words.read("it")
    before = make_words.written(catalogue)
    real = make_words.pofile.read_po

    def later(*arguments, **named):
        found = real(*arguments, **named)
        found.creation_date = found.revision_date = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
        return found

    monkeypatch.setattr(make_words.pofile, "read_po", later)
    monkeypatch.setattr("babel.messages.catalog.VERSION", "99.9")
    assert make_words.written(catalogue) == before


def test_gettext_reads_it_with_both_forms():
    _po, mo = make_words.written(make_words.read("it"))
    read = gettext.GNUTranslations(io.BytesIO(mo))
    assert read.info()["content-type"] == "text/plain; charset=utf-8"
    assert read.ngettext("in {n} night", "in {n} nights", 1) == "in {n} notte"
    assert read.ngettext("in {n} night", "in {n} nights", 2) == "in {n} notti"


def test_what_one_catalogue_lacks_is_taken_from_another(tmp_path):
    other = tmp_path / "it-other.po"
    other.write_bytes(make_words.path_of("it").read_bytes())
    mine = make_words.read("it")
    one, pair = "Every night", "in {n} night"
    mine.get(one).string = ""
    mine.get((pair, "in {n} nights")).string = ("", "")
    mine.get("Typical").string = "Mio"
    found = make_words.filled(mine, [other])
    assert found.get(one).string == "Ogni notte"
    assert found.get((pair, "in {n} nights")).string == ("in {n} notte", "in {n} notti")
    assert found.get("Typical").string == "Mio"
