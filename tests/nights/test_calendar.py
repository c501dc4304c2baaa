"""The calendar: whose zone it is, where nobody names one, and the hour that comes twice."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from notturno.nights import calendar, local_zone_name, zone_info

NOTHING = Path("/nothing/at/all")
ROME = "Europe/Rome"


@pytest.fixture
def machine(monkeypatch):
    """Give a callable(TZ) that sets this process's own zone, as no name would tell it."""
    with monkeypatch.context() as patch:

        def in_zone(text):
            patch.setenv("TZ", text)
            time.tzset()

        yield in_zone
    time.tzset()


def test_the_zone_is_found_from_environment_or_machine(tmp_path):
    named = tmp_path / "timezone"
    named.write_text("Asia/Kolkata\n")
    linked = Path("/usr/share/zoneinfo/Europe/Rome")
    for text in (":America/New_York", "/usr/share/zoneinfo/America/New_York"):
        assert local_zone_name({"TZ": text}, NOTHING, named) == "America/New_York"
    assert local_zone_name({}, NOTHING, named) == "Asia/Kolkata"
    assert local_zone_name({}, linked, NOTHING) == ROME


@pytest.mark.parametrize(
    ("tz", "name"),
    [
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("Europe/Vienna", "Europe/Berlin"),
        ("America/St_Johns", "America/St_Johns"),
        ("Australia/Adelaide", "Australia/Adelaide"),
        ("Asia/Kathmandu", "Asia/Kathmandu"),
        ("Pacific/Chatham", "Pacific/Chatham"),
        ("EST5EDT,M3.2.0,M11.1.0", "America/New_York"),
        ("<+0330>-3:30", "Asia/Tehran"),
        ("XYZ-7:10", "UTC+07:10"),
        ("XYZ+2:40", "UTC-02:40"),
        ("", "UTC"),
    ],
)
def test_a_zone_without_a_name_has_the_machines_offsets_all_year(machine, tz, name):
    machine(tz)
    found = local_zone_name({}, NOTHING, NOTHING)
    assert found == name
    # /etc/timezone of another zone does not count where TZ is set, though it names none.
    assert (
        zone_info(local_zone_name({"TZ": tz}, NOTHING, NOTHING)) == zone_info(found) or "/" in tz
    )
    for hour in range(-8000, 8000, 7):
        moment = datetime.now(UTC) + timedelta(hours=hour)
        assert moment.astimezone().utcoffset() == moment.astimezone(zone_info(found)).utcoffset()


def test_what_tz_says_stands_above_the_machines_file_though_it_is_no_name(machine, tmp_path):
    machine("XYZ-7:10")
    (tmp_path / "timezone").write_text("Asia/Kolkata\n")
    assert local_zone_name(os.environ, NOTHING, tmp_path / "timezone") == "UTC+07:10"


@pytest.mark.parametrize(
    ("name", "minutes"), [("UTC+05:30", 330), ("UTC-03:30", -210), ("UTC", 0), ("No/Where", 0)]
)
def test_a_fixed_offset_is_understood_and_an_unknown_name_is_utc(name, minutes):
    moment = datetime(2026, 7, 1, tzinfo=UTC).astimezone(zone_info(name))
    assert moment.utcoffset() == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "name", ["No/Where", "", "Europe", "../etc/passwd", "a\0b", "UTC+5", "UTC+24:00"]
)
def test_times_in_a_zone_that_is_not_known_are_said_to_be_utc(name):
    assert zone_info(name) is UTC
    assert f"{name}, so times are given in UTC" in calendar.zone_note(name)


def test_a_fixed_offset_is_said_to_hold_all_year_and_a_named_zone_needs_no_word():
    assert "UTC+05:30 holds all year" in calendar.zone_note("UTC+05:30")
    assert calendar.zone_note(ROME) is calendar.zone_note("UTC") is None


def test_without_any_zone_data_nothing_fails_and_the_offset_is_kept():
    code = (
        "import sys; sys.modules['tzdata'] = None\n"
        "from pathlib import Path\n"
        "from notturno.nights import calendar as c\n"
        "name = c.local_zone_name({}, Path('/no'), Path('/no'))\n"
        "print(name, c.zone_info('Europe/Rome'), c.zone_info('UTC'))\n"
        "print(c.local_text(0, 'Europe/Rome'))\n"
        "print(c.zone_note(name))"
    )
    env = os.environ | {"PYTHONTZPATH": "", "TZ": "IST-5:30"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    zones, night, note = done.stdout.splitlines()
    assert (
        zones == "UTC+05:30 UTC UTC" and night == "1970-01-01 00:00" and "holds all year" in note
    )


def test_the_hour_that_comes_twice_is_marked_the_second_time():
    first, second = (
        round(datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(ROME), fold=fold).timestamp() * 1000)
        for fold in (0, 1)
    )
    assert second - first == 3_600_000
    assert calendar.clock_text(first, ROME) == "02:30"
    assert calendar.clock_text(second, ROME, "%H:%M:%S") == "02:30:00 (2nd)"
    assert calendar.clock_text(second + 1_800_000, ROME) == "03:00"
    assert calendar.clock_text(second, "UTC") == "01:30"
