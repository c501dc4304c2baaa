"""A records file of another schema: newer, or none at all, is said apart."""

import json

import pytest
from notturno import phone
from notturno.errors import UserError
from notturno.records_file import parsed
from notturno_core import wire


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("notturno-records-2", "newer page; update notturno"),
        ("notturno-backup-1", "is no records file[.]"),
        ("", "is no records file[.]"),
        (2, "is no records file[.]"),
    ],
)
def test_another_schema(schema, says):
    with pytest.raises(UserError, match=says):
        parsed(json.dumps({"schema": schema}).encode(), "x.json")


def test_the_pages_script_knows_kinds_by_their_numbers_alone():
    """What a row of such a record holds has names of the same beginning, and is no kind."""
    assert wire.EVENT_FIELDS_V1, "there is such a name"
    kinds = phone._numbers(wire, "EVENT_")
    assert kinds["jerk"] == wire.EVENT_JERK and set(map(type, kinds.values())) == {int}
