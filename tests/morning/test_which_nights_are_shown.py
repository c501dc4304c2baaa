"""Which nights a page shows: a year, all, or the last twelve months."""

from datetime import date

import pytest
from notturno.dashboard import of_nights

DATED = ["2024-02-29", "2025-11-30", "2026-03-14"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2025", ("2025", "2025-01-01", "2025-12-31")),
        ("all", ("all", None, None)),
        ("", ("", "2025-04-01", "2026-03-14")),
        ("20255", ("", "2025-04-01", "2026-03-14")),
        ("202", ("", "2025-04-01", "2026-03-14")),
        ("-202", ("", "2025-04-01", "2026-03-14")),
        ("٢٠٢٥", ("", "2025-04-01", "2026-03-14")),
    ],
)
def test_a_year_all_or_the_last_twelve_months(asked, shown):
    assert of_nights._span(asked, DATED) == shown
    assert of_nights._span(asked, []) == ("all", None, None)


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2026-01-01", "2025-02-01"),
        ("2026-11-30", "2025-12-01"),
        ("2026-12-31", "2026-01-01"),
        ("2024-02-29", "2023-03-01"),
    ],
)
def test_twelve_months_are_whole_ones_and_the_one_under_way(last, first):
    assert of_nights._span("", [last]) == ("", first, last)
    months = {date.fromisoformat(first).month, date.fromisoformat(last).month}
    assert len(months) == 2


def test_years_are_offered_newest_first():
    offered = of_nights._spans([*DATED, "2026-03-13"])
    assert [key for key, _ in offered] == ["", "2026", "2025", "2024", "all"]


@pytest.mark.parametrize(
    ("name", "is_date"), [("2026-02-28", True), ("2026-02-29", False), ("undated-1", False)]
)
def test_a_name_that_is_no_date_is_none(name, is_date):
    assert of_nights._is_date(name) is is_date
