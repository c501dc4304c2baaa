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


def test_the_page_is_given_layouts_and_numbers_and_nothing_else():
    """What else the modules hold would make the page larger, and none of it is asked for."""
    found = phone.tables()["wire"]
    layouts = {name for name in found if name.isupper() and "_FIELDS" in name}
    assert {"EVENT_FIELDS", "EVENT_FIELDS_V1", "TIME_FIELDS_V1", "SNIPPET_FIELDS"} <= layouts
    assert not {"TIME_FIELDS_V2", "PAYLOAD_FIELDS"} & layouts
    assert all(len(field) == 2 for name in layouts for field in found[name])
    others = {"REC", "EVENT", "STATE", "LOG_VERSION", "MAX_PAYLOAD_LEN", "MINUTE_NOT_WORN"}
    assert set(found) == layouts | others
    assert all(name.isupper() for name in phone.tables()["protocol"])


def test_the_pages_script_knows_kinds_by_their_numbers_alone():
    """What a row of such a record holds has names of the same beginning, and is no kind."""
    assert wire.EVENT_FIELDS_V1, "there is such a name"
    kinds = phone._numbers(wire, "EVENT_")
    assert kinds["jerk"] == wire.EVENT_JERK and set(map(type, kinds.values())) == {int}
