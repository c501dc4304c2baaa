"""What a person does over minutes, at each bound: a sample is a second here, a window 90."""

import pytest
from notturno_core import contexts, wire

LM, TURN, JERK = wire.EVENT_LM, wire.EVENT_POSTURE, wire.EVENT_JERK
RULES = {name: value for name, value, _ in contexts.RULES}


def awake(*rows, odr_mhz=1000, **rules):
    """Return the Awake behind some rows: (onset, how long, kind)."""
    made = contexts.Awake(odr_mhz, {**RULES, **rules})
    for onset, lasts, kind in rows:
        made.add({"onset_sample": onset, "duration_samples": lasts, "kind": kind})
    return made


def uneven(*lasts, onsets=(0, 8, 16, 24, 32, 72), kind=LM):
    """Rows at intervals of 8, 8, 8, 8 and 40: irregular however it is reckoned."""
    return [(at, one, kind) for at, one in zip(onsets, lasts, strict=True)]


@pytest.mark.parametrize(
    ("rows", "onset"),
    [
        ([(0, 9, TURN), (50, 9, TURN)], 0),  # 18 of 90 are a fifth
        ([(0, 9, TURN), (50, 8, TURN)], None),
        ([(0, 9, TURN), (50, 9, LM)], None),  # sleepers turn once
        ([(0, 40, TURN)], None),
        ([(0, 20, TURN), (97, 18, TURN)], None),  # 115 - 90: the first is out of it
        ([(0, 20, TURN), (92, 18, TURN)], 0),  # it ended as the window began
        ([(0, 20, TURN), (90, 17, TURN)], 0),  # three of its samples lie in it
        ([(0, 19, TURN), (92, 17, TURN)], None),
    ],
)
def test_two_turns_and_a_share_of_movement_are_somebody_awake(rows, onset):
    assert awake(*rows, awake_turning_pct=20).onset == onset


@pytest.mark.parametrize(
    ("rows", "onset"),
    [
        (uneven(5, 5, 5, 4, 4, 4), 0),  # 27 of 90
        (uneven(5, 5, 5, 4, 4, 3), None),
        (uneven(9, 9, 9, 9, 9, onsets=(0, 8, 16, 24, 72)), None),  # five of them
        (uneven(5, 5, 5, 5, 5, 5, onsets=(0, 8, 16, 24, 32, 40)), None),  # as a machine
    ],
)
def test_six_movements_of_uneven_pace_that_fill_three_tenths(rows, onset):
    assert awake(*rows).onset == onset


@pytest.mark.parametrize(("uneven_pct", "onset"), [(49, 0), (50, None)])
def test_how_uneven_their_pace_must_be(uneven_pct, onset):
    """Intervals of 1, 3, 4, 5 and 7: of 4 in the mean, and a spread of 2, half of it."""
    onsets = (0, 8, 32, 64, 104, 160)
    rows = [(at, 9, LM) for at in onsets]  # 54 of 180
    assert awake(*rows, odr_mhz=2000, awake_uneven_pct=uneven_pct).onset == onset


def test_what_keeps_it_going_is_less_than_what_begins_it():
    begun = awake(*uneven(5, 5, 5, 4, 4, 4))
    assert (begun.onset, begun.last, begun.due()) == (0, 76, 76 + 90)
    begun.add({"onset_sample": 90, "duration_samples": 2, "kind": LM})
    assert begun.last == 92, "25 of the last 90"
    begun.add({"onset_sample": 97, "duration_samples": 1, "kind": LM})
    assert begun.last == 98, "18 of the last 90, a fifth"
    begun.add({"onset_sample": 110, "duration_samples": 1, "kind": LM})
    assert begun.last == 98
    assert begun.end() == (0, 98) and begun.end() is None and begun.due() is None


def test_it_begins_with_the_first_movement_that_is_of_will():
    rows = uneven(5, 5, 5, 4, 4, 4)
    assert awake((0, 5, JERK), (8, 5, JERK), *rows[2:]).onset == 16
    assert awake(*uneven(5, 5, 5, 4, 4, 4, kind=JERK)).onset == 0


def test_forty_eight_movements_are_held():
    assert len(awake(*[(at, 1, LM) for at in range(48)])._moves) == 48
    held = awake(*[(at, 1, LM) for at in range(60)])._moves
    assert len(held) == 48 and held[0][0] == 12


# --- not worn ------------------------------------------------------------------------------------


def minute(number, low=50, high=100, quiet=40, blocks=48):
    return {
        **{"onset_sample": 60 * number, "sample": 60 * number + 60},
        **{"rest_low": low, "rest_high": high, "quiet_blocks": quiet, "blocks": blocks},
    }


@pytest.mark.parametrize(
    ("case", "is_still"),
    [
        ({}, True),
        ({"quiet": 24}, True),  # half of its blocks
        ({"quiet": 23}, False),
        ({"high": 48, "low": 1}, False),  # less than one a block is nothing
        ({"high": 49, "low": 1}, True),
        ({"low": 124}, True),
        ({"low": 125}, False),
    ],
)
def test_a_minute_in_which_only_the_sensors_noise_is_seen(case, is_still):
    assert contexts.NotWorn(RULES).add(minute(0, **case)) == (is_still, None)


def table(count=15, **case):
    made = contexts.NotWorn(RULES)
    for number in range(count):
        made.add(minute(number, **case))
    return made


@pytest.mark.parametrize(
    ("count", "low", "onset"), [(14, 50, None), (15, 50, 0), (15, 87, 0), (15, 88, None)]
)
def test_a_quarter_of_an_hour_of_them_is_a_band_that_nobody_wears(count, low, onset):
    assert table(count, low=low).onset == onset


def test_the_last_fifteen_minutes_are_looked_at():
    """Of 124 to 100 two and of 85 thirteen are 1353 to 1500, above 88 %; of one they are below."""
    made = table(2, low=124)
    for number in range(2, 17):
        made.add(minute(number, low=85))
        assert (made.onset is None) is (number < 15)
    assert made.onset == 60


@pytest.mark.parametrize(("second", "ends"), [(29, True), (30, False)])
def test_two_minutes_that_live_within_ten_say_that_it_is_worn_again(second, ends):
    made = table(20)
    assert made.add(minute(20, quiet=0)) == (False, None)
    for number in range(21, second):
        made.add(minute(number))
    still, span = made.add(minute(second, quiet=0))
    assert not still and span == ((0, 20 * 60 - 1) if ends else None)
    assert (made.onset is None) is ends


def test_a_movement_of_a_limb_ends_it_at_once_and_minutes_begin_anew():
    made = table(20)
    assert made.limb(1230) == (0, 1229)
    assert made.limb(1240) is None
    assert made.add(minute(20)) == (True, None) and made._still == []  # it began before
    assert made.add(minute(21)) == (True, None) and len(made._still) == 1
    again = table(15)
    assert again.limb(0) == (0, 0), "it is never shorter than nothing"
    limbs = contexts.NotWorn(RULES)
    limbs.limb(60)
    for number, held in ((0, 0), (1, 0), (2, 1)):
        limbs.add(minute(number))
        assert len(limbs._still) == held
