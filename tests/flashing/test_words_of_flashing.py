"""What flashing asks, how long it waits and what it says, without a board."""

import sys
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import click
import pytest
from notturno import keys
from notturno.cli import flash
from notturno.errors import UserError
from notturno.flashing import board, chips, key, line, package, plain, ports, update

SENT = "The band at P starts version 0.2.0{}: 12 files sent (81 kB), 7 were there already."
DONE = update.Done(
    "0.2.0", "armv7", 1, "0.1.0", changed=True, sent=12, copied=3, kept=4, removed=5,
    sent_bytes=81_499, failed=None, carried={},
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, [SENT.format(" after 0.1.0")]),
        ({"was": None}, [SENT.format("")]),
        ({"was": "0.2.0", "copied": 0, "kept": 0, "sent_bytes": 1500},
         ["The band at P starts version 0.2.0: 12 files sent (2 kB)."]),
        ({"changed": False, "failed": "0.2.0"},
         ["The band at P has version 0.2.0 already; nothing was copied."]),
        ({"changed": False, "failed": "0.1.9", "carried": {"TILT": 3, "NAME": "x"}}, [
            "The band at P has version 0.2.0 already; nothing was copied.",
            "Version 0.1.9 did not start on it before, and was given up.",
            "Kept as settings, from its config.py: TILT=3, NAME=x (notturno bands set --list).",
        ]),
    ],
)  # fmt: skip
def test_what_was_done_in_words(values, said):
    assert [str(one) for one in flash._lines(replace(DONE, **values), "P")] == said


@pytest.mark.parametrize(
    ("yes", "quiet", "terminal", "agrees", "outcome"),
    [
        (True, True, False, None, ""),
        (False, False, True, True, ""),
        (False, False, True, False, "Nothing was changed."),
        (False, True, True, None, "All goes; to do it all the same, add --yes."),
        (False, False, False, None, "All goes; to do it all the same, add --yes."),
    ],
)
def test_a_person_agrees_or_it_is_refused(monkeypatch, yes, quiet, terminal, agrees, outcome):
    questions = []

    def prompt(what, **_):
        questions.append(what)
        return "y" if agrees else "n"

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: terminal))
    ask = flash._asker(yes, quiet)
    if outcome:
        with pytest.raises(UserError) as error:
            ask("All goes")
        assert str(error.value) == outcome
    else:
        ask("All goes")
    assert questions == ([] if agrees is None else ["All goes. Go on? [y/N]"])


class Band:
    """Notes what is done to it, in its order; nothing is there."""

    def __init__(self, monkeypatch, foreign=False, left=None):
        self.done = []
        monkeypatch.setattr(flash, "data_dir", lambda folder: folder)
        monkeypatch.setattr(keys, "KeyRing", lambda folder: SimpleNamespace(prepare=lambda: None))
        monkeypatch.setattr(ports, "find", lambda port: "found " + port)
        monkeypatch.setattr(ports, "again", lambda port, named: "again " + named)
        monkeypatch.setattr(line, "Line", self.opened)
        monkeypatch.setattr(board, "look", lambda _: "looked")
        monkeypatch.setattr(board, "check_micropython", self.noted("micropython"))
        monkeypatch.setattr(board, "arch_for", lambda found, asked: "arch")
        monkeypatch.setattr(board, "check_package", self.noted("package"))
        monkeypatch.setattr(chips, "arch_of_board", self.noted("board"))
        monkeypatch.setattr(package, "build", lambda arch: "built for " + arch)
        monkeypatch.setattr(plain, "is_foreign", lambda found: foreign)
        kept = None if left is None else SimpleNamespace(left=left, values={})
        monkeypatch.setattr(plain, "changes", lambda line, found: kept)
        monkeypatch.setattr(flash, "_updated", lambda *what: DONE)
        monkeypatch.setattr(key, "give", lambda port, ring: ("id", "key of " + port))
        monkeypatch.setattr(flash, "_asker", lambda yes, quiet: self.noted("ask"))
        monkeypatch.setattr(flash, "_write_image", lambda *what: {"file": what[1]})

    def noted(self, name):
        return lambda *what: self.done.append((name, str(what[0])))

    def opened(self, port, wait_s):
        self.done.append(("line", port, wait_s))
        return nullcontext(SimpleNamespace(stay=lambda: self.done.append(("stay",))))


def test_only_behind_a_new_image_a_first_start_is_waited_for(monkeypatch):
    band = Band(monkeypatch)
    done = flash.run("P", None, None, None, False, True, "folder")
    assert band.done[0] == ("line", "found P", 0.0) and band.done[-1] == ("stay",)
    assert (done.port, done.wrote, done.key_said) == ("found P", None, "key of found P")
    band = Band(monkeypatch)
    done = flash.run("P", "i.bin", None, None, False, True, "folder")
    assert band.done[0] == ("line", "again P", 30.0)  # MicroPython makes its file system
    assert (done.port, done.wrote) == ("again P", {"file": "i.bin"})
    assert done.document["port"] == "again P" and done.document["sent_bytes"] == 81_499
    assert done.lines()[-1] == "key of again P"


def test_a_foreign_program_and_what_cannot_be_carried_are_asked_for(monkeypatch):
    def questions(**how):
        band = Band(monkeypatch, **how)
        flash.run("P", None, None, None, False, True, "folder")
        return [said for name, *said in band.done if name == "ask"]

    assert questions() == questions(left={}) == []
    (foreign,) = questions(foreign=True)
    assert foreign == ["The board has a program of its own (main.py), which would be replaced"]
    (left,) = questions(left={"A": "no", "B": "why"})
    assert left == ["Something in the band's config.py cannot become a setting (A: no; B: why)"]


def test_a_hash_without_an_image_is_refused_before_anything_is_touched(monkeypatch):
    band = Band(monkeypatch)
    with pytest.raises(UserError, match="--sha256 is of an image"):
        flash.run("P", None, "00", None, False, True, "folder")
    assert band.done == []
