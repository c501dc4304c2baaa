"""The diary's first entry is for the newest night: a nap is none, nor is a name without a date."""

import pytest
from notturno.dashboard import of_people


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["2026-01-01", "2026-01-02", "2026-01-02-nap"], "2026-01-02"),
        (["2026-01-01", "2026-01-02-nap", "undated-7"], "2026-01-01"),
        (["2026-01-03-nap", "undated-1"], ""),
        ([], ""),
    ],
)
def test_the_newest(names, newest):
    assert of_people._newest(names) == newest
