"""A person who is awake after the virtual nights: asked over the air, obeyed by dock and limb."""

import asyncio

import numpy as np
import pytest
from notturno import link
from notturno.errors import UserError
from notturno.link.virtual import open_virtual_radio
from notturno.virtualband import evening
from notturno.virtualband.air import Air
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox
from notturno.virtualband.evening import MOVE, PUT_ON, TAKE_OFF, Evening
from notturno.virtualband.world import StillSource

NIGHT_S = 36.0


class Sideways(StillSource):
    """A limb whose gravity is along x; it notes when it was asked to move."""

    def __init__(self):
        super().__init__((1000.0, 0.0, 0.0))
        self.moves = []

    def move(self, t_s):
        self.moves.append(t_s)


@pytest.fixture
def world():
    return Evening([StillSource()], Sideways(), hours=NIGHT_S / 3600)


def test_the_numbers_of_what_is_asked_are_the_links():
    assert (PUT_ON, MOVE, TAKE_OFF) == (
        link.WEARER_PUT_ON,
        link.WEARER_MOVE,
        link.WEARER_TAKE_OFF,
    )


def test_who_sleeps_does_nothing_and_who_is_not_asked_lies_on_the_dock(world):
    assert not world.asked(PUT_ON, NIGHT_S - 1)
    assert world.docked(50.0) and not world.docked(10.0)
    assert not world.asked(MOVE, 50.0) and not world.asked(TAKE_OFF, 50.0)
    assert not world.asked(9, 50.0) and world._limb.moves == []


def test_put_on_move_take_off_and_once_more(world):
    assert world.asked(PUT_ON, 50.0) and world.asked(PUT_ON, 51.0)  # it is on already
    assert world.asked(MOVE, 60.0) and world._limb.moves == [60.0]
    assert world.asked(TAKE_OFF, 70.0) and not world.asked(MOVE, 75.0)
    assert world.asked(PUT_ON, 80.0)
    assert [world.docked(t) for t in (49.9, 50.0, 69.9, 70.0, 79.9, 80.0, 1e6)] == [
        *(True, False, False, True, True, False, False),
    ]


def test_worn_it_feels_the_limb_and_else_the_night_or_the_dock(world):
    world.asked(PUT_ON, 50.0)
    world.asked(TAKE_OFF, 70.0)
    felt = world.accel_mg(49.0, 0.5, 50)  # until 73.5
    on_limb = felt[:, 0] == 1000
    assert np.array_equal(on_limb, [50.0 <= 49.0 + 0.5 * k < 70.0 for k in range(50)])
    assert (felt[~on_limb, 2] == 1000).all()
    assert world.accel_mg(5.0, 0.1, 10)[:, 2].tolist() == [1000.0] * 10


def test_a_chip_makes_no_samples_ahead_of_somebody_who_may_yet_move(world):
    chip = Lsm6dsox(world, seed=1, odr_error=0.0)
    assert chip._foreseen(104.0) == 256
    chip._next_us = (NIGHT_S + 1) * 1e6
    assert chip._foreseen(104.0) == int(evening.FORESEEN_S * 104) == 20
    assert chip._foreseen(1.0) == 1
    assert Lsm6dsox(StillSource(), seed=1)._foreseen(104.0) == 256


def test_a_host_asks_over_the_air_and_hears_where_nobody_does_it():
    asked = []

    class Band:
        def asked(self, what):
            asked.append(what)
            return what != MOVE

        def utc_ms(self):
            return 5

        def changed(self):
            pass

    async def story(air):
        async with open_virtual_radio(air.hci) as radio:
            assert radio.wearer_is_simulated
            with pytest.raises(UserError, match="notturno band .*try again"):
                await radio.ask_wearer(PUT_ON)  # no band is on this air
            air.radios.append(Band())
            await radio.ask_wearer(PUT_ON)
            assert await radio.utc_now_ms() == 5
            with pytest.raises(UserError, match="simulated person"):
                await radio.ask_wearer(MOVE)

    with Air() as air:
        asyncio.run(story(air))
    assert asked == [PUT_ON, MOVE]


def test_on_a_real_radio_nobody_is_simulated():
    from notturno.link.ble import Radio

    radio = Radio()
    assert not radio.wearer_is_simulated
    asyncio.run(radio.ask_wearer(MOVE))  # the screen has said it
