"""Each number that a command takes: from where to where, and which it is when nobody says."""

import sys
from pathlib import Path

import click
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "host" / "tools"))
from command_pages import commands  # noqa: E402

PORT, ROWS, SEED = (0, 65535), (1, 2**31 - 1), (0, None)
SECONDS = (0, 86400)  # what a command waits for a band: a day at most
# (command, option) -> ((least, most), what it is when nobody says); None: no bound, or no number.
# A port has 16 bits, a row of a database 31; 0 is any free port. A clock's night has no 24 hours.
TAKEN = {
    ("setup", "--timeout"): (SECONDS, 40.0),
    ("setup", "--movements"): ((3, 60), 10),
    ("setup", "--still"): ((45, 600), 60.0),
    ("band", "--seed"): (SEED, 1),
    ("band", "--bands"): ((1, 8), 1),
    ("band", "--nights"): ((1, 1000), None),
    ("band", "--hours"): ((0.01, 23.5), None),
    ("band", "--port"): (PORT, 0),
    ("band", "--repl-port"): (PORT, 0),
    ("sync", "--timeout"): (SECONDS, 40.0),
    ("live", "--timeout"): (SECONDS, 40.0),
    ("live", "--for"): (("more than 0", None), None),
    ("export", "--last"): (ROWS, None),
    ("check", "--timeout"): (SECONDS, 40.0),
    ("nights", "--last"): (ROWS, None),
    ("show", "--last"): (ROWS, None),
    ("chart", "--last"): (ROWS, None),
    ("dashboard", "--port"): (PORT, 0),
    ("synth", "--seed"): (SEED, 1),
    ("synth", "--hours"): ((0.1, 24), 8.0),
    ("bench detector", "--seeds"): ((1, 100), 3),
    ("bench detector", "--first-seed"): (SEED, 3000),
    ("stats", "--last"): (ROWS, None),
    ("cohort", "--workers"): ((1, None), None),
    ("update", "--timeout"): (SECONDS, 40.0),
    ("doctor", "--timeout"): ((0, 600), 5.0),
    ("report", "--last"): (ROWS, None),
    ("diary remove", "number"): (ROWS, None),
    ("demo", "--hours"): ((0.1, 12), 8.0),
    ("demo", "--seed"): ((None, None), 1),
}


def numbers():
    """Return {(command, option): parameter} of all that take a number by bounds or by default."""
    found = {}
    for name, command in commands():
        for one in command.params:
            bounded = isinstance(one.type, (click.IntRange, click.FloatRange))
            if bounded or type(one.default) in (int, float):
                found[name, one.opts[0] if one.param_type_name == "option" else one.name] = one
    return found


def takes(option, value):
    try:
        option.type.convert(str(value), option, None)
    except click.BadParameter:
        return False
    return True


def test_every_number_of_every_command_is_in_the_table():
    assert sorted(numbers()) == sorted(TAKEN)


@pytest.mark.parametrize("which", TAKEN, ids=" ".join)
def test_a_number_is_taken_from_its_least_to_its_most_and_no_further(which):
    option, ((least, most), usual) = numbers()[which], TAKEN[which]
    step = 1 if isinstance(option.type, click.IntRange) else 1e-6
    if least == "more than 0":
        assert not takes(option, 0) and takes(option, step)
    elif least is not None:
        assert takes(option, least) and not takes(option, least - step)
    if most is None:
        assert takes(option, 10**12)
    else:
        assert takes(option, most) and not takes(option, most + step)
    for none in ("nan", "inf", "-inf", "1e400"):
        assert not takes(option, none)
    if usual is None:
        assert type(option.default) not in (int, float)
    else:
        assert option.default == usual
