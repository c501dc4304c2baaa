"""What is said of clock settings that cannot be right: how many, and whose."""

from types import SimpleNamespace

import pytest
from notturno.store.night_inputs import _of_clocks


class Held(SimpleNamespace):
    __hash__ = object.__hash__


@pytest.mark.parametrize(
    ("aside", "said"),
    [
        (
            [[0xA1]],
            "One setting of the band's clock cannot be right beside the others and had no "
            "say; check the clock of computer 000000a1.",
        ),
        (
            [[0]],
            "One setting of the band's clock cannot be right beside the others and had no say; "
            "check the clock of the computer that gave it.",
        ),
        (
            [[0xA1, 0xA1], [0xA1]],
            "3 settings of the band's clock cannot be right beside the others "
            "and had no say; check the clock of computer 000000a1.",
        ),
        (
            [[0xB200], [0xA1]],
            "2 settings of the band's clock cannot be right beside the others and "
            "had no say; check the clock of computer 000000a1 and computer 0000b200.",
        ),
    ],
)
def test_settings_that_cannot_be_right_are_counted_and_their_computers_named(aside, said):
    clocks = [Held(set_aside=[Held(host_id=host) for host in hosts]) for hosts in aside]
    assert [str(one) for one in _of_clocks(clocks)] == [said]


def test_one_setting_seen_by_two_parts_of_a_night_is_one():
    one = Held(host_id=7)
    (said,) = _of_clocks([Held(set_aside=[one]), Held(set_aside=[one])])
    assert str(said).startswith("One setting ")


def test_clocks_that_agree_say_nothing():
    assert _of_clocks([Held(set_aside=[])]) == ()
