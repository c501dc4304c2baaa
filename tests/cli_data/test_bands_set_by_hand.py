"""`bands set`: what its words mean, by which way it goes, and what it tells."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from notturno.cli import bands_set, which_band
from notturno.errors import UserError
from notturno.flashing import settings

DEFAULTS = {"ODR_HZ": 104, "NAME": ("a", "b"), "DETECTOR": {}}


@pytest.fixture
def band(monkeypatch):
    """A band in reach by both ways; what was asked of it is noted."""
    found = settings.OnBand({"ODR_HZ": 208}, dict(DEFAULTS), [], False)
    band = SimpleNamespace(found=found, ways=[])
    ring = SimpleNamespace(all=lambda: "keys")
    monkeypatch.setattr(which_band, "ring_and_names", lambda folder: (ring, {}))
    monkeypatch.setattr(which_band, "which", lambda ring, names, name: "id of " + name)

    def gone(way):
        def go(*what):
            change = what[-1]
            band.ways.append((way, *what[:-1]))
            changed = change(band.found)
            return "dev", band.found, band.found.values if changed is None else changed

        return go

    monkeypatch.setattr(bands_set, "_by_radio", gone("radio"))
    monkeypatch.setattr(bands_set, "_by_cable", gone("cable"))
    monkeypatch.setattr(settings, "named", lambda typed: (typed, None))
    monkeypatch.setattr(settings, "changed", lambda found, sets, resets: {**found.values, **sets})
    monkeypatch.setattr(settings, "limits_text", lambda name: f"of {name}")
    return band


def run(*words, code=0):
    done = CliRunner().invoke(bands_set.command, list(words), obj=None)
    assert done.exit_code == code, done.output
    return done


@pytest.mark.parametrize(
    ("options", "way"),
    [
        ((), ("cable", None, None, None)),
        (("calf",), ("cable", None, "calf", "id of calf")),
        (("--port", "P"), ("cable", "P", None, None)),
        (("--radio",), ("radio", None, None, "keys")),
        (("--virtual", "h:1"), ("radio", "h:1", None, "keys")),
        (("--radio", "calf"), ("radio", None, "id of calf", "keys")),
    ],
)
def test_by_cable_or_by_radio(band, options, way):
    run("--list", *options)
    assert band.ways == [way]


@pytest.mark.parametrize("other", [("--radio",), ("--virtual", "h:1")])
def test_not_both_ways(band, other):
    done = CliRunner().invoke(bands_set.command, ["--list", "--port", "P", *other], obj=None)
    assert "Give --port or --radio, not both." in str(done.exception) and band.ways == []


def test_nothing_to_do_is_said(band):
    done = CliRunner().invoke(bands_set.command, ["calf"], obj=None)
    assert "Say what to change, e.g. odr_hz=208, or --list." in str(done.exception)
    assert band.ways == []


@pytest.mark.parametrize(
    ("words", "name", "sets"),
    [
        ((), None, {}),
        (("calf",), "calf", {}),
        (("a=1", "calf", " b = 2 "), "calf", {"a": "1", "b": "2"}),
        (("a=b=c", "d="), None, {"a": "b=c", "d": ""}),
    ],
)
def test_words_are_a_name_and_values(words, name, sets):
    assert bands_set._split(words) == (name, sets)


def test_a_second_name_is_taken_for_a_value_that_lacks_its_sign():
    with pytest.raises(UserError, match="odr_hz is no KEY=VALUE; write it as odr_hz=VALUE."):
        bands_set._split(("calf", "odr_hz"))


def test_json_tells_each_setting(band):
    told = json.loads(run("--list", "--json").stdout)
    assert (told["schema"], told["device_id"], told["changed"]) == ("bands-set-1", "dev", False)
    assert told["settings"]["odr_hz"] == {
        "name": "odr_hz", "value": 208, "default": 104, "set": True, "possible": "of ODR_HZ"
    }  # fmt: skip
    assert told["settings"]["name"]["set"] is False and told["aside"] is False
    assert json.loads(run("ODR_HZ=52", "--json").stdout)["changed"] is True


def test_what_was_changed_is_marked_and_only_that_is_shown_without_the_list(band):
    listed, short = (run(*words).stdout for words in (("--list",), ("ODR_HZ=52",)))
    assert [line.split()[:2] for line in listed.splitlines()[-3:]] == [
        ["name", "a,b"],
        ["odr_hz", "*"],
        ["*", "changed"],
    ]
    assert "starts anew" not in listed and "a,b" not in short
    assert short.startswith("The band dev starts anew with its new settings.")


def test_nothing_set_is_as_it_came_and_what_lies_aside_is_said(band):
    band.found = settings.OnBand({}, dict(DEFAULTS), ["NEW", "NEWER"], True)
    said = run("--reset", "all").stdout.splitlines()
    assert said == [
        "A settings file that was not right lies aside on the band (settings.bad).",
        "This version of notturno does not know: NEW, NEWER.",
        "It is set as it came.",
    ]


def test_a_detectors_own_settings_are_each_a_row():
    rows = bands_set._rows(
        SimpleNamespace(limits_text=lambda name: "x"),
        {"DETECTOR": {}},
        {"DETECTOR": {"jerk_on_ug": 2500, "b": 1}},
    )
    assert [(row["name"], row["value"], row["default"], row["set"]) for row in rows] == [
        ("detector.b", 1, None, True),
        ("detector.jerk_on_ug", 2500, None, True),
    ]


@pytest.mark.parametrize(
    ("value", "typed"), [(None, "none"), (5, "5"), (("a", "b"), "a,b"), ([], "")]
)
def test_a_value_as_it_would_be_typed(value, typed):
    assert bands_set._shown(value) == typed
