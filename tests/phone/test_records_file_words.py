"""A records file of another schema: newer, or none at all, is said apart."""

import json

import pytest
from notturno.errors import UserError
from notturno.records_file import parsed


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
