"""What the cohort's database draws while it works never reaches standard output."""

from pathlib import Path

from notturno import cohort
from notturno.cohort import engines


def test_a_long_query_draws_nothing_where_the_json_stands(capfd):
    with engines.opened(2) as db:
        db.execute("set progress_bar_time = 1")  # ms: as one of two seconds by itself
        count = "select count(*) from range(40000000) t(i) where hash(i) % 3 = 1"
        assert db.sql(count).to_arrow_table().num_rows == 1
    assert capfd.readouterr() == ("", "")


def test_every_connection_of_the_cohort_is_such_a_one():
    sources = Path(cohort.__file__).parent.rglob("*.py")
    found = {path.name for path in sources if "duckdb.connect" in path.read_text("utf-8")}
    assert found == {"engines.py"}
