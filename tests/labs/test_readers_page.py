"""READERS.md names every ending that is looked at and every program whose lists are read."""

from pathlib import Path

import notturno.labs
import pytest
from notturno.files import lab_programs
from notturno.labs import inputs

PAGE = (Path(notturno.labs.__file__).parent / "READERS.md").read_text()
ROWS = [line.split("|")[1].strip().lower() for line in PAGE.splitlines() if line[:1] == "|"]


@pytest.mark.parametrize("suffix", inputs.SUFFIXES + inputs.PARQUET)
def test_every_ending_that_is_looked_at_is_said(suffix):
    (sentence,) = [part for part in PAGE.split(". ") if "are looked at" in part.replace("\n", " ")]
    assert any(word.strip("`,") == suffix for word in sentence.split())


@pytest.mark.parametrize("program", lab_programs.FORMATS)
def test_every_program_has_a_row(program):
    assert program in ROWS
