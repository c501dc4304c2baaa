"""Folders of made-up nights that the report's tests share, each made once."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
import report_nights
from notturno.report.contents import contents
from notturno.store import Store


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Return a function: the folder of so many nights."""
    made = {}

    def folder(nights):
        if nights not in made:
            made[nights] = tmp_path_factory.mktemp(f"nights{nights}")
            if nights:
                report_nights.fill(made[nights], nights)
        return made[nights]

    return folder


@pytest.fixture(scope="session")
def told(folders):
    """Return a function: the contents of the report of so many nights, and what is asked of it."""

    made = {}

    def found(nights, **asked):
        key = (nights, *sorted(asked.items()))
        if key not in made:
            with Store.open(folders(nights), create=False) as store:
                made[key] = contents(store, made_on="2026-03-01", **asked)
        return copy.deepcopy(made[key])

    return found
