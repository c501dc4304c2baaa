"""`notturno replay` gives the detector's events, and a clear sentence for what it cannot take."""

import json
from importlib.util import find_spec

import numpy as np
import pytest
from click.testing import CliRunner
from notturno.cli import replay
from notturno.detect import engines, native, recording
from notturno.errors import UserError
from notturno_core import detector, wire
from streams import eventful

KEYS = {
    "kind",
    "onset_s",
    "duration_s",
    "peak_mg",
    "peak_jerk_mg_per_s",
    "rhythm_hz",
    "beats",
    "confidence",
    "flags",
    "number",
    "provisional_s",
    "provisional_kind",
    "final_s",
    *engines.FACTS,
}


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "night.npz"
    np.savez(path, acc=eventful(minutes=4), mg_per_lsb=0.122, odr_hz=104.0)
    return path


def replayed(*arguments):
    return CliRunner().invoke(replay.command, [str(a) for a in arguments], catch_exceptions=False)


def test_json_is_one_event_a_line_with_the_agreed_keys(night):
    result = replayed(night, "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events
    for event in events:
        assert set(event) == KEYS
        assert event["kind"] in wire.EVENT_NAMES.values()
        assert 0 <= event["confidence"] <= 1
        assert set(event["flags"]) <= set(wire.FLAG_NAMES.values())
        is_rhythm = event["kind"] == "rhythm"
        assert (event["rhythm_hz"] is not None) == (event["beats"] is not None) == is_rhythm
    assert {"jerk", "lm", "rhythm"} <= {event["kind"] for event in events}


def test_every_engine_prints_the_same(night):
    printed = {replayed(night, "--json", "--engine", name).stdout for name in engines.ENGINES}
    assert len(printed) == 1


def test_the_table_ends_with_a_summary_that_is_no_diagnosis(night):
    last = replayed(night).stdout.splitlines()[-1]
    assert "single jerk" in last
    assert "Not a diagnosis" in last


def test_a_setting_reaches_the_detector(night):
    name = next(iter(detector.DEFAULTS))
    larger = f"{name}={detector.DEFAULTS[name] * 50}"
    assert replayed(night, "--json", "--set", larger).stdout != replayed(night, "--json").stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [("threshold=5", "no setting threshold"), ("hold_s", "KEY=VALUE"), ("hold_s=x", "KEY=VALUE")],
)
def test_a_wrong_setting_is_refused_in_one_sentence(night, text, says):
    with pytest.raises(UserError, match=says):
        replayed(night, "--set", text)


def test_an_unknown_setting_is_answered_with_those_there_are(night):
    with pytest.raises(UserError) as error:
        replayed(night, "--set", "threshold=5")
    assert all(name in str(error.value) for name in detector.DEFAULTS)


def test_without_llvmlite_the_reference_runs_and_says_so(night, monkeypatch):
    with_it = replayed(night, "--json")
    monkeypatch.setattr(replay, "_is_native", lambda: False)
    monkeypatch.setattr(native, "load", None)  # would fail if it were called
    without = replayed(night, "--json")
    assert "llvmlite is not installed" in without.stderr
    assert without.stdout == with_it.stdout
    assert find_spec("llvmlite") is not None


def test_a_scale_the_detector_cannot_hold_is_refused():
    raw = recording.Recording(eventful(minutes=2), 100.0, 104.0)
    with pytest.raises(UserError, match="cannot run on this recording"):
        engines.run(raw)


def event(kind, onset_s=1.0, duration_s=0.1, flags=()):
    return {"kind": kind, "onset_s": onset_s, "duration_s": duration_s, "flags": list(flags)}


def test_what_is_left_out_is_said_with_its_reason_and_the_rate_is_of_time_that_counts():
    """Rates of waking hours would hide jerks; so would those that a rhythm holds, unsaid."""
    events = [
        event("jerk"),
        event("jerk", 2, flags=["in_rhythm"]),
        event("jerk", 3, flags=["in_rhythm", "truncated"]),
        event("lm", 9, 2, ["vibration"]),
        event("awake", 1800, 900),
        event("not_worn", 2400, 600),
    ]
    found, jerks, lms, last = replay.summary(events, 3600)
    assert found == ("3 jerks, 1 limb movement, 1 time awake, 1 time not worn in 1.00 h.")
    assert jerks.startswith("Left out: 2 jerks (1 in a rhythm, 1 cut short")
    assert lms == "Left out: 1 limb movement (1 like a vibration from outside)."
    assert last.startswith("1 single jerk in 0.67 h without awake and not worn (1.5/h). Not a")
    assert len(replay.summary([event("jerk")], 3600)) == 2
    (nothing,) = [line for line in replay.summary([event("awake", 0, 60)], 60) if "rate" in line]
    assert "no rate" in nothing
    assert replay.summary([], 60)[0].startswith("no events")
