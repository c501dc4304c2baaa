"""How much a report takes of lists and of what is known, and whose name it prints."""

import pytest
from click.testing import CliRunner
from notturno import knowledge
from notturno.cli import report as command
from notturno.report import known, second_page


@pytest.mark.parametrize(
    ("rows", "room", "most"),
    [(8, 1.0, 8), (8, 0.5, 4), (5, 0.5, 2), (7, 0.5, 4), (3, 0.1, 1), (1, 0.2, 1), (2, 0.5, 1)],
)
def test_lists_are_shorter_where_there_is_less_room_and_never_empty(rows, room, most):
    assert second_page._most(rows, room) == most


def test_two_statements_of_each_section_stand_on_the_page():
    texts = {one.code: [each.text for each in one.statements] for one in knowledge.SECTIONS}
    found = known.contents()
    assert found["limits"] == [*texts["blind"][:2], *texts["lab"][:2]]
    assert found["place"] == texts["place"][:2]
    assert min(len(texts[code]) for code in ("blind", "lab", "place")) >= 2
    assert found["not_for"] == list(knowledge.NOT_FOR)


def test_exposures_of_one_source_and_effect_are_one_row_and_none_is_lost():
    found = known.contents()["exposures"]
    assert sum(len(row["names"]) for row in found) == len(knowledge.EXPOSURES)
    keys = [(row["group"], row["effect"], row["source"]) for row in found]
    assert len(keys) == len(set(keys))
    for one in knowledge.EXPOSURES:
        row = found[keys.index((one.group, one.effect, one.source))]
        assert one.name in row["names"]


def test_names_that_tell_of_no_person():
    assert {"clonazepam", "gabapentin enacarbil", "iron"} <= known.names()
    assert "" not in known.names() and all(name == name.lower() for name in known.names())
    assert all(one.code in known.names() for one in knowledge.EXPOSURES)


@pytest.mark.parametrize(
    ("options", "chosen", "name"),
    [
        ((), None, None),
        ((), "Anna", "Anna"),
        (("--name", "A. B."), "Anna", "A. B."),
        (("--name", "A. B."), None, "A. B."),
    ],
)
def test_the_name_is_the_one_given_or_the_persons(monkeypatch, options, chosen, name):
    given = []
    monkeypatch.setattr(command, "chosen_person", lambda: chosen)
    monkeypatch.setattr(command, "_contents", lambda *what: given.append(what) or {})
    monkeypatch.setattr("notturno.report.contents.as_text", lambda found: "{}")
    dates = ("--since", "2026-01-02", "--until", "2026-02-03", "--band", "calf")
    done = CliRunner().invoke(command.command, ["--json", *dates, *options])
    assert done.exit_code == 0, done.output
    ((_, since, until, last, band, printed, anonymous, to_file),) = given
    assert (str(since), str(until), last, band) == ("2026-01-02", "2026-02-03", None, "calf")
    assert (printed, anonymous, to_file) == (name, False, False)


def test_a_name_and_none_contradict_each_other():
    done = CliRunner().invoke(command.command, ["--json", "--name", "A", "--anonymous"])
    assert "--name and --anonymous contradict each other" in str(done.exception)
