"""Virtual time: what it promises to the firmware and to whoever waits."""

import threading

from hypothesis import given
from hypothesis import strategies as st
from notturno.virtualband.clock import FOREVER, Clock
from virtual_kit import HANG_S


class Wall:
    def __init__(self):
        self.s = 100.0

    def __call__(self):
        return self.s


def never():
    return False


def test_free_time_jumps_to_the_deadline():
    clock = Clock(Wall())
    clock.wait(5e6, never)
    assert clock.now_us() == 5e6


def test_paced_time_walks_with_the_wall_and_free_time_stands():
    wall = Wall()
    clock = Clock(wall)
    wall.s += 3
    assert clock.now_us() == 0
    clock.pace("a host", True)
    wall.s += 2
    assert clock.now_us() == 2e6
    clock.pass_us(50)  # on the wall's clock a transfer has taken its time already
    assert clock.now_us() == 2e6
    clock.pace("a host", False)
    wall.s += 2
    clock.pass_us(50)
    assert clock.now_us() == 2e6 + 50


@given(st.lists(st.tuples(st.sampled_from("abwt"), st.floats(0, 5)), max_size=30))
def test_time_never_steps_back(steps):
    wall = Wall()
    clock = Clock(wall)
    last_us = 0.0
    for kind, amount in steps:
        if kind == "w":
            wall.s += amount
        elif kind == "t":
            clock.pass_us(amount)
        else:
            clock.pace(kind, amount > 2.5)
        assert clock.now_us() >= last_us
        last_us = clock.now_us()


def test_a_change_in_the_world_is_not_slept_over():
    clock = Clock(Wall())
    edges = [2e6]
    seen = []

    def on_time():
        if edges and clock.now_us() >= edges[0]:
            seen.append(edges.pop(0))

    clock.wait(5e6, lambda: bool(seen), lambda: edges[0] if edges else FOREVER, on_time)
    assert clock.now_us() == 2e6
    assert seen == [2e6]


def test_held_time_stands_at_its_limit_until_the_limit_moves():
    clock = Clock(Wall())
    clock.hold_at(1e6)
    thread = threading.Thread(target=clock.wait, args=(3e6, never))
    thread.start()
    with clock.changed:
        assert clock.changed.wait_for(lambda: clock.held, timeout=HANG_S)
    assert clock.now_us() == 1e6
    clock.hold_at(FOREVER)
    thread.join(HANG_S)
    assert clock.now_us() == 3e6


def test_an_event_ends_a_wait_without_a_deadline():
    clock = Clock(Wall())
    came = []
    thread = threading.Thread(target=clock.wait, args=(FOREVER, lambda: bool(came)))
    thread.start()
    with clock.changed:
        came.append(1)
        clock.changed.notify_all()
    thread.join(HANG_S)
    assert not thread.is_alive()
    assert clock.now_us() == 0
