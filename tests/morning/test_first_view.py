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
