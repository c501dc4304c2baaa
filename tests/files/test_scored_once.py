"""However many pieces a file comes in, each night of each band is scored once, at its end."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "morning"))
import months
from lives import figures, live
from notturno.scoring.onenight import nightly
from notturno.store import Store

DERIVED = ("gaps", "sessions", "events", "minutes", "marks")


@pytest.fixture
def scored(monkeypatch):
    """Return the list that each scoring of a night is added to."""
    found, real = [], nightly.score

    def watched(axis, sessions, facts, *rest, **more):
        found.append((facts.night, sessions[0]["device_id"]))
        return real(axis, sessions, facts, *rest, **more)

    monkeypatch.setattr(nightly, "score", watched)
    return found


@pytest.fixture(scope="module")
def both_legs(tmp_path_factory):
    """Return a folder of nights of two legs, each brought by a sync of its own."""
    folder = tmp_path_factory.mktemp("legs")
    months.a_month(folder, 6, minutes=60, snippets=False)
    return folder


def of_bands(folder):
    with Store.open(folder, create=False) as store:
        names = store.night_names()
        return sorted(
            (row["night"], row["device_id"]) for n in names for row in store.nights(night=n)
        )


def derived(folder):
    """Return all that follows from the records; of a night's row, what it is read as."""
    with Store.open(folder, create=False) as store:
        found = {
            table: sorted(map(repr, map(tuple, store._db.execute(f"select * from {table}"))))
            for table in DERIVED
        }
        persons = store.person_nights(store.night_names(), now_ms=0)
    return found | {"nights": figures(folder), "persons": persons}


def carried(source, target):
    target.mkdir(exist_ok=True)
    with Store.open(source, create=False) as store:
        pieces = list(store.pieces())
    with Store.open(target) as store:
        store.take(pieces)
    return pieces


def test_a_night_is_scored_once_whatever_brings_it(both_legs, tmp_path, scored):
    pieces = carried(both_legs, tmp_path)
    nights = of_bands(both_legs)
    assert sum("frames" in piece for piece in pieces) >= len(nights) == 12
    assert sorted(scored) == nights
    assert derived(tmp_path) == derived(both_legs)


def test_the_drill_scores_a_night_once(both_legs, tmp_path, scored):
    carried(both_legs, tmp_path)
    before, first = derived(tmp_path), len(scored)
    with Store.open(tmp_path) as store:
        store.make_all_again()
    assert sorted(scored[first:]) == of_bands(both_legs)
    assert derived(tmp_path) == before


def test_piece_by_piece_or_at_once_is_the_same(tmp_path, scored):
    home = live(tmp_path / "home")
    carried(home, tmp_path / "at-once")
    with Store.open(home, create=False) as store:
        pieces = list(store.pieces())
    (tmp_path / "one-by-one").mkdir()
    with Store.open(tmp_path / "one-by-one") as store:
        for piece in pieces:
            store.take([piece])
    assert figures(tmp_path / "at-once") == figures(tmp_path / "one-by-one") == figures(home)
    assert derived(tmp_path / "at-once") == derived(tmp_path / "one-by-one")


def test_two_halves_of_a_store_join_to_the_whole(both_legs, tmp_path):
    with Store.open(both_legs, create=False) as store:
        names = store.night_names()
        halves = [list(store.pieces(names[3:])), list(store.pieces(names[:3]))]
    with Store.open(tmp_path) as store:
        for half in halves:
            store.take(half)
    assert figures(tmp_path) == figures(both_legs)


def test_what_cannot_be_read_leaves_nothing(both_legs, tmp_path):
    with Store.open(both_legs, create=False) as store:
        pieces = [*store.pieces(), {"row": {"of": "nothing"}}]
    with Store.open(tmp_path) as store:
        with pytest.raises(KeyError):
            store.take(pieces)
        assert store.count_records() == 0 and store.night_names() == []
