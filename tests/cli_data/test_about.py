"""What the program says of itself: its purpose, what is known, each with its source."""

import json

import pytest
from click.testing import CliRunner
from notturno import knowledge
from notturno.cli import cli


def run(*arguments):
    result = CliRunner().invoke(cli, ["about", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_all_of_it_is_printed():
    told = " ".join(run().split())
    for text in knowledge.strings():
        assert text in told
    assert "10.3390/medicina61010131" in told


def test_json_holds_the_sources_by_key():
    found = json.loads(run("--json"))
    assert found["schema"] == "about-1" and found["purpose"] == knowledge.PURPOSE
    assert {one["source"] for one in found["exposures"]} <= set(found["sources"])
    assert found["sections"][0]["statements"][0]["source"] in found["sources"]


@pytest.mark.parametrize(("columns", "most"), [(60, 60), (100, 100), (200, 100)])
def test_lines_are_as_long_as_the_terminal_and_a_hundred_signs_at_most(monkeypatch, columns, most):
    monkeypatch.setenv("COLUMNS", str(columns))
    begun = [line for line in run().splitlines() if line.startswith(("- ", "  "))]
    assert most - 12 < max(map(len, begun)) <= most
