"""The progress bar: after a second, for a person's eyes alone, and gone when the work is."""

import io
import sys

import pytest
from notturno.cli import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    """A timer whose time comes when the test says so."""

    def __init__(self, wait_s, function):
        self.wait_s, self.ring, self.cancelled = wait_s, function, False
        Clock.latest = self

    def start(self):
        pass

    def cancel(self):
        self.cancelled = True


def terminal_of(monkeypatch):
    """Return the terminal that stderr is from now on."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress.threading, "Timer", Clock)
    return sys.stderr


def test_a_bar_appears_after_a_second_and_says_what_it_was_told(monkeypatch):
    terminal = terminal_of(monkeypatch)
    with progress.progress_bar("looking") as show:
        assert Clock.latest.wait_s == 1.0
        show(0.1, 3.0, "night 1 of 3")
        assert "night" not in terminal.getvalue()
        Clock.latest.ring()
        show(1.5, 3.0, "night 2 of 3")
    assert "night 1 of 3" in terminal.getvalue() and "night 2 of 3" in terminal.getvalue()


def test_work_of_less_than_a_second_draws_nothing(monkeypatch):
    terminal = terminal_of(monkeypatch)
    with progress.progress_bar("looking") as show:
        show(1.0)
    clock = Clock.latest
    clock.ring()  # a timer that fires while the work ends
    assert clock.cancelled and "looking" not in terminal.getvalue()


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_nothing_is_drawn_for_programs(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream())
    with progress.progress_bar("x", quiet=stream is Terminal, wait_s=0) as show:
        show(0.5, 1.0, "y")
    assert sys.stderr.getvalue() == ""


def test_one_bar_covers_all_nights_of_a_band():
    shown = []
    moved = progress.over_nights(lambda *values: shown.append(values), 3)
    moved(0, 0.25)
    moved(0, 1.0)
    moved(2, 1.0)
    assert shown == [
        (0.25, 3, "night 1 of 3"),
        (1.0, 3, "day after night 1 of 3"),
        (3.0, 3, "night 3 of 3"),
    ]
