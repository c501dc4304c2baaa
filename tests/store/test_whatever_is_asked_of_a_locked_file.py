"""Another program may take the file at any moment of a sync: whatever is asked then, one sentence.

Each method of the store is asked with examples by the names of its arguments; one that is added
is asked too.
"""

import inspect
import sqlite3

import pytest
from notturno.errors import UserError
from notturno.store import FILE_NAME, Store

ASKED = {
    "pen": (("00" * 8, 1), 1, "UTC"),
    "nights": ["2026-01-12"],
    "night": "2026-01-12",
    "table": "tags",
    "rows": [],
    "others": [],
}
NOT_ASKED = {"close", "open", "copy_to", "effective_edits", "names_beside"}  # pure, or of files
METHODS = [
    name
    for name in dir(Store)
    if name[0] != "_" and name not in NOT_ASKED and callable(getattr(Store, name))
]


class Taken:
    """A connection to a file that another program holds."""

    in_transaction = False

    def execute(self, *_):
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    def cursor(self):
        return self


@pytest.mark.parametrize("name", METHODS)
def test_it_is_said_plainly(tmp_path, name):
    (tmp_path / FILE_NAME).touch()
    store = Store(Taken(), tmp_path / FILE_NAME)
    wanted = list(inspect.signature(getattr(Store, name)).parameters.values())[1:]
    given = [ASKED.get(each.name, 1) for each in wanted if each.default is each.empty]
    with pytest.raises(UserError, match="is in use by another program"):
        answer = getattr(store, name)(*given)
        list(answer)
