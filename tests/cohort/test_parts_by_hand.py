"""The parts of a cohort's figures by hand: likeness of neighbours, shares, percentiles, keys."""

import contextlib
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pyarrow
import pytest
from notturno.cohort import engines, gather, hidden, mixed, people, run, summary
from notturno.cohort.levels import Person
from notturno.cohort.queries import Share
from notturno.errors import UserError
from notturno.scoring.manynights.levels import NightCount, NightValue
from pyarrow import parquet
from test_mixed import degrees_by_hand

# --- nights that follow one another --------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "lag1", "growth"),
    [
        ([7], 0.5, 1.0),
        ([0, 1, 2], 0.5, 5.5 / 3),  # three of 1, four of 0.5, two of 0.25
        ([0, 2], 0.5, 2.5 / 2),
        ([5, 6], 0.25, 2.5 / 2),
        ([0, 1, 2], 0.0, 1.0),
    ],
)
def test_how_much_likeness_widens_a_mean(days, lag1, growth):
    assert mixed.mean_growth(days, lag1) == pytest.approx(growth)


def test_three_nights_that_are_alike_are_worth_less():
    worth = 3 / (5.5 / 3)
    assert mixed.reliability(1.0, 3, 0.5) == pytest.approx(worth / (1 + worth))
    assert mixed.reliability(0.5, 4) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("ratio", "wanted", "nights"),
    [(1.0, 0.5, 1), (1.0, 0.501, 2), (1.0, 0.99727, 366), (1.0, 0.99728, None), (-1.0, 0.1, None)],
)
def test_more_than_a_years_nights_are_never_enough(ratio, wanted, nights):
    """One night of 0.5: k of them k / (k + 1); 366 of 367 are 0.99728."""
    assert mixed.nights_needed(ratio, wanted) == nights


def likeness(levels, people=1, days=None):
    one = np.array(levels, float)
    rest = one - one.mean()
    days = np.arange(len(one)) if days is None else np.array(days)
    squares = people * float((rest**2).sum())
    return mixed._likeness([one] * people, np.full(people, one.mean()), [days] * people, squares)


def test_the_likeness_of_neighbours_is_corrected_for_each_persons_own_mean():
    """About its own mean a night is unlike the next by 1 / n: of two that is all there is."""
    assert likeness([1, 3, 2]) == (pytest.approx((-1 + 2 / 3) / 2), 0.0)
    assert likeness([1, 3])[0] == pytest.approx(0)
    assert likeness([1, 3, 2], days=[0, 2, 4]) == (None, 0.0)
    assert likeness([1, 3, 2], days=[0, 1, 3])[0] == pytest.approx(-1 + 1 / 3)


@pytest.mark.parametrize(("people", "believed"), [(5, 0.0), (6, 0.5), (40, 0.5)])
def test_likeness_is_believed_beyond_its_standard_error(people, believed):
    """Of three pairs each: 1.96 / sqrt(15) is 0.506, 1.96 / sqrt(18) is 0.462."""
    lag1, used = likeness([1, 1, -1, -1], people)
    assert (lag1, used) == (pytest.approx(0.5), pytest.approx(believed))


@pytest.mark.parametrize(("half", "used"), [(10, 0.9), (30, 0.95)])
def test_no_likeness_above_95_percent_is_reckoned_with(half, used):
    lag1, believed = likeness([1] * half + [-1] * half, 3)
    assert lag1 == pytest.approx(1 - 1 / half) and believed == pytest.approx(used)


# --- tails ---------------------------------------------------------------------------------------


def parts_of(means, squares=4.0, degrees=4.0):
    return mixed._Parts(np.ones(len(means)), np.array(means, float), squares, degrees)


def test_of_four_people_tails_can_be_told_and_of_three_not():
    from scipy.stats import kurtosis

    means = [0.0, 1.0, 2.0, 9.0]
    assert parts_of(means).tails(0.5) == pytest.approx(kurtosis(means, bias=False))
    assert parts_of([0.0, 1.0, 9.0]).tails(0.5) == 0
    assert parts_of([0.0, 1.0, 9.0]).degrees_of_ends(0.5, 0.0) == (2, 2)
    means = [0.0, 2.0, 3.0, 6.0]
    found = parts_of(means).degrees_of_ends(0.5, parts_of(means).tails(0.5))
    assert found == pytest.approx(degrees_by_hand(np.array(means)[:, None]))
    assert max(found) < 3, "normal people would leave three"


def test_people_of_one_mean_have_no_tails():
    alike = parts_of([2.0] * 4)
    assert alike.tails(0.5) == 0 and alike.degrees_of_ends(0.5, 0.0) == (3, 3)
    found = mixed.fit([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert (found.between, found.ratio, found.tails, found.ratio_low) == (0, 0, 0, 0)


def test_one_who_is_like_nobody_else_leaves_half_a_degree():
    odd = parts_of([0.0] * 11 + [1000.0])
    assert odd.degrees_of_ends(0.0, odd.tails(0.0)) == (0.5, 0.5)


def test_nights_that_hardly_differ_are_a_million_times_less_than_people():
    levels = [[mean - 1e-5, mean + 1e-5] for mean in (0.0, 3.0, 5.0, 9.0)]
    found = mixed.fit(levels)
    assert found.ratio == pytest.approx(1e6, rel=1e-3) and found.ratio_high == 1e6
    assert mixed.fit([[1.0, 1.0 + 1e-7], [2.0, 2.0], [3.0, 3.0]]).code == "no_spread"


# --- over people ---------------------------------------------------------------------------------


def test_percentiles_need_five_people_and_are_linear_between_them():
    four = summary.percentiles([1.0, 2.0, 3.0, 4.0])
    assert four["refusal"].code == "too_few_people" and four["p50"] is None
    found = summary.percentiles([5.0, 1.0, 4.0, 2.0, 3.0])
    assert (found["people"], found["refusal"]) == (5, None)
    assert [found[p] for p in ("p10", "p50", "p90")] == pytest.approx([1.4, 3.0, 4.6])


def counted(*counts):
    return [NightCount(f"2026-01-{day:02d}", day, n, 7.0) for day, n in enumerate(counts, 1)]


def test_what_counting_alone_makes_is_no_more_than_all_there_is():
    people = [Person(str(n), counted(n, n + 1, n)) for n in (40, 70, 90, 120)]
    found = summary.of_people(people, "jerks_per_h")
    assert found["counting_share"] == 1.0 and found["unit"] == "1/h"
    wild = [Person(str(n), counted(n, 9 * n, n)) for n in (40, 70, 90, 120)]
    assert 0 < summary.of_people(wild, "jerks_per_h")["counting_share"] < 0.1
    assert (found["people"], found["nights"]) == (4, 12)


def test_values_are_not_counted_and_of_nobody_nothing_is_said():
    people = [
        Person(name, [NightValue("2026-01-01", 1, mean), NightValue("2026-01-02", 2, mean + 1)])
        for name, mean in (("a", 1.0), ("b", 3.0), ("c", 8.0))
    ]
    found = summary.of_people(people, "log_imi_mean")
    assert found["counting_share"] is None and found["typical"] == pytest.approx(4.5)
    assert found["icc"] == found["reliability"][0]["value"]
    assert [one["nights"] for one in found["reliability"]] == [1, 2, 3, 5, 7, 10, 14, 21, 28]
    assert [one["reliability"] for one in found["nights_needed"]] == [0.7, 0.8, 0.9]
    one_night = found["reliability"][0]
    icc = (found["icc"], found["icc_low"], found["icc_high"])
    assert icc == (one_night["value"], one_night["low"], one_night["high"])
    assert one_night["nights"] == 1 and len(set(icc)) == 3
    nobody = summary.of_people([], "jerks_per_h")
    assert nobody["refusal"].code == "too_few_people" and nobody["typical"] is None
    assert nobody["scale"] != "ln(1/h + 0.0625)", "nobody has counted anything"


@pytest.mark.parametrize(
    ("differences", "excludes"),
    [
        ([1.0, 1.1, 0.9], True),
        ([-1.0, -1.1, -0.9], True),
        ([1.0, 1.1], False),  # two nights are too few
        ([1.0, -1.0, 1.0], False),
        ([1.0, 1.0, 4.5], False),
        ([0.0, 0.0, 0.0], False),
    ],
)
def test_one_sides_excess_is_no_chance(differences, excludes):
    assert summary._excludes_none(differences) is excludes


# --- who answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "number", "parts"),
    [
        ("abcdefg", 3, ["ab", "cde", "fg"]),
        ("abcd", 2, ["ab", "cd"]),
        ("ab", 5, ["a", "b"]),
        ("abc", 1, ["abc"]),
        ("", 4, []),
    ],
)
def test_shares_are_runs_of_like_length(items, number, parts):
    assert ["".join(part) for part in engines._parts(list(items), number)] == parts


def cluster(processes):
    def scheduler_info(n_workers):
        assert n_workers == -1, "all of them, and not the first five"
        return {"workers": dict.fromkeys(range(processes))}

    return SimpleNamespace(scheduler_info=scheduler_info)


@pytest.mark.parametrize(
    ("processes", "sizes"), [(2, [2] * 2 + [3] + [2] * 3 + [3, 2]), (0, [18])]
)
def test_each_process_gets_four_shares_of_whole_people(processes, sizes):
    paths = {f"/{number:02d}": f"p{number % 3}" for number in range(18)}
    many = engines.Many(cluster(processes))
    shares = many.shares(Share("band", "nights", paths))
    assert sorted(len(share.names) for share in shares) == sorted(sizes)
    told = [path for share in shares for path in share.names]
    assert told == sorted(paths, key=lambda path: (paths[path], path))


@pytest.mark.parametrize(
    ("error", "why"),
    [(OSError("no route\nsecond line"), "(no route)"), (TimeoutError(), "(TimeoutError)")],
)
def test_a_scheduler_that_does_not_answer_says_why_in_a_line(error, why):
    def refuses(address, timeout):
        assert (address, timeout) == ("tcp://h:1", "10s")
        raise error

    with pytest.raises(UserError, match="No Dask scheduler answers at tcp://h:1") as told:
        engines._client(refuses, "tcp://h:1")
    assert why in str(told.value)


@pytest.mark.parametrize("processes", [0, 2])
def test_a_scheduler_without_workers_is_of_no_use(monkeypatch, processes):
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    monkeypatch.setattr(engines, "_client", lambda *asked: nullcontext(cluster(processes)))
    with contextlib.ExitStack() as stack:
        if not processes:
            stack.enter_context(pytest.raises(UserError, match="tcp://h:1 has no workers"))
        many = stack.enter_context(engines.engine(engines.DASK, 2, "tcp://h:1"))
        assert many.processes == processes


def test_a_process_answers_for_its_share_in_one_thread(monkeypatch):
    sent = []
    client = cluster(1)
    client.submit = lambda _answer, *what, **how: sent.append((what, how))
    monkeypatch.setattr(engines, "_result", lambda asked, client: pyarrow.table({"person": ["a"]}))
    table, nights = Share("lab", "events", {"/x": ""}), Share("band", "nights", {"/y": "a"})
    many = engines.Many(client)
    many._of_table(table, 1)
    many.ask([nights], "counts", None, ("why",))
    assert sent == [
        ((table, "people", None, 1), {"pure": False}),
        ((nights, "counts", None, 1, ("why",)), {"pure": False}),
    ]


def test_a_share_gets_the_rows_of_its_people_alone():
    kept = pyarrow.table({"person": ["a", "b", "c", "a"], "night": ["1", "2", "3", "4"]})
    found = engines._of(kept, Share("band", "hours", {"/x": "a", "/y": "c"}))
    assert found["night"].to_pylist() == ["1", "3", "4"]
    assert engines._of(None, Share("band", "hours", {})) is None


def test_answers_are_put_together_in_the_order_of_the_people():
    one = pyarrow.table({"person": ["b", "c"], "night": ["2", "1"]})
    two = pyarrow.table({"person": ["b", "a"], "night": ["1", "9"]})
    found = engines._together([one, two], "counts").to_pylist()
    assert [(row["person"], row["night"]) for row in found] == [
        *[("a", "9"), ("b", "1"), ("b", "2"), ("c", "1")]
    ]
    assert engines._together([two], "counts")["person"].to_pylist() == ["b", "a"]
    assert engines._together([], "counts") is None


def test_it_is_looked_each_five_seconds_whether_anybody_is_left(monkeypatch):
    distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")
    waits = []

    def wait(future, timeout):
        waits.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(distributed, "wait", wait)
    future = SimpleNamespace(done=lambda: len(waits) == 3, result=lambda: "said")
    assert engines._result(future, cluster(1)) == "said" and waits == [5.0] * 3
    future.done = lambda: False
    with pytest.raises(UserError, match="All processes of the cluster ended"):
        engines._result(future, cluster(0))


# --- a laboratory's table ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("between", "found"),
    [
        (None, {"P a": 2, "P b": 1, "P c": 1, "P d": 1}),
        (("b", "c"), {"P b": 1, "P c": 1}),
        (("a", "a"), {"P a": 2}),
        (("aa", "bb"), {"P b": 1}),
    ],
)
def test_a_share_of_a_laboratorys_people_is_from_the_first_to_the_last(tmp_path, between, found):
    path = str(tmp_path / "events.parquet")
    rows = {"person": list("aabcd"), "night": ["2026-01-01"] * 5}
    parquet.write_table(pyarrow.table(rows), path)
    share = Share(people.LAB, "events", {path: "P "}, between)
    answer = engines.answer(share, "counts").to_pylist()
    assert {row["person"]: row["events"] for row in answer} == found
    everybody = engines.answer(share, "people").to_pylist()
    assert [row["person"] for row in everybody] == list("abcd")


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (("night", "device_id", "date"), "band"),
        (("night", "device_id", "date", "jerks"), "band"),
        (("night", "person"), "lab"),
        (("night", "device_id"), None),
        (("night", "date"), None),
    ],
)
def test_a_table_of_nights_is_known_by_its_columns(tmp_path, columns, kind):
    parquet.write_table(
        pyarrow.table({name: ["x"] for name in columns}), tmp_path / "nights.parquet"
    )
    source = SimpleNamespace(person="anna", path=tmp_path)
    if kind is None:
        with pytest.raises(UserError, match="is no table of nights"):
            gather._tables(source, tmp_path)
    else:
        found = gather._tables(source, tmp_path)
        assert (found.person, found.kind, list(found.paths)) == ("anna", kind, ["nights"])


def test_people_of_two_laboratories_bear_its_name_and_bands_are_one_share():
    anna = gather.Tables("anna", "band", {"nights": "/a", "events": "/ae", "tags": "/at"})
    bea = gather.Tables("bea", "band", {"nights": "/b"})
    one = gather.Tables("x", "lab", {"nights": "/x", "events": "/xe", "tags": "/xt"})
    two = gather.Tables("y", "lab", {"nights": "/y"})
    bands = Share("band", "nights", {"/a": "anna", "/b": "bea"})
    assert run.shares_of([anna, bea], "nights") == [bands]
    assert run.shares_of([anna, one, bea], "nights") == [
        bands,
        Share("lab", "nights", {"/x": ""}),
    ]
    assert run.shares_of([one, anna, two], "nights") == [
        Share("band", "nights", {"/a": "anna"}),
        *(Share("lab", "nights", {f"/{name}": f"{name}/"}) for name in "xy"),
    ]
    assert run.shares_of([one, two], "events") == [Share("lab", "events", {"/xe": "x/"})]
    assert run.shares_of([one, two], "tags") == run.shares_of([], "nights") == []
    assert run.shares_of([anna, one], "tags") == [Share("band", "tags", {"/at": "anna"})]


@pytest.mark.parametrize(
    ("kind", "table", "has"),
    [("band", "events", True), ("band", "minutes", False), ("lab", "events", False)],
)
def test_a_bands_events_alone_are_looked_at_hour_by_hour(kind, table, has):
    assert run._has_events(SimpleNamespace(kind=kind, paths={table: {}})) is has


def test_what_a_laboratorys_table_lacks_is_empty_and_a_date_is_its_nights_name(tmp_path):
    path = str(tmp_path / "nights.parquet")
    rows = {"person": ["a", "a"], "night": ["2026-01-01", "third"], "asleep_h": [6.5, -1.0]}
    parquet.write_table(pyarrow.table(rows), path)
    one, other = engines.answer(Share(people.LAB, "nights", {path: "P "}), "nights").to_pylist()
    assert (one["person"], one["night"], one["date"]) == ("P a", "2026-01-01", "2026-01-01")
    assert [one[name] for name in ("device_id", "band", "person_side", "limb")] == [""] * 4
    assert [one[name] for name in ("zone", "start_utc_ms", "state", "detector_version")] == [
        None
    ] * 4
    assert one["simulated"] is False
    assert (one["asleep_h"], other["asleep_h"], other["date"]) == (6.5, None, None)


def test_a_laboratorys_night_has_the_date_of_its_start_where_that_is_known(tmp_path):
    path = str(tmp_path / "nights.parquet")
    rows = {"person": ["a", "b"], "night": ["2026-01-01", "2026-01-05"], "side": ["L", "R"]}
    rows["start_local"] = ["2026-01-02T00:30:00", "unknown"]
    parquet.write_table(pyarrow.table(rows), path)
    found = engines.answer(Share(people.LAB, "nights", {path: ""}), "nights").to_pylist()
    assert [row["date"] for row in found] == ["2026-01-02", "2026-01-05"]
    assert [row["person_side"] for row in found] == ["L", "R"]


def test_a_copy_of_a_logbook_is_taken_where_it_is_named_and_not_where_it_lies(tmp_path):
    copy = tmp_path / "anna" / "before.sqlite3"
    copy.parent.mkdir()
    copy.write_bytes(b"SQLite format 3\0")
    (named,) = people.found([copy])
    assert (named.form, named.path) == (people.LOGBOOK, copy)
    with pytest.raises(UserError, match="holds no nights"):
        people.found([tmp_path])


def test_a_folder_that_is_called_like_a_table_is_a_folder(tmp_path):
    (tmp_path / "nights.parquet").mkdir()
    with pytest.raises(UserError, match="nights.parquet holds no nights"):
        people.found([tmp_path / "nights.parquet"])


def test_a_data_folder_of_several_people_is_no_persons_own(tmp_path):
    for folder in ("", "people/anna", "people/bea"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "notturno.sqlite3").write_bytes(b"SQLite format 3\0")
    found = [(source.person, source.form) for source in people.found([tmp_path])]
    assert ("anna", people.LOGBOOK) in found and ("bea", people.LOGBOOK) in found
    assert people._form(tmp_path) is None
    assert people._form(tmp_path / "people" / "anna") == people.LOGBOOK


# --- sources written anew ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "why"),
    [(OSError(28, "No room"), "(No room)"), (OSError("a made one"), "(a made one)")],
)
def test_what_cannot_be_written_anew_is_told_with_its_place_and_why(
    monkeypatch, tmp_path, error, why
):
    def refuse(path, place):
        raise error

    monkeypatch.setitem(gather._MAKERS, people.JSON, refuse)
    source = SimpleNamespace(path=tmp_path / "a.json", form=people.JSON)
    told = []
    with pytest.raises(UserError, match="make room") as refused:
        gather.gathered([source], tmp_path, lambda *at: told.append(at))
    assert told == [(0, 1)]
    for words in (why, str(source.path)):
        assert words in str(refused.value)


# --- the key of the pseudonyms -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "why"),
    [(PermissionError(13, "Not yours"), "(Not yours)"), (OSError("a made one"), "(a made one)")],
)
def test_a_key_that_cannot_be_read_says_why(monkeypatch, tmp_path, error, why):
    def refuse(*what):
        raise error

    monkeypatch.setattr(hidden.private, "read", refuse)
    with pytest.raises(UserError, match="name another by --key") as refused:
        hidden.key_of(str(tmp_path / "key"))
    assert why in str(refused.value)


@pytest.mark.parametrize("length", [31, 32, 33])
def test_a_key_has_32_bytes(tmp_path, length):
    path = tmp_path / "key"
    path.write_text("ab" * length)
    path.chmod(0o600)
    if length == 32:
        assert hidden.key_of(str(path)) == b"\xab" * 32
    else:
        with pytest.raises(UserError, match="holds no key"):
            hidden.key_of(str(path))
    assert len(hidden.key_of(None)) == 32 and hidden.key_of(None) != hidden.key_of(None)
