"""Which program does not react to Ctrl-C: by what it has computed since, not by our patience."""

import threading

import pytest
from notturno.virtualband import prompt as its
from notturno.virtualband.prompt import Prompt


class Typist:
    """A processor; what its program computes and asks for, a test says."""

    def __init__(self, cpu_s=10.0):
        self.requests, self.stopping, self.cuts = 7, False, 0
        self.used_s = cpu_s

    def hear(self, data):
        pass

    def power_cut(self):
        self.cuts += 1

    def cpu_s(self):
        return self.used_s


@pytest.fixture
def line(monkeypatch):
    """Return (prompt, typist, the looks that are to come: [(after s, call)])."""
    looks = []

    def later(delay_s, work, *arguments):
        looks.append((delay_s, lambda: work(*arguments)))

    monkeypatch.setattr(Prompt, "_later", staticmethod(later))
    prompt = Prompt(0, lambda *_: None, threading.Condition())
    typist = Typist()
    prompt.of(typist)
    yield prompt, typist, looks
    prompt.serial.close()


def look(looks):
    delay_s, call = looks.pop()
    assert delay_s == 0.25 and not looks
    call()


def test_a_program_that_computes_two_and_a_half_seconds_more_is_started_anew(line):
    prompt, typist, looks = line
    prompt._type(b"\r\x03")
    for used_s in (10.0, 11.0, 12.49):
        typist.used_s = used_s
        look(looks)
        assert typist.cuts == 0
    typist.used_s = 12.5
    look(looks)
    assert typist.cuts == 1 and not looks
    assert b"does not react" in prompt.output()


def test_a_program_that_is_given_no_time_is_not_stuck_however_long_it_lasts(line):
    prompt, typist, looks = line
    prompt._type(b"\x03")
    for _ in range(1000):
        look(looks)
    assert typist.cuts == 0 and len(looks) == 1


@pytest.mark.parametrize("change", [{"requests": 8}, {"stopping": True}])
def test_who_asks_for_something_or_is_put_away_reacts(line, change):
    prompt, typist, looks = line
    prompt._type(b"\x03")
    typist.used_s = 99.0
    vars(typist).update(change)
    look(looks)
    assert typist.cuts == 0 and not looks


def test_nobody_looks_where_no_ctrl_c_was_typed(line):
    prompt, _, looks = line
    prompt._type(b"print(1)\r")
    assert not looks


def test_where_nobody_can_tell_the_wall_clock_does(line, monkeypatch):
    prompt, typist, looks = line
    typist.used_s = None
    now_s = [100.0]
    monkeypatch.setattr(its.time, "monotonic", lambda: now_s[0])
    prompt._type(b"\x03")
    now_s[0] = 102.4
    look(looks)
    assert typist.cuts == 0
    now_s[0] = 102.6
    look(looks)
    assert typist.cuts == 1


def test_what_is_kept_of_a_long_print(line):
    prompt, _, _ = line
    prompt.print(b"first")
    prompt.print(bytes(65_536 - 2))
    prompt.print(b"ab")
    assert len(prompt.output()) == 65_536 and prompt.output().endswith(b"\0ab")
    assert not prompt.output().startswith(b"first")


def test_a_forsaken_prompt_waits_five_seconds(line):
    prompt, _, looks = line
    prompt._at_prompt = True
    prompt._forsaken()
    assert [delay_s for delay_s, _ in looks] == [5.0]
    heard = []
    prompt._typist.hear = heard.append
    looks[0][1]()
    assert heard == [b"\x03\x02\x04"]
    prompt._forsaken_at_s = None  # somebody typed meanwhile
    looks[0][1]()
    assert len(heard) == 1
