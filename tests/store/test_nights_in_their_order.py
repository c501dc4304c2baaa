"""The nightly table in its order, beside a plain list: dated, undated, naps, two bands."""

import json
import random

import pytest
from notturno.store import Store, nightly_table

NOW_MS = 1_770_000_000_000
A, B = "00000000000000aa", "00000000000000bb"
DATED = [f"2026-01-{day:02}" for day in (1, 2, 3, 5, 8)]
NAPS = ["2026-01-02-nap1", "2026-01-08-nap1", "undated-2-nap1"]
UNDATED = ["undated-1", "undated-2"]


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Nights of two bands: the second was worn in some of them."""
    with Store.open(tmp_path_factory.mktemp("nights")) as store:
        names = [*DATED, *NAPS, *UNDATED]
        random.Random(1).shuffle(names)
        for name in names:
            for device in (A, B) if name in (DATED[1], DATED[4], UNDATED[1]) else (A,):
                put(store._db, name, device)
        yield store._db


def put(db, name, device):
    of_night = name.partition("-nap")[0]
    dated = name[0] == "2"
    start_ms = NOW_MS - 10 * 86_400_000 + DATED.index(of_night) * 86_400_000 if dated else None
    figures = {"night": name, "device_id": device, "start_utc_ms": start_ms}
    figures |= {"end_utc_ms": None if start_ms is None else start_ms + 28_800_000}
    figures |= {key: 0 for key in nightly_table.NAP_KEYS if key not in figures}
    db.execute(
        "insert into nights values (?, ?, ?, ?, ?, ?, ?, ?)",
        (name, device, of_night, of_night if dated else None, start_ms)
        + (figures["end_utc_ms"], json.dumps(figures), "x"),
    )


ORDER = [*UNDATED, *DATED]  # undated ones in front


def rows(db, last=None, since=None, until=None, device=None, night=None):
    found = nightly_table.nights(db, last, since, until, device, night, NOW_MS)
    return [(row["night"], row["device_id"]) for row in found]


def plain(names, device=None):
    both = (DATED[1], DATED[4], UNDATED[1])
    pairs = [(name, d) for name in names for d in (A, B) if d == A or name in both]
    return [pair for pair in pairs if device in (None, pair[1])]


@pytest.mark.parametrize("device", [None, A, B])
@pytest.mark.parametrize("last", [None, 1, 2, 4, 5, 6, 7, 9])
def test_the_last_nights_are_counted_from_the_newest_dated_one(db, device, last):
    nights = [n for n in ORDER if plain([n], device)]
    wanted = nights if last is None else nights[-last:]
    assert rows(db, last=last, device=device) == plain(wanted, device)


@pytest.mark.parametrize(
    ("since", "until"),
    [(DATED[1], None), (None, DATED[3]), (DATED[1], DATED[3]), ("2026-01-04", "2026-01-04")]
    + [("2025-01-01", "2027-01-01")],
)
@pytest.mark.parametrize("last", [None, 1, 2])
def test_between_two_dates_both_are_in_and_no_undated_night(db, since, until, last):
    names = [n for n in DATED if (since or "") <= n <= (until or "9")]
    names = names if last is None else names[-last:]
    assert rows(db, last=last, since=since, until=until) == plain(names)


def test_one_night_is_asked_for_by_its_name_also_a_nap(db):
    assert rows(db, night=DATED[1]) == plain([DATED[1]])
    assert rows(db, night=NAPS[0]) == [(NAPS[0], A)] and rows(db, night="2026-01-04") == []
    assert rows(db, night=DATED[0], device=B) == []


def test_naps_stand_with_their_night_and_band(db):
    found = nightly_table.nights(db, None, None, None, None, None, NOW_MS)
    naps = {(row["night"], row["device_id"]): [n["night"] for n in row["naps"]] for row in found}
    assert {key: names for key, names in naps.items() if names} == {
        (DATED[1], A): [NAPS[0]],
        (DATED[4], A): [NAPS[1]],
        (UNDATED[1], A): [NAPS[2]],
    }
    (nap,) = next(row["naps"] for row in found if row["night"] == DATED[1] and row["naps"])
    assert set(nap) == set(nightly_table.NAP_KEYS)


def test_the_age_of_a_nights_newest_record_is_in_seconds(db):
    (row,) = nightly_table.nights(db, None, None, None, A, DATED[0], NOW_MS)
    assert row["age_of_newest_s"] == 10 * 86_400 - 28_800
    (undated,) = nightly_table.nights(db, None, None, None, A, UNDATED[0], NOW_MS)
    assert undated["age_of_newest_s"] is None and undated["strap_check"] is None


def test_names_stand_in_the_same_order_each_once_and_the_newest_is_no_nap(db):
    names = nightly_table.night_names(db)
    assert names == [*sorted([*UNDATED, NAPS[2]]), *sorted([*DATED, *NAPS[:2]])]
    assert nightly_table.newest_name(db) == DATED[-1]


@pytest.mark.parametrize("naps", [False, True])
def test_what_stands_beside_a_night_is_what_stands_beside_it_in_the_list(db, naps):
    names = [n for n in nightly_table.night_names(db) if naps or "-nap" not in n]
    for before, name, after in zip([None, *names], names, [*names[1:], None], strict=False):
        assert nightly_table.names_beside(db, name, naps) == (before, after)
    assert nightly_table.is_stored(db, DATED[0]) and not nightly_table.is_stored(db, "2026-01-04")


def test_without_a_dated_night_the_newest_is_the_last_undated_one(tmp_path):
    with Store.open(tmp_path) as store:
        assert nightly_table.newest_name(store._db) is None
        for name in ("undated-1", "undated-2", "undated-2-nap1"):
            put(store._db, name, A)
        assert nightly_table.newest_name(store._db) == "undated-2"
