"""What the air delays comes when it is due, in its order, and not before."""

import pytest

pytest.importorskip("bumble")
from notturno.virtualband import ether as of_ether  # noqa: E402
from notturno.virtualband.faults import Faults  # noqa: E402


class Loop:
    """A loop whose time stands until it is moved; what is called at once is only noted."""

    def __init__(self):
        self.now_s, self.timers, self.done = 0.0, [], []

    def time(self):
        return self.now_s

    def call_soon(self, work, *arguments):
        self.done.append((self.now_s, *arguments))

    def call_later(self, delay_s, work, *arguments):
        self.call_at(self.now_s + delay_s, work, *arguments)

    def call_at(self, due_s, work, *arguments):
        self.timers.append((due_s, work, arguments))

    def until(self, end_s):
        """Move the time on, from one timer to the next."""
        while self.timers and min(self.timers, key=lambda one: one[0])[0] <= end_s:
            one = min(self.timers, key=lambda one: one[0])
            self.timers.remove(one)
            self.now_s = one[0]
            one[1](*one[2])
        self.now_s = end_s


@pytest.fixture
def air(monkeypatch):
    loop, faults = Loop(), Faults()
    monkeypatch.setattr(of_ether.asyncio, "get_running_loop", lambda: loop)
    return loop, faults, of_ether.Ether(faults)


def work():
    """What is carried; the loop only notes for whom."""


def test_without_a_delay_a_packet_comes_at_once(air):
    loop, _, ether = air
    ether._carry(work, "a")
    assert loop.done == [(0.0, "a")] and not loop.timers


def test_each_packet_comes_so_long_after_it_was_sent_and_none_with_the_one_before(air):
    loop, faults, ether = air
    faults.delay_s = 0.5
    for at_s, name in ((0.0, "a"), (0.25, "b"), (0.375, "c"), (2.0, "d")):
        loop.until(at_s)
        ether._carry(work, name)
    loop.until(9.0)
    assert loop.done == [(0.5, "a"), (0.75, "b"), (0.875, "c"), (2.5, "d")]


def test_what_is_sent_after_the_delay_was_lifted_does_not_overtake(air):
    loop, faults, ether = air
    faults.delay_s = 0.5
    ether._carry(work, "a")
    loop.until(0.25)
    faults.delay_s = 0.0
    ether._carry(work, "b")
    loop.until(1.0)
    ether._carry(work, "c")
    assert [name for _, name in loop.done] == ["a", "b", "c"]
    assert loop.done[0][0] == 0.5 and loop.done[2] == (1.0, "c")


def test_a_link_that_fell_silent_is_missed_after_its_supervision_at_both_ends(air, monkeypatch):
    loop, faults, ether = air
    told = []
    monkeypatch.setattr(of_ether, "time_out", lambda *end: told.append((loop.now_s, *end)))
    faults.supervision_s = 2.0
    ether._silence(frozenset("xy"), ("x", 1), ("y", 2))
    loop.until(1.99)
    assert told == []
    loop.until(3.0)
    assert told == [(2.0, "x", 1), (2.0, "y", 2)]
