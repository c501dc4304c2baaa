"""What pages of the dashboard are given and what their forms keep, over a store made by hand."""

import socket
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")
from notturno.dashboard import (  # noqa: E402
    app,
    of_bands,
    of_event,
    of_night,
    of_nights,
    of_people,
    of_phases,
    serve,
    syncing,
)
from notturno.dashboard.asked import Asked  # noqa: E402
from notturno.errors import UserError  # noqa: E402

NIGHT = "2026-01-12"


class Store:
    """A store that answers what it is given, and keeps what was done."""

    def __init__(self, **answers):
        self.answers, self.done = answers, []

    def __getattr__(self, what):
        def answer(*given, **named):
            self.done.append((what, *given, *named.values()))
            return self.answers.get(what)

        return answer


def asked(store, query=None, form=None, **path):
    @contextmanager
    def opened():
        yield store

    def to(*parts, **query):
        return "/" + "/".join(parts) + ("?" + str(query) if query else "")

    runner = SimpleNamespace(
        begin=lambda asked: store.done.append("begun"), state=lambda a: {"s": 1}
    )
    return SimpleNamespace(
        reading=opened,
        writing=opened,
        query=query or {},
        form=form or {},
        path=path,
        to=to,
        runner=runner,
    )


@pytest.fixture
def given(monkeypatch):
    """What a template is given, instead of the page."""
    for module in (of_event, of_night, of_nights, of_people, of_phases):
        monkeypatch.setattr(
            module.pages, "page", lambda asked, name, title, **values: values | {"of": name}
        )
    monkeypatch.setattr(of_phases.pages, "choices", lambda pairs, chosen: [p[0] for p in pairs])


# --- two phases ----------------------------------------------------------------------------------


@pytest.fixture
def compared(monkeypatch, given):
    """Return a function: what the page of two phases compares, and what it offers."""

    def page(names=("a", "b", "c"), rows=(1,), fails=False, **query):
        seen = []
        tags = [{"name": name} for name in names]
        monkeypatch.setattr(of_phases.usable, "phase_names", lambda tags: list(names))
        monkeypatch.setattr(of_phases, "rows_of", lambda store, band: (list(rows), [], band))

        def compare(rows, tags, first, second, key):
            seen.append((first, second, key))
            if fails:
                raise UserError("No such phase.")
            return "found"

        monkeypatch.setattr(of_phases, "_compared", compare)
        return of_phases.page(asked(Store(tags=tags), query)), seen

    return page


@pytest.mark.parametrize(
    ("names", "query", "pair"),
    [
        (("a", "b", "c"), {}, ("a", "b")),
        (("a",), {}, ("a", "before")),
        (("a", "b"), {"first": "b"}, ("b", "b")),
        (("a", "b"), {"second": "after"}, ("a", "after")),
    ],
)
def test_the_first_two_phases_are_compared_unless_others_are_asked_for(
    compared, names, query, pair
):
    found, seen = compared(names, **query)
    assert seen == [(*pair, "jerks_per_h")] and found["found"] == "found"
    assert found["firsts"] == [*names, "before", "after"] == found["seconds"]


def test_before_and_after_are_offered_once_and_of_no_phase_nothing_is(compared):
    found, seen = compared(("before", "x"))
    assert found["firsts"] == ["before", "x", "after"] and seen[0][:2] == ("before", "x")
    found, seen = compared(())
    assert (found["firsts"], seen, found["found"]) == ([], [], None)
    for asked_for in ({"second": "x"}, {"first": "x"}):
        found, seen = compared((), **asked_for)
        assert (seen, found["found"], found["problem"]) == ([], None, "")
    assert compared(("a", "b"), rows=())[1] == []


def test_a_bare_count_is_compared_as_its_rate_and_what_fails_is_said(compared):
    assert compared(measure="jerks")[1] == [("a", "b", "jerks_per_h")]
    assert compared(measure="asleep_h")[1] == [("a", "b", "asleep_h")]
    found, _ = compared(fails=True)
    assert (found["found"], found["problem"]) == (None, "No such phase.")
    with pytest.raises(UserError, match="no such measure"):
        compared(measure="x")


def test_a_comparison_begins_with_its_headline(monkeypatch):
    phase = {"nights": 9, "first_night": "a", "last_night": "b", "left_out": {}}
    found = {"nights": (5, 6), "typical": (1.0, 2.0), "events": (3, 4), "caveat": "Mind that."}
    whole = {"measures": {"jerks_per_h": found}, "phases": (phase, phase | {"nights": 8})}
    monkeypatch.setattr(of_phases.usable, "two_phases", lambda *what: None)
    monkeypatch.setattr(of_phases.figures, "compare_band", lambda *what: None)
    monkeypatch.setattr(of_phases.refusals, "to_json", lambda found: whole)
    monkeypatch.setattr(of_phases, "_lines", lambda *what: ["head", "one", "two"])
    monkeypatch.setattr(of_phases, "_interval", lambda found: None)
    made = of_phases._compared([], [], "x", "y", "jerks_per_h")
    assert made["headline"] == "head" and made["lines"] == ["one", "two", "Mind that."]
    first, second = made["sides"]
    assert (first["name"], first["nights"], first["of"], first["events"]) == ("x", 5, 9, 3)
    assert (second["name"], second["nights"], second["of"], second["hours"]) == ("y", 6, 8, None)


@pytest.mark.parametrize(
    ("form", "done"),
    [
        ({"do": "remove", "name": " a "}, ("remove_tag", "a")),
        ({"do": "end", "name": "a", "last": "l"}, ("end_tag", "a", "l")),
        ({"do": "add", "name": "a", "first": "f", "last": ""}, ("add_tag", "a", "f", None)),
        ({"name": "a", "first": "f", "last": "l"}, ("add_tag", "a", "f", "l")),
    ],
)
def test_a_phase_is_added_ended_or_removed(form, done):
    store = Store()
    answer = of_phases.change(asked(store, form=form))
    assert store.done == [done]
    assert (answer.status_code, answer.headers["location"]) == (303, "/compare")


# --- nights --------------------------------------------------------------------------------------


def test_of_refused_nights_the_last_forty_are_named(given, monkeypatch):
    rows = [
        {"night": f"n{k}", "date": "2026-01-01", "jerks_per_h": 1.0 if k % 2 else None}
        for k in range(100)
    ]
    rows += [{"night": "undated-1", "date": None, "jerks_per_h": None}]
    monkeypatch.setattr(of_nights, "rows_of", lambda *what: (list(rows), [("a", "a")], "a"))
    monkeypatch.setattr(of_nights, "_over", lambda *what: (None, []))
    monkeypatch.setattr(of_nights, "nights_figure", lambda *what: "svg")
    monkeypatch.setattr(of_nights, "_refused", lambda row, key: row["night"])
    monkeypatch.setattr(of_nights, "_months", lambda *what: what[2:])
    monkeypatch.setattr(of_nights, "ppv_of_labels", lambda store: {"labels": {}, "note": "x"})
    store = Store(night_names=["2026-01-01", "2026-01-01-nap1", "undated-1"], tags=[])
    found = of_nights.page(asked(store))
    assert found["refused"] == [f"n{k}" for k in range(20, 100, 2)]
    assert found["undated"] == ["undated-1"] and found["count"] == 100
    assert found["months"] == ("jerks_per_h", "2025-02-01", "2026-01-01")
    assert found["labels"] == []
    assert of_nights.page(asked(store, {"year": "all"}))["months"] == []
    assert of_nights.page(asked(Store(night_names=["n-nap1"])))["of"] == "empty.html"
    with pytest.raises(UserError, match="no such measure"):
        of_nights.page(asked(store, {"measure": "x"}))


def test_a_night_that_is_not_stored_is_named_in_forty_signs():
    assert of_night.known_night(Store(is_stored=True), NIGHT) == NIGHT
    with pytest.raises(UserError) as error:
        of_night.known_night(Store(is_stored=False), "x" * 41)
    assert f"The night {'x' * 40} is not stored" in str(error.value)


# --- one event -----------------------------------------------------------------------------------


def event(no, device="a"):
    made = {"no": no, "device_id": device, "log_id": 5, "seq": 10 + no, "kind": "jerk"}
    return made | {"label": "me" if no == 1 else None, "waveform": None, "start_ms": 0}


@pytest.mark.parametrize(
    ("no", "before", "after", "label"), [(1, None, 2, "me"), (2, 1, 4, ""), (4, 2, None, "")]
)
def test_an_event_leads_to_the_one_before_and_the_one_behind(
    given, monkeypatch, no, before, after, label
):
    events = [event(1), event(2, "b"), event(4)]
    monkeypatch.setattr(of_event, "numbered", lambda store, night: events)
    monkeypatch.setattr(of_event, "known_night", lambda store, night: night)
    seen = []

    def view(store, row, mine):
        seen.append([one["no"] for one in mine])
        return {"events": mine, "dated": True}

    monkeypatch.setattr(of_event, "band_view", view)
    for name in ("facts", "why_named"):
        monkeypatch.setattr(of_event, name, lambda event: [])
    monkeypatch.setattr(of_event, "time_of", lambda event, zone: zone)
    store = Store(nights=[{"zone": "UTC", "band": "calf"}])
    found = of_event.page(asked(store, night=NIGHT, no=no))
    assert (found["before"], found["after"], found["label"]) == (before, after, label)
    assert found["of"] == "event.html" and seen == [[2] if no == 2 else [1, 4]]
    assert store.done[-1] == ("nights", NIGHT, "b" if no == 2 else "a")
    assert (
        of_event.page(asked(store, {"part": "1"}, night=NIGHT, no=no))["of"] == "event_part.html"
    )


@pytest.mark.parametrize(("word", "kept"), [("me", "me"), ("", None), ("not_me", "not_me")])
def test_a_label_is_kept_or_taken_back(monkeypatch, word, kept):
    monkeypatch.setattr(of_event, "numbered", lambda store, night: [event(1), event(2)])
    monkeypatch.setattr(of_event, "known_night", lambda store, night: night)
    store = Store()
    answer = of_event.label(asked(store, form={"label": word}, night=NIGHT, no=2))
    assert store.done == [("label", "a", 5, 12, kept)]
    assert (answer.status_code, answer.headers["location"]) == (303, f"/night/{NIGHT}/event/2")
    answer = of_event.label(asked(store, form={"label": word, "json": "1"}, night=NIGHT, no=2))
    assert answer.status_code == 200
    with pytest.raises(UserError, match="Say of an event"):
        of_event.label(asked(store, form={"label": "x"}, night=NIGHT, no=2))


def test_a_kept_waveform_is_drawn_with_why_and_how_long(monkeypatch):
    found = SimpleNamespace(counts=[None] * 208, rate_hz=104.0)
    monkeypatch.setattr(of_event.waveform, "of_snippet", lambda snippet: found)
    drawn = []
    monkeypatch.setattr(of_event.drawn, "figure", lambda *what: drawn.append(what) or "svg")
    one = {"onset_sample": 1000, "duration_samples": 13, "waveform": {"why": ["first", "large"]}}
    made = of_event._waveform(one, "title")
    assert made == {"picture": "svg", "kept": "Kept as first, large: 2.00 s at 104.0 Hz."}
    assert drawn == [(found, 1000, 1013, "title")]
    one["waveform"] = {"why": []}
    assert of_event._waveform(one, "t")["kept"].startswith("Kept as asked for: ")


# --- what people say -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"), [(" door ", "door"), ("", "dashboard"), (" ", "dashboard")]
)
def test_a_list_of_stimuli_has_a_name(monkeypatch, name, kept):
    read = []
    monkeypatch.setattr(of_people, "known_night", lambda store, night: night)
    monkeypatch.setattr(of_people, "zone_info", lambda zone: zone)
    monkeypatch.setattr(
        of_people.stimuli,
        "read_csv",
        lambda *what: read.append(what) or (["x"] if what[0] else []),
    )
    rows = [{"zone": "Europe/Rome", "start_utc_ms": 7}, {"zone": "UTC", "start_utc_ms": 8}]
    store = Store(nights=rows)
    form = {"night": NIGHT, "name": name, "list": "text"}
    answer = of_people.add_stimuli(asked(store, form=form))
    assert read == [("text", "Europe/Rome", 7)]
    assert store.done[-1] == ("keep_stimuli", NIGHT, kept, ["x"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/diary")
    with pytest.raises(UserError, match="The list is empty"):
        of_people.add_stimuli(asked(store, form=form | {"list": ""}))


def test_an_entry_goes_through_the_diarys_own_check(monkeypatch):
    monkeypatch.setattr(of_people, "checked", lambda *what: what)
    store = Store()
    form = {"night": NIGHT, "what": "tea", "amount": "2", "unit": "cups", "at": "16:00"}
    answer = of_people.add_entry(asked(store, form=form))
    assert store.done == [("add_diary", (NIGHT, "tea", "2", "cups", "16:00", ""))]
    assert answer.status_code == 303
    assert of_people.remove_entry(asked(Store(), form={"entry": "3"})).status_code == 303


@pytest.mark.parametrize(("band", "device"), [("", None), ("a", "a"), ("x", "refused")])
def test_a_correction_is_of_a_band_of_that_night_or_of_all(band, device):
    store = Store(nights=[{"device_id": "a"}, {"device_id": "b"}])
    if device == "refused":
        with pytest.raises(UserError, match="did not record that night"):
            of_people._band(store, NIGHT, {"band": band})
    else:
        assert of_people._band(store, NIGHT, {"band": band}) == device
    assert of_people._band(store, NIGHT, {}) is None


def test_a_correction_leads_back_to_its_night(monkeypatch):
    monkeypatch.setattr(of_people, "known_night", lambda store, night: night)
    store = Store(edit="n2", undo_edit={"edit_id": 5}, night_of_edit="n3", nights=[])
    answer = of_people.correct(asked(store, form={"night": NIGHT, "bed": "22:00"}))
    assert answer.status_code == 303 and "n2" in answer.headers["location"]
    answer = of_people.undo(asked(store, form={"night": NIGHT}))
    assert answer.status_code == 303 and "n3" in answer.headers["location"]
    assert ("night_of_edit", 5) in store.done


def test_the_newest_of_three_nights_and_what_has_a_date():
    assert of_people._newest(["2026-01-11", "2026-01-12", "2026-01-13"]) == "2026-01-13"
    assert of_people._newest(["2026-01-11", "2026-01-11-nap1", "undated-10"]) == "2026-01-11"
    assert of_people._newest(["undated-2", "undated-3"]) == "" == of_people._newest([])


# --- bands ---------------------------------------------------------------------------------------


def test_a_band_is_named_with_its_side():
    store = Store()
    form = {"band": "a", "name": "calf", "limb": "calf", "side": "L"}
    answer = of_bands.name(asked(store, form=form))
    assert store.done == [("name_band", "a", "calf", "calf", "L")]
    assert (answer.status_code, answer.headers["location"]) == (303, "/bands")
    with pytest.raises(UserError, match="A side is"):
        of_bands.name(asked(store, form=form | {"side": "up"}))


def test_a_sync_is_begun_and_the_page_or_a_program_is_told():
    store = Store()
    answer = of_bands.sync(asked(store))
    assert (answer.status_code, answer.headers["location"]) == (303, "/bands")
    assert of_bands.sync(asked(store, form={"json": "1"})).body == b'{"s":1}'
    assert store.done == ["begun", "begun"]
    assert of_bands.progress(asked(store)).body == b'{"s":1}'


# --- addresses, the folder, the server -----------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "parts", "query", "address"),
    [
        ("", (), {}, "/"),
        ("", ("nights",), {"year": "all", "band": ""}, "/nights?year=all"),
        ("anna", ("night", "a/b"), {}, "/person/anna/night/a%2Fb"),
        ("anna", (), {"x": None}, "/person/anna/"),
    ],
)
def test_an_address_is_of_its_person_and_quotes_its_parts(person, parts, query, address):
    assert Asked(Path("f"), person=person).to(*parts, **query) == address


def test_people_are_the_folders_that_can_be_ones(tmp_path):
    for name in ("anna", "b.", "...", "eva"):
        (tmp_path / "people" / name).mkdir(parents=True)
    (tmp_path / "people" / "file").touch()
    assert Asked(tmp_path).people() == ["", "anna", "eva"]
    assert Asked(tmp_path / "none").people() == [""]
    assert Asked(tmp_path, person="anna").folder == tmp_path / "people" / "anna"


def test_nothing_is_written_where_nothing_is_stored(tmp_path):
    with pytest.raises(UserError, match="Nothing is stored yet"), Asked(tmp_path).writing():
        pass
    assert syncing._records(Asked(tmp_path)) == 0
    (tmp_path / "notturno.sqlite3").touch()
    there = SimpleNamespace(folder=tmp_path, reading=asked(Store(count_records=7)).reading)
    assert syncing._records(there) == 7


@pytest.mark.parametrize(
    ("host", "shown"), [("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")]
)
def test_the_address_that_is_told_leads_to_the_page_with_its_key(
    monkeypatch, tmp_path, host, shown
):
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6")
    said, opened, ran = [], [], []
    monkeypatch.setattr(
        serve.uvicorn, "Server", lambda c: SimpleNamespace(run=lambda sockets: ran.append(sockets))
    )
    monkeypatch.setattr(
        serve.threading,
        "Timer",
        lambda s, what, args: SimpleNamespace(start=lambda: opened.append(args)),
    )
    monkeypatch.setattr(serve.gc, "freeze", lambda: None)
    for browser in (True, False):
        serve.serve(tmp_path, "en", host=host, port=0, path="/x", browser=browser, say=said.append)
    (first, second) = said
    port = first.split("/x?token=")[0].rpartition(":")[2]
    assert first.startswith(f"http://{shown}:{port}/x?token=") and port != "0"
    assert opened == [(first,)] and len(ran) == 2 and first != second


def test_a_server_reads_heads_of_16_kilobytes_and_gives_up_idle_links():
    config = serve.config(SimpleNamespace())
    assert config.h11_max_incomplete_event_size == 16 * 1024
    assert (config.timeout_keep_alive, config.limit_concurrency) == (20, 64)
    assert config.timeout_graceful_shutdown == 2


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("application/json", "text/plain"), ("text/html", "text/html"), ("", "text/html")],
)
def test_what_a_person_got_wrong_is_a_page_or_for_a_program_a_sentence(
    monkeypatch, tmp_path, accept, kind
):
    def fails(asked):
        raise UserError("Not so.")

    state = SimpleNamespace(base=tmp_path, lang="en")
    request = SimpleNamespace(
        cookies={}, headers={"accept": accept}, app=SimpleNamespace(state=state)
    )
    monkeypatch.setattr(app, "_asked", lambda request, lang: None)
    monkeypatch.setattr(app.pages, "page", lambda back, name, title, sentence: f"<{sentence}>")
    answer = app._answer(request, fails)
    assert answer.status_code == 400 and answer.media_type == kind
    assert answer.body == (b"Not so." if kind == "text/plain" else b"<Not so.>")


@pytest.mark.parametrize(
    ("cookie", "lang", "spoken"), [("it", "en", "it"), ("xx", "it", "it"), (None, "it", "it")]
)
def test_a_page_is_in_the_language_that_was_chosen_or_else_in_the_servers(
    monkeypatch, tmp_path, cookie, lang, spoken
):
    from notturno.words import language

    cookies = {} if cookie is None else {app.LANGUAGE: cookie}
    state = SimpleNamespace(base=tmp_path, lang=lang)
    request = SimpleNamespace(cookies=cookies, headers={}, app=SimpleNamespace(state=state))
    monkeypatch.setattr(app, "_asked", lambda request, lang: lang)
    answer = app._answer(request, lambda asked: f"{asked} {language()}")
    assert answer.body == f"{spoken} {spoken}".encode() and answer.status_code == 200


def test_the_style_of_pictures_comes_with_that_of_the_page():
    from notturno.charts.svg import STYLE
    from notturno.dashboard import pages

    text, kind = pages.static("page.css")
    own = (Path(pages.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
    assert (text, kind) == (STYLE + own, "text/css")
    text, kind = pages.static("page.js")
    assert kind == "text/javascript" and "--ink" not in text
