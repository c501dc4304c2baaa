"""How a line to a band is left: what is said to the board last, in which order and how long."""

from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.flashing import line
from notturno.flashing.line import Line

PORT = "socket://nowhere:1"


class Lost(Exception):
    pass


@pytest.fixture
def held(monkeypatch):
    """A line that is open to a board that only notes what it hears."""
    notes = []
    monkeypatch.setattr(line.time, "sleep", lambda s: notes.append(s))
    monkeypatch.setattr(line.ports, "find", lambda port: port)

    def open_it(failing=None):
        def write(data):
            notes.append(data)
            if failing:
                raise failing

        made = Line(PORT)
        made._failures = (Lost, OSError)
        made._transport = SimpleNamespace(
            serial=SimpleNamespace(write=write),
            exec_raw_no_follow=write,
            close=lambda: notes.append("closed"),
        )
        made._enter = lambda: made
        return made, notes

    return open_it


BLINDLY = [b"\r\x03\x03\r\x02", 0.1, b"import machine\rmachine.reset()\r", 0.2]


@pytest.mark.parametrize("started", [False, True])
def test_after_a_failure_the_board_is_stopped_and_started_without_an_answer(held, started):
    made, notes = held()
    with pytest.raises(KeyError), made:
        if started:
            made.stay()
        raise KeyError
    assert notes == [*BLINDLY, "closed"]


def test_a_board_that_is_gone_is_left_as_it_is_and_the_first_failure_is_told(held):
    made, notes = held(Lost("gone"))
    with pytest.raises(KeyError), made:
        raise KeyError
    assert notes == [BLINDLY[0], "closed"]
    assert made._transport is None


def test_left_in_order_it_is_started_once_and_heard_no_more(held):
    made, notes = held()
    with made:
        pass
    assert notes == [line.RESET, 0.2, "closed"]
    made, notes = held()
    notes.clear()
    with made:
        made.reset()
    assert notes == [line.RESET, 0.2, "closed"]


def test_who_stays_is_not_started_but_let_go(held):
    made, notes = held()
    with made:
        made.stay()
    assert notes == ["closed"]


def test_what_cannot_be_started_is_told_in_80_printable_characters(held):
    made, notes = held(OSError("\x1b" + "e" * 79 + "fg\n"))
    with pytest.raises(UserError) as told:
        made.reset()
    assert f"({'e' * 79}f)" in str(told.value) and PORT in str(told.value)
    made.__exit__(None)  # it is not tried again
    assert notes == [line.RESET, "closed"]


def test_a_close_that_fails_is_no_failure(held):
    made, notes = held()

    def close():
        raise OSError("away")

    made._transport.close = close
    with made:
        made.stay()
    assert made._transport is None
    made._close()
