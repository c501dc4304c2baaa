"""The list of columns: it holds together, and its page says the same."""

from pathlib import Path

import notturno
from notturno.nights import columns, dictionary

FIXED = (  # keys that other programs may rely on
    *("night", "band", "person_side", "state", "state_reason", "recorded_h", "countable_h"),
    *("asleep_h", "worn_h", "jerks", "jerks_per_h", "lms", "plms_per_h_wasm2016"),
    *("plms_per_h_aasm3", "periodicity_index", "refusal", "age_of_newest_s", "naps"),
)


def test_the_page_is_made_from_the_list():
    beside = Path(notturno.__file__).parent / "nights" / "COLUMNS.md"
    assert beside.read_text(encoding="utf-8") == dictionary.page(), (
        "make it again: python -m notturno.nights.dictionary > nights/COLUMNS.md"
    )


def test_the_keys_that_programs_rely_on_are_there_and_none_stands_twice():
    keys = [column.key for column in columns.COLUMNS]
    assert set(FIXED) <= set(keys) and len(keys) == len(set(keys))


def test_a_rate_names_a_count_and_hours_that_are_columns_too():
    for column in columns.COLUMNS:
        assert (column.kind == "rate") == bool(column.events) == bool(column.hours)
        if column.kind == "rate":
            assert columns.BY_KEY[column.events].kind == "count"
            assert columns.BY_KEY[column.hours].kind == "hours"


def test_every_kind_of_column_is_on_the_page():
    kinds = {column.kind for column in columns.COLUMNS}
    assert kinds == {kind for kind, _ in dictionary.TITLES}
