"""What a plain program's config.py held goes into the band's settings, behind what is there."""

import base64
import hashlib
import json

import pytest
from notturno.flashing import plain, sending
from notturno.flashing.plain import Carried, carry


class Band:
    """A prompt that answers with one settings file; `put` notes what is put in its place."""

    def __init__(self, monkeypatch, text):
        self.text, self.written = text, []
        monkeypatch.setattr(plain, "put_in_place", lambda _, *what: self.written.append(what))

    def ask(self, code):
        assert code == "text_of('/settings.json', 20000)"
        return self.text and base64.b64encode(self.text).decode()


def settings(**values):
    return json.dumps({"form": 1, "settings": values}).encode()


@pytest.mark.parametrize(
    ("there", "then"),
    [
        (None, {"ODR_HZ": 52, "RANGE_G": 2}),
        (b"no settings", {"ODR_HZ": 52, "RANGE_G": 2}),
        (settings(ODR_HZ=7), {"ODR_HZ": 52, "RANGE_G": 2}),  # not as it should be: left
        (settings(), {"ODR_HZ": 52, "RANGE_G": 2}),
        (settings(ODR_HZ=208), {"ODR_HZ": 208, "RANGE_G": 2}),
        (settings(BEACON="on"), {"ODR_HZ": 52, "RANGE_G": 2, "BEACON": "on"}),
        (settings(START=["worn"]), {"ODR_HZ": 52, "RANGE_G": 2, "START": ["worn"]}),
        (
            settings(DETECTOR={"hold_ms": 7}),
            {"ODR_HZ": 52, "RANGE_G": 2, "DETECTOR": {"hold_ms": 7}},
        ),
    ],
)
def test_what_stands_there_already_stays(monkeypatch, there, then):
    band = Band(monkeypatch, there)
    carry(band, Carried({"ODR_HZ": 52, "RANGE_G": 2}, {}))
    ((path, data),) = band.written
    assert path == "/settings.json"
    assert json.loads(data) == {"form": 1, "settings": then}


def test_where_nothing_was_changed_nothing_is_written(monkeypatch):
    band = Band(monkeypatch, b"no settings")
    carry(band, Carried({}, {"ODR_HZ": "why"}))
    assert band.written == []


def test_a_settings_file_is_these_lines():
    assert plain.settings_text({"RANGE_G": 4, "ODR_HZ": 26}) == (
        b'{\n "form": 1,\n "settings": {\n  "ODR_HZ": 26,\n  "RANGE_G": 4\n }\n}'
    )


def test_a_file_is_put_beside_and_settled_by_its_hash(monkeypatch):
    asked, sent = [], []
    monkeypatch.setattr(sending, "send", lambda line, files, *counts: sent.append((files, counts)))
    line = type("Line", (), {"ask": lambda _, code: asked.append(code)})()
    sending.put_in_place(line, "/main.py", b"hello")
    ((files, counts),) = sent
    assert files == {"/main.new": b"hello"} and counts[:2] == (0, 5)
    digest = hashlib.sha256(b"hello").hexdigest()
    assert asked == [f"settle('/main.new', '/main.py', {digest!r})"]
