"""Which nights and events `show` prints, each choice by itself and beside the others."""

import json
from contextlib import contextmanager

import click
import pytest
from fakes.commanded import said
from notturno.cli import show

NIGHT, ROME = "2026-01-12", "Europe/Rome"
START_UTC_MS = 1_768_253_400_000  # 22:30 in Rome


class Logbook:
    """A store of two nights of a band."""

    def __init__(self, *names):
        self.names, self.asked = names, []

    def band_id(self, name):
        return f"id of {name}"

    def night_names(self):
        return list(self.names)

    def nights(self, **how):
        self.asked.append(how)
        if "night" in how:
            return [{"device_id": "a", "zone": ROME, "band": "calf", "night": how["night"]}]
        return [{"night": name} for name in self.names for _ in "lr"]

    def person_nights(self, names):
        return [f"both of {names[0]}"]

    def gaps(self, night, device):
        return []

    marks = gaps


def event(no, kind="jerk", waveform=None):
    made = {"no": no, "kind": kind, "kind_band": kind, "flag_names": [], "left_out": None}
    made |= {"onset_utc_ms": START_UTC_MS, "onset_s": 1.0, "device_id": "a", "duration_s": 0.25}
    made |= {"peak_mg": 42, "confidence_pct": 70, "rhythm_hz": None, "beats": None}
    return made | {"waveform": waveform}


@pytest.fixture
def shown(monkeypatch):
    """Return a function: what `show` prints of a logbook with some events each night."""

    def words(*given, names=(NIGHT, "2026-01-13"), events=()):
        logbook = Logbook(*names)

        @contextmanager
        def opened(folder):
            yield logbook

        monkeypatch.setattr(show, "open_for_reading", opened)
        found = [event(1), event(2, "lm", {"x": 1}), event(3, "rhythm")] if not events else events
        monkeypatch.setattr(
            "notturno.views.events.numbered", lambda *a: [dict(one) for one in found]
        )
        monkeypatch.setattr(show, "print_summary", lambda row: click.echo(f"[{row}]"))
        text = said(show.command, *given)
        return text if not text.startswith("{") else json.loads(text)

    return words


@pytest.mark.parametrize(
    ("words", "contradiction"),
    [
        (("--out", "x.svg"), "say which with --event N"),
        (("--last", "2", NIGHT), "several nights; say which"),
        (("--since", NIGHT, NIGHT), "several nights; say which"),
        (("--until", NIGHT, NIGHT), "several nights; say which"),
        (("--last", "2", "--event", "1"), "several nights; say which"),
        (("--since", NIGHT, "--event", "1"), "several nights; say which"),
        (("--kind", "jump"), "There is no kind of event jump"),
        (("--since", "2026-01-13", "--until", NIGHT), "lies before"),
    ],
)
def test_choices_of_show_that_contradict_are_refused(shown, words, contradiction):
    assert contradiction in shown(*words)


def test_show_is_of_the_latest_night_of_one_or_of_several(shown):
    assert shown("--json")["night"] == "2026-01-13" and shown(NIGHT, "--json")["night"] == NIGHT
    for words in (("--last", "2"), ("--since", NIGHT), ("--until", NIGHT)):
        found = shown(*words, "--json")
        assert found["schema"] == "shows-1"
        assert [one["night"] for one in found["nights"]] == [NIGHT, "2026-01-13"]
    assert shown("--json", names=()) == {
        "schema": "show-1",
        "night": None,
        **dict.fromkeys(("summary", "person", "events", "gaps", "marks"), []),
        "note": show.FOOTER,
    }


def test_both_legs_are_told_unless_one_band_is_asked_for(shown):
    assert shown("--json")["person"] == ["both of 2026-01-13"]
    assert shown("--json", "--band", "calf")["person"] == []


def test_events_are_of_the_kinds_asked_for_and_say_whether_a_waveform_is_kept(shown):
    every = shown("--json")["events"]
    assert [(one["no"], one["waveform"]) for one in every] == [(1, False), (2, True), (3, False)]
    some = shown("--json", "--kind", "lm", "--kind", "rhythm")["events"]
    assert [one["no"] for one in some] == [2, 3]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "There is no event in this night."),
        (("--kind", "lm"), "No event is as asked for."),
        (("--from", "22:00"), "No event is as asked for."),
        (("--to", "22:00"), "No event is as asked for."),
    ],
)
def test_a_night_without_an_event_says_whether_some_were_asked_for(
    shown, monkeypatch, words, told
):
    monkeypatch.setattr(show, "_between", lambda *a: [])
    text = shown(*words)
    assert told in text and text.count("No event is") + text.count("There is no event") == 1


def test_nothing_stored_and_no_night_there_are_two_things(shown):
    assert "Nothing is stored yet" in shown(names=())
    assert "No night is stored there." in shown("--last", "2", names=())


def test_one_event_is_drawn_from_all_kinds_of_the_night(shown, monkeypatch):
    seen = []
    monkeypatch.setattr("notturno.cli.show_event.show_event", lambda *what: seen.append(what))
    shown("--event", "2", "--kind", "jerk")
    events, no, zones, out, as_json = seen[0]
    assert ([one["no"] for one in events], no, zones, out) == ([1, 2, 3], 2, {"a": ROME}, None)
    shown("--event", "2", names=())
    assert seen[1][0] == []
