"""The first view of a night asks the logbook for that night: as much, however many lie before."""

import months
import pytest
from notturno.dashboard import of_night
from notturno.dashboard.asked import Asked
from notturno.store import Store
from notturno.words import speaking

FEW, MANY = 6, 12  # nights; one in 17 is short, so that none of these is
MOST_STATEMENTS = 48


class Counting(Asked):
    """A request that keeps what SQLite was asked for it."""

    asked_sql: list

    def reading(self):
        inner = super().reading()
        asked = self.asked_sql = []

        class Watched:
            def __enter__(self):
                store = inner.__enter__()
                store._db.set_trace_callback(asked.append)
                return store

            def __exit__(self, *failure):
                return inner.__exit__(*failure)

        return Watched()


def statements(folder):
    request = Counting(folder)
    with speaking("en"):
        assert "data-no" in of_night.last(request)
    return [sql for sql in request.asked_sql if sql.lstrip().lower().startswith("select")]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = [tmp_path_factory.mktemp(f"nights-{n}") for n in (FEW, MANY)]
    for folder, n in zip(made, (FEW, MANY), strict=True):
        months.fill(folder, n, legs=1, minutes=60, snippets=False)
    return made


def test_a_page_asks_as_often_whatever_lies_before(folders):
    few, many = map(statements, folders)
    assert 10 < len(few) == len(many) <= MOST_STATEMENTS


def test_the_events_of_the_night_are_read_once(folders):
    asked = statements(folders[0])
    assert sum("from events t join" in sql for sql in asked) == 1


def test_the_names_of_all_nights_are_read_without_their_figures(folders):
    with Store.open(folders[1], create=False) as store:
        asked = []
        store._db.set_trace_callback(asked.append)
        assert store.night_names() == months.dates(MANY)
        store._db.set_trace_callback(None)
        (query,) = [sql for sql in asked if "nights" in sql]
        plan = " ".join(row["detail"] for row in store._db.execute("explain query plan " + query))
        assert "COVERING INDEX nights_by_time" in plan


NAMES = ["undated-3", "undated-7", "2026-01-01", "2026-01-02", "2026-01-02-nap", "2026-01-03"]


@pytest.fixture
def named(tmp_path):
    """Return a store of which nothing is asked but its nights' names."""
    with Store.open(tmp_path) as store:
        for i, name in enumerate(sorted(NAMES)):
            of, day = name.removesuffix("-nap"), None if "undated" in name else name[:10]
            start = None if day is None else i
            store._db.execute(
                "insert into nights values (?, ?, ?, ?, ?, ?, '{}', '')",
                (name, "00", of, day, start, start),
            )
        yield store


@pytest.mark.parametrize("naps", [True, False])
def test_neighbours_are_those_of_the_list(named, naps):
    assert named.night_names() == NAMES
    names = [name for name in NAMES if naps or "-nap" not in name]
    for i, name in enumerate(names):
        beside = (names[i - 1] if i else None, names[i + 1] if i + 1 < len(names) else None)
        assert named.names_beside(name, naps) == beside, name
        assert named.is_stored(name)
    assert named.newest_name() == "2026-01-03" and not named.is_stored("2026-01-0")
    named._db.execute("delete from nights where night < '9'")
    assert named.newest_name() == "undated-7"


def test_a_page_asks_for_no_list_of_all_names(folders):
    assert not any("as undated" in sql for sql in statements(folders[1]))
