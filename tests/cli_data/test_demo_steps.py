"""The demo's steps: whose folder it takes, what its nights are, and what it says on the way.

(The whole of it runs in test_folder_options.py.)
"""

import click
import numpy as np
import pytest
from click.testing import CliRunner
from notturno.cli import cli, demo
from notturno.errors import UserError
from notturno.sleeper import night_world
from notturno.virtualband.world import DAY_S

HOURS = 0.1


def test_a_new_folder_is_marked_and_the_next_demo_empties_it(tmp_path):
    folder = demo.fresh_folder(tmp_path / "new")
    (folder / "old-night").write_text("x")
    assert demo.fresh_folder(folder) == folder
    assert [path.name for path in folder.iterdir()] == [demo.MARKER]


def test_an_empty_folder_is_taken_and_a_persons_is_left_alone(tmp_path):
    assert (demo.fresh_folder(tmp_path) / demo.MARKER).exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notturno.sqlite").write_text("nights")
    with pytest.raises(UserError, match="not made by a demo"):
        demo.fresh_folder(mine)
    assert [path.name for path in mine.iterdir()] == ["notturno.sqlite"]


def test_the_nights_are_a_recording_and_the_two_that_are_said(tmp_path):
    world = demo.demo_world(HOURS)
    assert world.spans_s == [(k * DAY_S, k * DAY_S + HOURS * 3600) for k in range(3)]
    assert [profile for profile, _ in demo.NIGHTS] == ["plm", "sleep_starts"]
    for number, (profile, seed) in enumerate(demo.NIGHTS, start=1):
        alone = night_world(profile, seed, HOURS).accel_mg(60.0, 0.01, 3000)
        assert np.allclose(world.accel_mg(number * DAY_S + 60.0, 0.01, 3000), alone)
    worn = world.accel_mg(60.0, 0.03125, 2000)
    assert np.median(np.linalg.norm(worn, axis=1)) == pytest.approx(1000, abs=60)
    assert worn.std(axis=0).max() > 5, "an awake wrist moves"


def test_each_command_is_shown_as_a_person_types_it_and_its_failure_ends_the_demo(capsys):
    @click.command()
    @click.argument("words", nargs=-1)
    def command(words):
        click.echo("+".join(words))
        if "bad" in words:
            raise UserError("It is bad.")

    demo.run(command, "nights", "one", "two")
    said = capsys.readouterr().out
    assert "$ notturno nights one two" in said and "one+two" in said
    with pytest.raises(UserError, match="It is bad"):
        demo.run(command, "nights", "bad")


def test_nobodys_nights_are_no_persons(tmp_path):
    done = CliRunner().invoke(cli, ["--person", "anna", "demo", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UserError) and "nobody's" in str(done.exception)
    assert list(tmp_path.iterdir()) == []
