"""What an export carries is all that people said: every table and every column of it."""

import sqlite3

from notturno.store import FILE_NAME, Store, carry

# What bands wrote (carried as frames), what is made from it, and what this computer noted.
NOT_SAID = {
    *("logs", "syncs", "records", "quarantine", "absent", "forgotten", "log_aliases"),
    *("sessions", "segments", "anchors", "events", "minutes", "marks", "faults", "snippets"),
    *("gaps", "nights", "person_nights", "migrations"),
}
OWN_NUMBERS = {"edit_id", "entry_id", "stimulus_id", "sleep_id", "list_id", "check_id"} | {
    "placement_id",
    "log_key",
}


def tables(folder):
    with Store.open(folder):
        pass
    db = sqlite3.connect(folder / FILE_NAME)
    names = [row[0] for row in db.execute("select name from sqlite_schema where type = 'table'")]
    found = {
        name: {row[1] for row in db.execute(f"pragma table_info ({name})")}
        for name in names
        if not name.startswith("sqlite_")
    }
    db.close()
    return found


def test_every_table_that_people_write_is_carried_whole(tmp_path):
    found = tables(tmp_path)
    carried = {table.name: table for table in carry.TABLES}
    assert set(found) - NOT_SAID - set(carried) == set()
    for name, table in carried.items():
        told = set(table.columns) | {table.of_record} | OWN_NUMBERS
        assert found[name] - told == set(), name
