"""Parts of the dashboard by hand: what a page is given, newest first and so many."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")
from notturno.dashboard import app, of_people  # noqa: E402
from notturno.errors import UserError  # noqa: E402
from visitor import Visitor  # noqa: E402


class Store:
    """A store of what a page reads."""

    def __init__(self, **found):
        self.found = found
        self.done = []

    def __getattr__(self, what):
        def answer(*arguments, **named):
            if what in self.found:
                return self.found[what]
            self.done.append((what, *arguments, *named.values()))
            return {"edit_id": 1}

        return answer


def asked(store, query=None, form=None):
    @contextmanager
    def opened():
        yield store

    return SimpleNamespace(
        reading=opened, writing=opened, query=query or {}, form=form or {}, to=lambda *a, **k: "/x"
    )


@pytest.fixture
def given(monkeypatch):
    """What a template is given, instead of the page."""
    monkeypatch.setattr(
        of_people.pages, "page", lambda asked, template, title, **values: values | {"of": template}
    )


def entry(number, **values):
    made = {"entry_id": number, "night": "2026-01-12", "what": "tea", "amount": None, "unit": ""}
    return made | {"at": "", "note": ""} | values


def test_a_page_that_is_not_there_is_said_in_a_sentence(tmp_path):
    for path in ("/nothing", "/night", "/static/x"):
        answer = Visitor.open(tmp_path).get(path)
        assert (answer.status, answer.text) == (404, "There is no such page.")


@pytest.mark.parametrize(
    ("text", "way"),
    [("/", "/"), ("/nights?year=all", "/nights?year=all"), ("//evil", "/"), ("/\\evil", "/")]
    + [("nights", "/"), ("", "/"), ("https://evil", "/"), ("/a\nb", "/"), ("/a\u202eb", "/")],
)
def test_the_way_back_is_a_path_of_ours(text, way):
    assert app.local_path(text) == way


def test_a_language_that_was_chosen_stays_for_a_year():
    assert app.A_YEAR_S == 365 * 24 * 3600


def test_the_diary_shows_its_newest_entries_and_counts_all(given):
    most = of_people.MOST_ENTRIES
    entries = [entry(k, what="own thing" if k % 2 else "caffeine") for k in range(most + 5)]
    names = [f"2026-01-{k:02}" for k in range(1, 13)] + ["2026-01-12-nap1"]
    lists = [{"night": "n", "source": "a"}] * 3 + [{"night": "m", "source": "b"}]
    found = of_people.diary(asked(Store(diary=entries, night_names=names, stimuli=lists)))
    assert [one["entry_id"] for one in found["entries"]] == list(range(most + 4, 4, -1))
    assert found["count"] == most + 5 and found["newest"] == "2026-01-12"
    assert found["nights"] == names[11::-1][: of_people.MOST_NIGHTS]
    assert found["own"] == ["own thing"] and ("caffeine" in dict(found["exposures"]))
    assert found["stimuli"] == [("m", "b", 1), ("n", "a", 3)]


@pytest.mark.parametrize(
    ("amount", "said"), [(None, ""), (2.0, "2"), (0.5, "0.5"), (1.25, "1.25"), (0.125, "0.125")]
)
def test_an_amount_has_no_more_digits_than_it_has(amount, said):
    assert of_people._amount(amount) == said


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["2026-01-11", "2026-01-12"], "2026-01-12"),
        (["2026-01-12", "2026-01-12-nap1"], "2026-01-12"),
    ]
    + [(["undated-1"], ""), ([], "")],
)
def test_the_newest_night_is_a_dated_one_and_no_nap(names, newest):
    assert of_people._newest(names) == newest


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"zone": "UTC"}, "zone UTC"),
        ({"bed": "22:00", "wake": "06:00"}, "to bed 22:00, up 06:00"),
        ({"exclude": "ill"}, "left out: ill"),
        ({"exclude": ""}, "taken in again"),
        ({"wake": "06:00", "exclude": "ill"}, "up 06:00, left out: ill"),
    ],
)
def test_a_correction_in_words(said, words):
    assert of_people._said(dict.fromkeys(("zone", "bed", "wake", "exclude")) | said) == words


def corrections(names, query=None, edits=()):
    store = Store(
        night_names=names,
        edits_in_force={},
        edits=list(edits),
        nights=[{"device_id": "a", "band": "calf", "zone": "UTC"}],
        bands=[{"device_id": "a", "name": "calf"}, {"device_id": "b", "name": ""}],
    )
    return of_people.corrections(asked(store, query))


def test_corrections_are_of_the_newest_night_or_of_the_one_asked_for(given, monkeypatch):
    monkeypatch.setattr(of_people, "known_night", lambda store, night: night)
    monkeypatch.setattr(of_people.pages, "choices", lambda pairs, chosen: [a for a, _ in pairs])
    names = [f"{year}-01-{k:02}" for year in range(2010, 2026) for k in range(1, 29)]
    most = of_people.MOST_NIGHTS
    found = corrections(names)
    assert found["night"] == names[-1] and found["nights"] == names[::-1][:most]
    old = corrections(names, {"night": names[0]})
    assert old["nights"] == [names[0], *names[::-1][:most]] and old["night"] == names[0]
    undated = corrections(["undated-1", "undated-2"])
    assert undated["night"] == "undated-2"
    assert corrections([])["of"] == "empty.html"


def test_corrections_name_their_band_newest_first(given, monkeypatch):
    monkeypatch.setattr(of_people, "known_night", lambda store, night: night)
    row = {"made_utc_ms": 0, "zone": "UTC", "bed": None, "wake": None, "exclude": None}
    found = corrections(["2026-01-12"], edits=[row | {"device_id": d} for d in "abc"])
    assert [one["band"] for one in found["edits"]] == ["c", "b", "calf"]


def correct(monkeypatch, **form):
    monkeypatch.setattr(of_people, "known_night", lambda store, night: night)
    store = Store(nights=[{"device_id": "a"}])
    of_people.correct(asked(store, form={"night": "n"} | form))
    return store.done


def test_what_is_corrected_is_what_was_filled_in(monkeypatch):
    done = correct(monkeypatch, bed=" 22:15 ", wake="", zone="Europe/Rome", band="a")
    assert done == [("edit", "n", "a", {"zone": "Europe/Rome", "bed": "22:15"})]
    assert correct(monkeypatch, exclude="ill") == [("edit", "n", None, {"exclude": "ill"})]
    assert correct(monkeypatch, include="1")[0][3]["exclude"] == of_people.edits.INCLUDED
    for form in ({}, {"exclude": "x", "include": "1"}, {"bed": "22:00", "band": "b"}):
        with pytest.raises(UserError):
            correct(monkeypatch, **form)


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "9" * 18, "\u0661"])
def test_an_entry_is_removed_by_its_number_alone(number):
    with pytest.raises(UserError, match="which entry"):
        of_people.remove_entry(asked(Store(), form={"entry": number}))
    store = Store()
    of_people.remove_entry(asked(store, form={"entry": "9" * 17}))
    assert store.done == [("remove_diary", 99_999_999_999_999_999)]
