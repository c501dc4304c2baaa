"""The short way to a time of day writes what the calendar writes, over every change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from notturno.nights.calendar import SECOND_PASS, clock_text

# Changes of an hour, of half an hour, at midnight, across the date line; offsets of 45 minutes.
CHANGES = [
    ("Europe/Rome", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Rome", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Atlantic/Azores", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ("Pacific/Chatham", datetime(2026, 9, 26, 14, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
    ("UTC", datetime(2026, 1, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize("form", ["%H:%M", "%H:%M:%S", "%H"])
def test_both_ways_are_one(zone, change, form):
    for seconds in range(-7300, 7300, 97):
        at = change + timedelta(seconds=seconds, milliseconds=999)
        local = at.astimezone(ZoneInfo(zone))
        said = local.strftime(form) + (SECOND_PASS if local.fold else "")
        assert clock_text(round(at.timestamp() * 1000), zone, form) == said
