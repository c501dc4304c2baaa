"""What goes to a broker, and what is forgotten: asked for, done and told."""

import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes.commanded import opening, said
from notturno.cli import (
    bands_forget,
    forget,
    mqtt,
)

NIGHT = "2026-01-12"


# --- a home's broker -----------------------------------------------------------------------------


@pytest.fixture
def broker(monkeypatch):
    """Stand for a broker: what it was asked, and what came."""
    seen = SimpleNamespace(asked=[], sent=[], error=None)

    class Client:
        def __init__(self, *where, **how):
            seen.asked.append((where, how))

        async def __aenter__(self):
            if seen.error:
                raise seen.error
            return self

        async def __aexit__(self, *_):
            return None

        async def publish(self, topic, payload, **how):
            seen.sent.append((topic, payload, how))

    class MqttError(Exception):
        pass

    made = SimpleNamespace(Client=Client, MqttError=MqttError, TLSParameters=lambda: "tls")
    monkeypatch.setitem(sys.modules, "aiomqtt", made)
    rows = [{"device_id": "a", "band": "calf", "night": NIGHT, "state": "complete"}]
    seen.store = SimpleNamespace(
        nights=lambda **how: seen.asked.append(how) or rows, band_id=lambda name: f"id of {name}"
    )
    opening(monkeypatch, mqtt, seen.store, "open_for_reading")
    monkeypatch.setattr("notturno.homes.mqtt.messages", lambda row, v: [("t", row["night"], True)])
    monkeypatch.setattr("notturno.homes.mqtt.gone", lambda device: [("t", "", True)] * 2)
    seen.made = made
    return seen


def test_the_newest_of_fourteen_nights_is_sent_at_least_once_and_kept(broker, monkeypatch):
    monkeypatch.setenv(mqtt.PASSWORD, "secret")
    text = said(mqtt.command, "--broker", "home", "--user", "u", "--band", "calf", "--tls")
    assert text == f"Sent: calf, night {NIGHT}, to home:8883\n"
    assert broker.asked[0] == {"last": 14, "device_id": "id of calf"}
    where, how = broker.asked[1]
    assert where == ("home", 8883)
    assert how == {"username": "u", "password": "secret", "tls_params": "tls", "timeout": 15}
    assert broker.sent == [("t", NIGHT, {"qos": 1, "retain": True})]


def test_sensors_are_taken_away(broker):
    assert said(mqtt.command, "--broker", "home", "--remove").startswith("Taken away: calf")
    assert broker.asked[1][1]["tls_params"] is None and len(broker.sent) == 2


@pytest.mark.parametrize(("error", "why"), [("Refused.", "Refused."), ("", "no answer")])
def test_what_a_broker_did_not_take_is_said(broker, error, why):
    broker.error = broker.made.MqttError(error) if error else TimeoutError()
    text = said(mqtt.command, "--broker", "home")
    assert text.startswith(f"The broker at home:1883 did not take it ({why})")
    broker.store.nights = lambda **how: []
    assert said(mqtt.command, "--broker", "home").startswith("Nothing is stored yet")


# --- what is forgotten ---------------------------------------------------------------------------


class Logbook:
    """A logbook of one band; `done` is what was done to it."""

    def __init__(self):
        self.done = []

    def band_id(self, name):
        return "a1"

    def logs_of(self, device):
        return [
            {"log_id": 0xABCD, "records": 5, "aside": 2},
            {"log_id": 1, "records": 1, "aside": 0},
        ]

    def __getattr__(self, what):
        def answer(*given):
            self.done.append((what, *given))
            return {"records": 6}

        return answer


@pytest.mark.parametrize(
    ("words", "done", "key_goes"),
    [
        ((), ("forget_band", "a1"), True),
        (("--keep-key",), ("forget_band", "a1"), False),
        (("--log", "0000abcd"), ("forget_log", "a1", 0xABCD), False),
        (("--synced-since", "1970-01-01T00:00:01+00:00"), ("forget_since", "a1", 1000), False),
    ],
)
def test_a_key_goes_with_the_whole_band_alone(monkeypatch, words, done, key_goes):
    logbook, asked = Logbook(), []
    opening(monkeypatch, bands_forget, logbook)
    monkeypatch.setattr(bands_forget, "_forget_key", lambda *what: asked.append(what) or True)
    text = said(bands_forget.forget, "calf", "--yes", *words, obj="f")
    assert logbook.done == [done] and asked == ([("f", "a1")] if key_goes else [])
    assert (", and its key" in text) is key_goes
    assert ("the next  notturno sync  fetches again" in text) is not key_goes
    assert text.startswith("Gone from the logbook: 6 records of a1")


@pytest.mark.parametrize(
    ("words", "what"), [((), "all its nights"), (("--log", "0000abcd"), "that part of it")]
)
def test_before_a_band_goes_its_logs_are_shown_and_a_person_is_asked(monkeypatch, words, what):
    logbook = Logbook()
    opening(monkeypatch, bands_forget, logbook)
    text = said(bands_forget.forget, "calf", *words, obj="f", input="n\n")
    lines = text.splitlines()
    assert lines[:2] == ["log 0000abcd: 5 records, 2 kept aside", "log 00000001: 1 record"]
    assert lines[2].startswith(f"Take the band a1 out of the logbook, {what}?")
    assert logbook.done == []


def test_json_asks_nothing_and_says_whether_the_key_stays(monkeypatch):
    opening(monkeypatch, bands_forget, Logbook())
    for there in (True, False):
        monkeypatch.setattr(bands_forget, "_forget_key", lambda *a, there=there: there)
        text = said(bands_forget.forget, "calf", "--json", obj="f")
        assert f'"key": {str(not there).lower()}' in text


class Nights(Logbook):
    """A logbook of which a night has naps."""

    def __init__(self, *naps):
        super().__init__()
        self.naps = [{"night": nap} for nap in naps]

    def nights(self, **how):
        return [{"naps": self.naps}]

    def erase_night(self, *what):
        self.done.append(("erase_night", *what))
        return {"records": 3, "device_id": "a1"}


@pytest.mark.parametrize(
    ("naps", "asked"),
    [
        ((), f"Delete the night {NIGHT} for good?"),
        (("n-nap1",), f"Delete the night {NIGHT} for good (its 1 nap stay: n-nap1)?"),
        (("a", "b"), f"Delete the night {NIGHT} for good (its 2 naps stay: a, b)?"),
    ],
)
@pytest.mark.parametrize("answer", ["n\n", "y\n"])
def test_before_a_night_goes_its_naps_are_named(monkeypatch, naps, asked, answer):
    logbook = Nights(*naps)
    opening(monkeypatch, forget, logbook)
    monkeypatch.setattr(forget, "which_night", lambda store, night: night)
    text = said(forget.command, NIGHT, "--band", "calf", input=answer)
    assert text.startswith(asked)
    if answer == "n\n":
        assert logbook.done == []
    else:
        assert logbook.done == [("erase_night", NIGHT, "a1"), ("shrink",)]
        assert "Gone for good: 3 records." in text and forget.BAND_KEEPS in text


def test_of_everything_what_is_there_is_shown_and_the_word_is_wanted(monkeypatch, tmp_path):
    from notturno.files import gone

    deleted, amounts = [], [{"records": 1}, {"records": 1}, {}]
    monkeypatch.setattr(gone, "found", lambda where: [Path("x"), Path("y")])
    monkeypatch.setattr(
        gone, "delete", lambda where, found: deleted.append(found) or amounts.pop(0)
    )
    monkeypatch.setattr("notturno.onlyone.only_one", lambda path, busy: nullcontext())
    words = ("--everything", "--data-dir", tmp_path)
    text = said(forget.command, *words, input="yes\n")
    assert text.splitlines()[:2] == ["x", "y"] and deleted == []
    assert "Gone for good: 1 record." in said(forget.command, *words, input=" everything \n")
    text = said(forget.command, *words, "--yes")
    assert text.startswith("Gone for good") and forget.BAND_KEEPS not in text
    assert "Gone for good: nothing was there." in said(forget.command, *words, "--yes")
    monkeypatch.setattr(gone, "found", lambda where: [])
    assert said(forget.command, *words).startswith("There is nothing of notturno in")
