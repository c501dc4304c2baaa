"""The named profiles are the readings of two other scorers, written in another way."""

import random
from pathlib import Path

import other_scorers
import pytest
from click.testing import CliRunner
from notturno.cli.score import command
from notturno.errors import UserError
from notturno.scoring.movements import conventions, profiles

NAMES = ("somas", "matplm")


@pytest.mark.parametrize("name", NAMES)
def test_random_nights_are_scored_as_the_other_scorer_reads_them(name):
    rng = random.Random(7)
    found = [other_scorers.difference(name, other_scorers.random_night(rng)) for _ in range(400)]
    assert [each for each in found if each is not None] == []


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in NAMES for key in profiles.PROFILES[name].settings]
)
def test_each_setting_of_a_profile_is_needed(name, key, monkeypatch):
    """Without it some night is scored otherwise."""
    profile = profiles.PROFILES[name]
    rest = {k: v for k, v in profile.settings.items() if k != key}
    monkeypatch.setitem(profiles.PROFILES, name, profile._replace(settings=rest))
    rng = random.Random(1)
    nights = (other_scorers.random_night(rng) for _ in range(4000))
    assert any(other_scorers.difference(name, night) for night in nights)


def test_a_profile_differs_from_ours_in_each_of_its_settings():
    for name in NAMES:
        settings = profiles.settings_of(name)
        conventions.resolve(settings)
        for key, value in settings.items():
            assert value != profiles.default_of(key), key
    with pytest.raises(UserError, match="somas, matplm"):
        profiles.settings_of("remlogic")


def test_the_page_of_the_profiles_is_their_list_and_is_printed(tmp_path):
    page = Path(profiles.__file__).with_name("PROFILES.md").read_text(encoding="utf-8")
    assert page == profiles.page()
    result = CliRunner().invoke(command, ["--like", "list"])
    assert (result.exit_code, result.stdout) == (0, page)
