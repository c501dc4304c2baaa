"""What a settings file may be: each refusal in its words, each bound on both sides."""

import pytest
from notturno_core import limits


def names():
    return {"jerk_on_ug": 0xFFFF, "still_mg": 0x7FFFFFFF}


def checked(settings, form=1):
    return limits.checked({"form": form, "settings": settings}, names)


@pytest.mark.parametrize("data", [[], None, 3, "x", {}, {"settings": []}, {"settings": None}])
def test_what_is_no_mapping_holds_no_settings(data):
    with pytest.raises(ValueError, match="it holds no settings"):
        limits.checked(data, names)


@pytest.mark.parametrize("form", [0, 2, None, "1"])
def test_another_form_is_not_read(form):
    with pytest.raises(ValueError, match="form is .*, and 1 is known"):
        checked({}, form)


# Lowest and highest, as the settings' page says.
RANGES = {
    **{"WATERMARK": (32, 480), "SNIPPET_BYTES": (0, 1_000_000), "MAINTENANCE_MS": (500, 60_000)},
    **{"RADIO_AFTER_BOOT_MS": (10_000, 3_600_000), "RADIO_AFTER_BUTTON_MS": (10_000, 3_600_000)},
    **{"DOCK_POLL_MS": (500, 60_000), "BUTTON_POLL_MS": (20, 5000)},
    **{"RESTART_AFTER_MS": (86_400_000, 3_456_000_000), "BATTERY_STOP_MV": (3300, 3900)},
    **{"NOT_WORN_END_MIN": (10, 600), "NOT_WORN_AFTER_SYNC_MIN": (1, 600)},
    **{"SYNCED_NIGHT_MIN": (10, 720), "PEEK_EVERY_MS": (60_000, 3_600_000)},
    **{"PEEKS_AFTER_NIGHT": (0, 200), "NIGHT_UTC_MIN": (0, 1439)},
}


@pytest.mark.parametrize("name", RANGES)
def test_a_number_lies_between_its_bounds(name):
    low, high = RANGES[name]
    for value in (low, low + 1, high - 1, high):
        assert checked({name: value}) == ({name: value}, [])
    for value in (low - 1, high + 1, True, float(low), str(low), [low]):
        with pytest.raises(
            ValueError, match=f"{name} must be a whole number from {low} to {high}"
        ):
            checked({name: value})
    assert set(limits.RANGES) == set(RANGES)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("NIGHT_UTC_MIN", [None], []),
        ("ODR_HZ", [26, 52, 104, 208], [25, 100, 416, True, None]),
        ("RANGE_G", [2, 4, 8, 16], [1, 32, "4"]),
        ("BEACON", ["on", "off"], ["ON", True, None]),
        ("BOARD", [None, "x", "x" * 24], ["", "x" * 25, 3]),
        ("START", [("undock",), ("undock", "clock")], [(), ("never",), "undock", ("undock", 1)]),
        ("DETECTOR", [{}, {"jerk_on_ug": 1}, {"jerk_on_ug": 65_535}, {"still_mg": 1_000_000}], []),
    ],
)
def test_a_choice_a_word_or_a_text(name, right, wrong):
    for value in right:
        given = list(value) if isinstance(value, tuple) else value
        assert checked({name: given}) == ({name: value}, [])
    for value in wrong:
        with pytest.raises(ValueError, match=name):
            checked({name: value})


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        ([], "DETECTOR is no mapping"),
        ({"what": 1}, "no setting what"),
        ({"jerk_on_ug": 0}, "jerk_on_ug must be a whole number from 1 to 65535"),
        ({"jerk_on_ug": 65_536}, "from 1 to 65535"),
        ({"still_mg": 1_000_001}, "still_mg must be a whole number from 1 to 1000000"),
        ({"still_mg": True}, "still_mg"),
        ({"still_mg": 1.0}, "still_mg"),
    ],
)
def test_the_detectors_own_settings(detector, words):
    with pytest.raises(ValueError, match=words):
        checked({"DETECTOR": detector})


def test_what_is_not_known_is_left_out_and_named():
    assert checked({"ODR_HZ": 52, "LATER": 1, "ALSO": 2}) == ({"ODR_HZ": 52}, ["ALSO", "LATER"])
