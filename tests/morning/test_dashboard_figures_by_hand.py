"""What the dashboard says of nights, events and bands made by hand: each where it turns."""

import asyncio
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")
from notturno.dashboard import guard, of_bands, of_event, of_night, of_nights, say  # noqa: E402
from notturno.errors import UserError  # noqa: E402
from notturno.words import speaking  # noqa: E402

NO = {"refused": "Too few nights.", "code": "too_few_nights"}
SHORT = {"refused": "It was too short.", "code": "too_short"}

# --- how things are said -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (None, 1, "–"),
        (NO, 1, "–"),
        (1.25, 1, "1.2"),
        (1.25, 2, "1.25"),
        (7, 2, "7"),
        (0.0, 1, "0.0"),
    ],
)
def test_a_figure_has_its_digits_where_it_has_a_fraction(value, digits, said):
    assert say.num(value, digits) == said


def test_a_reason_is_said_where_there_is_no_figure():
    assert say.reason(NO) == "Too few nights." and say.reason(1.0) == "" == say.reason({"a": 1})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-01-12", "12 January 2026"),
        ("2026-01-12-nap2", "12 January 2026, nap 2"),
        ("2026-01-12-nap-3", "12 January 2026, nap 3"),
        ("undated-1", "undated-1"),
    ],
)
def test_a_night_is_its_date_or_its_name(name, said):
    assert say.night_text(name) == said == say.night_text({"night": name})


def test_a_time_is_the_clocks_or_minutes_from_the_start():
    assert say.time_of({"start_ms": 90_000}, None) == "+1.5 min"
    assert say.time_of({"start_ms": 1_768_253_400_000}, "Europe/Rome") == "22:30:00"
    assert say.moment(None, "UTC") == "–"
    assert say.moment(1_768_253_400_000, "Europe/Rome").startswith("2026-01-12 22:30")


# --- one night -----------------------------------------------------------------------------------


def verdict(code="like_others", usually=2.0, jerks=9, rate=1.25):
    made = {"code": code, "jerks": jerks, "jerks_per_h": rate, "usually_per_h": usually}
    return made | {"reason": None}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (verdict("quiet"), "A quiet night: 9 jerks, 1.2 an hour; usually 2.0"),
        (verdict("restless", jerks=1), "A restless night: 1 jerk, 1.2 an hour; usually 2.0"),
        (verdict("first", None), "The night: 9 jerks, 1.2 an hour"),
        (verdict("first", None, 1), "The night: 1 jerk, 1.2 an hour"),
        (verdict("running"), "This night is still running"),
        (verdict("refused"), "This night gives no rate"),
    ],
)
def test_a_verdict_is_a_sentence(one, said):
    assert of_night.verdict_text(one) == said


def view(*codes, person=None, found=None):
    bands = [{"verdict": verdict(code)} for code in codes]
    return {
        "bands": bands,
        "person": [] if person is None else [person],
        "person_verdict": [found or verdict()],
    }


PERSON = {"refusal": None, "jerks_per_h": 3.5, "jerks": 25}


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (view("quiet"), "A quiet night: 9 jerks, 1.2 an hour; usually 2.0"),
        (view("running", "running", person=PERSON), "This night is still running"),
        (view("refused", "refused"), "This night gives no rate"),
        (view("refused", "running"), "This night has no figure of both legs"),
        (view("quiet", "quiet"), "This night has no figure of both legs"),
        (
            view("quiet", "quiet", person=PERSON),
            "A night like others: 25 jerks on both legs, 3.5 an hour; usually 2.0",
        ),
        (
            view("quiet", "refused", person=PERSON | {"jerks": 1}, found=verdict("first", None)),
            "The night: 1 jerk on both legs, 3.5 an hour",
        ),
        (
            view("quiet", "quiet", person=PERSON | {"refusal": NO}),
            "This night has no figure of both legs",
        ),
        (
            view("quiet", "quiet", person=PERSON | {"jerks_per_h": None}),
            "This night has no figure of both legs",
        ),
    ],
)
def test_the_first_sentence_is_of_one_band_or_of_both_legs(one, said):
    assert of_night.headline(one) == said


def row(**values):
    made = {"jerks_per_h": 1.5, "refusals": {}, "refusal": None, "warnings": []}
    made |= {"state": "complete", "state_reason": "It goes on.", "excluded": None}
    return made | {"clock": "measured", "clock_error_ms": 20} | values


def test_a_rate_stands_beside_what_is_usual_or_with_why_it_is_not():
    known = {"typical": 2.0, "low": 1.0, "high": 3.0, "nights": 9, "tonight": "within"}
    found = of_night._rate(row(), "jerks_per_h", known)
    assert (found["value"], found["why"], found["no_usual"]) == (1.5, "", "")
    assert [found[key] for key in ("usual", "low", "high", "nights", "place")] == [
        *(2.0, 1.0, 3.0, 9),
        "within",
    ]
    found = of_night._rate(row(jerks_per_h=None, refusal=SHORT), "jerks_per_h", NO)
    assert (found["why"], found["no_usual"]) == ("It was too short.", "Too few nights.")
    assert [found[key] for key in ("usual", "low", "high", "nights", "place")] == [
        *(None, None, None, 0),
        None,
    ]
    assert of_night._rate(row(), "jerks_per_h", None)["no_usual"] == ""
    assert of_night._why(row(jerks_per_h=None), "jerks_per_h") == ""


@pytest.mark.parametrize(
    ("key", "unit", "digits"),
    [("recorded_h", "h", 1), ("largest_mg", "mg", 1), ("jerks", "", 1), ("gaps", "", 1)]
    + [("periodicity_index", "", 2)],
)
def test_a_figure_has_its_unit(key, unit, digits):
    found = of_night._figure(row(**{key: 3}), key)
    assert (found["value"], found["unit"], found["digits"], found["why"]) == (3, unit, digits, "")
    assert of_night._figure(row(**{key: None}, refusal=SHORT), key)["why"] == "It was too short."


@pytest.mark.parametrize(
    ("values", "notes"),
    [
        ({}, []),
        ({"warnings": ["Look.", "Look."]}, ["Look."]),
        ({"state": "open"}, ["It goes on."]),
        ({"excluded": "ill"}, ["Left out by you: ill"]),
        ({"clock": "unknown"}, ["The band's clock was not set: times since its start."]),
        ({"clock_error_ms": 60_000}, []),
        ({"clock_error_ms": 60_001}, ["Times may be off by up to 1 min."]),
        ({"clock_error_ms": 210_000}, ["Times may be off by up to 4 min."]),
        ({"clock_error_ms": None}, []),
    ],
)
def test_what_has_to_be_said_of_a_night(values, notes):
    assert of_night._notes(row(**values)) == notes


def test_what_was_left_out_is_summed_by_its_words():
    counts = {"jerks_left_out": {"in_awake": 2, "in_lm": 1}, "lms_left_out": {"awake": 3}}
    found = dict(of_night._left_out(row(**counts, rhythms_left_out=None)))
    assert sum(found.values()) == 6 and found["while awake"] >= 2


def an_event(no, kind="jerk", left_out=None):
    return {"no": no, "kind": kind, "left_out": left_out}


def chosen(events, **query):
    return of_night._chosen(SimpleNamespace(query=query), events)


@pytest.mark.parametrize(
    ("kind", "shown"), [("moves", [1, 2, 3]), ("jerk", [1]), ("all", [1, 2, 3, 4])]
)
def test_events_are_shown_by_their_kind(kind, shown):
    events = [an_event(1), an_event(2, left_out="in_awake"), an_event(3, "lm")]
    found, more = chosen([*events, an_event(4, "posture")], kind=kind)
    assert [event["no"] for event in found] == shown and more["count"] == len(shown)
    assert more["wanted"] == kind
    assert [value for value, _, is_it in more["kinds"] if is_it] == [kind]
    with pytest.raises(UserError, match="no such choice"):
        chosen(events, kind="x")


@pytest.mark.parametrize(
    ("part", "number", "first", "length"),
    [
        ("1", 1, 1, 100),
        ("2", 2, 101, 100),
        ("3", 3, 201, 1),
        ("4", 3, 201, 1),
        ("0", 1, 1, 100),
        ("99999", 3, 201, 1),
        ("999999", 1, 1, 100),
        ("x", 1, 1, 100),
        ("\u0662", 1, 1, 100),
    ],
)
def test_a_page_holds_a_hundred_events(part, number, first, length):
    found, more = chosen([an_event(k + 1) for k in range(201)], part=part)
    assert (more["part"], more["parts"], found[0]["no"], len(found)) == (number, 3, first, length)


@pytest.mark.parametrize(("events", "parts"), [(0, 1), (1, 1), (100, 1), (101, 2), (200, 2)])
def test_there_are_as_many_parts_as_hold_all_and_one_at_least(events, parts):
    assert chosen([an_event(k) for k in range(events)])[1]["parts"] == parts


# --- many nights ---------------------------------------------------------------------------------


def trend(change=-1.25, unit="% a week", direction="falling"):
    return {
        "trend": {"trend_per_week": change, "trend_low": -3.0, "trend_high": 1.0}
        | {"unit": unit, "direction": direction}
    }


def test_what_is_typical_and_the_trend_are_said_with_their_unit():
    from notturno.scoring.manynights.trends import PERCENT_A_WEEK

    level = {"name": "all nights", "nights": 9, "typical": 4.0, "low": 3.0, "high": 5.25}
    assert of_nights._lines(trend(unit=PERCENT_A_WEEK), [level]) == [
        "all nights: typically 4.00, the middle half of 9 nights 3.00 to 5.25.",
        "Trend over all of it: falling; -1.2 % a week (95 % interval -3.0 % to 1.0 %).",
    ]
    assert of_nights._lines(trend(unit="h a week", direction="rising"), []) == [
        "Trend over all of it: rising; -1.2 a week (95 % interval -3.0 to 1.0)."
    ]
    assert of_nights._lines(trend(NO), []) == ["No trend: Too few nights."]
    assert of_nights._lines(None, []) == []


def test_without_a_line_through_them_are_more_than_400_nights(monkeypatch):
    measured = {"measures": {"x": "m"}, "groups": []}
    measured["measures"]["x"] = {"typical": NO, "variability": {}}
    monkeypatch.setattr(of_nights.figures, "of_band", lambda *a: measured)
    monkeypatch.setattr(of_nights.refusals, "to_json", lambda whole: whole)
    assert of_nights._over([{}] * 400, [], "x") == (measured["measures"]["x"], [])
    assert of_nights._over([{}] * 401, [], "x") == (None, []) == of_nights._over([], [], "x")


def test_a_level_is_drawn_where_there_is_one_with_its_middle_half(monkeypatch):
    def group(name, typical=4.0, spread=None):
        level = {"typical": typical, "usable_nights": 9}
        level["variability"] = {"quartiles": (3.0, 5.0)} if spread is None else spread
        made = {"name": name, "first_night": "a", "last_night": "b"}
        return made | {"measures": {"x": level}}

    groups = [group("one"), group("two", NO), group("three", spread=NO)]
    whole = group("whole") | {"groups": groups}
    monkeypatch.setattr(of_nights.figures, "of_band", lambda *a: whole)
    monkeypatch.setattr(of_nights.refusals, "to_json", lambda whole: whole)
    found, levels = of_nights._over([{}], [], "x")
    assert found is whole["measures"]["x"]
    level = {"first_night": "a", "last_night": "b", "nights": 9, "typical": 4.0}
    level |= {"low": 3.0, "high": 5.0}
    assert levels == [level | {"name": "one"}]
    whole["groups"] = []
    assert of_nights._over([{}], [], "x")[1] == [level | {"name": "all nights"}]


def asked(**query):
    return SimpleNamespace(query=query, to=lambda *parts: "/" + "/".join(parts))


def day_row(day, value):
    return {"date": f"2026-02-{day:02}", "jerks_per_h": value}


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (0.0, "shade1", "2026-02-03: 0.00"),
        (1.99, "shade1", "2026-02-03: 1.99"),
        (2.0, "shade2", "2026-02-03: 2.00"),
        (9.99, "shade5", "2026-02-03: 9.99"),
        (10.0, "shade5", "2026-02-03: 10.00"),
        (-1.0, "shade1", "2026-02-03: -1.00"),
        (None, "refused", "2026-02-03: no figure"),
    ],
)
def test_a_day_has_one_of_five_shades(value, kind, words):
    found = of_nights._day(asked(), "2026-02-03", 3, day_row(3, value), "jerks_per_h", 10.0)
    assert (found["kind"], found["words"]) == (kind, words)
    assert (found["number"], found["href"]) == (3, "/night/2026-02-03")
    none = of_nights._day(asked(), "2026-02-03", 3, None, "jerks_per_h", 10.0)
    assert none == {"number": 3, "href": "", "kind": "none", "words": ""}


def months(rows, since, until, **query):
    return of_nights._months(asked(**query), rows, "jerks_per_h", since, until)


def test_a_month_begins_on_its_weekday_and_has_its_days():
    """1 February 2026 was a Sunday: six places before it in a week from Monday on."""
    (found,) = months([day_row(1, 5.0), day_row(28, None)], "2025-12-01", "2026-02-28")
    assert found["name"] == "Feb 2026" and found["days"][:6] == [None] * 6
    days = found["days"][6:]
    assert [day["number"] for day in days] == list(range(1, 29))
    assert [day["kind"] for day in days] == ["shade5", *["none"] * 26, "refused"]


def test_of_a_year_that_is_asked_for_all_months_are_shown():
    found = months([day_row(1, 5.0)], "2026-01-01", "2026-12-31", year="2026")
    assert [month["name"] for month in found][::11] == ["Jan 2026", "Dec 2026"]
    assert len(found) == 12
    names = [month["name"] for month in months([], "2025-11-01", "2026-02-03", year="x")]
    assert names == ["Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026"]


def test_the_darkest_shade_is_of_the_axis_end():
    """Of five shades up to 4 an hour each is 0.8 wide: 1 lies in the second."""
    (found,) = months([day_row(1, 4.0), day_row(2, 1.0)], "2026-02-01", "2026-02-28")
    assert [day["kind"] for day in found["days"][6:8]] == ["shade5", "shade2"]
    (flat,) = months([day_row(1, 0.0)], "2026-02-01", "2026-02-28")
    assert flat["days"][6]["kind"] == "shade1"


def test_what_labels_say_is_a_line_a_kind_and_a_size():
    share = {"ppv": 0.9, "labelled": 12}
    sizes = [share | {"from_mg": 0, "to_mg": 20}, {"ppv": NO, "from_mg": 200, "to_mg": None}]
    found = of_nights._of_labels({"all": share, "by_kind": {"lm": share}, "by_size": sizes})
    assert [one["name"] for one in found] == [
        *("all", "limb movement", "jerks of 0 to 20 mg"),
        "jerks of 200 mg and more",
    ]
    assert [one["why"] for one in found] == ["", "", "", "Too few nights."]


class Nights:
    """A store of nights of two bands."""

    def __init__(self, rows, persons=()):
        self.rows, self.persons, self.asked = rows, list(persons), []

    def bands(self):
        return [{"device_id": "a", "name": "calf"}, {"device_id": "b", "name": ""}]

    def nights(self, **values):
        self.asked.append(values)
        return self.rows

    def person_nights(self, names):
        return self.persons


def test_nights_are_of_both_legs_of_the_band_asked_for_or_of_the_newest():
    rows = [{"night": "n1", "device_id": "a"}, {"night": "n2", "device_id": "b"}]
    store = Nights(rows)
    assert of_nights.rows_of(store, "a", "s", "u") == (rows[:1], [("a", "calf"), ("b", "b")], "a")
    assert store.asked == [{"since": "s", "until": "u"}]
    assert of_nights.rows_of(store, "x")[0::2] == (rows[1:], "b")
    assert of_nights.rows_of(Nights([]), "x")[0::2] == ([], "")
    both = Nights(rows, [{"night": "n1"}])
    found, known, band = of_nights.rows_of(both, "")
    assert (found, band, known[0]) == ([{"night": "n1"}], "both", ("both", "both legs"))
    assert of_nights.rows_of(both, "b")[0] == rows[1:]


# --- events and bands ----------------------------------------------------------------------------


def event(**values):
    made = {"kind": "jerk", "kind_band": "jerk", "flag_names": [], "left_out": None}
    made |= {"duration_s": 0.256, "peak_mg": 80, "confidence_pct": 70, "rhythm_hz": None}
    made |= {"peak_jerk_mg_per_s": 1234, "floor_mg": 2.25, "beats": None}
    names = ("quick_peak_mg", "slow_peak_mg", "effective_ms", "morph_ms", "bursts", "cycles")
    names += ("later_pct",)
    return made | dict.fromkeys(names) | values


def test_an_event_has_its_figures_with_units_and_no_others():
    assert of_event.facts(event()) == [
        ("lasts", "0.26 s"),
        ("peak", "80 mg"),
        ("confidence", "70 %"),
        ("sharpness", "1,234 mg/s"),
        ("noise of the minute", "2.2 mg"),
    ]
    assert len(of_event.facts(event(kind="posture"))) == 3
    found = dict(of_event.facts(event(rhythm_hz=1.26, beats=1, bursts=2, effective_ms=140)))
    assert found["pace"] == "1.3 Hz, 1 beat"
    assert (found["bursts"], found["effective length"]) == ("2", "140 ms")


def test_why_an_event_bears_its_name():
    assert of_event.why_named(event())[1:] == ["It counts."]
    assert of_event.why_named(event(left_out="in_awake"))[-1] == "It does not count: while awake."
    found = of_event.why_named(event(kind_band="lm", flag_names=["clipped", "other"]))
    assert found[1:] == [
        "The band itself had called it: limb movement.",
        "It reached the sensor's full scale: it was stronger than it says.",
        "It counts.",
    ]
    assert len(of_event.why_named(event(kind="gap", kind_band="gap"))) == 1
    assert of_event.why_named(event(kind="new", kind_band="new")) == []


def test_an_event_without_a_waveform_has_no_picture():
    assert of_event._waveform({"waveform": None}, "t") == {"picture": None, "kept": ""}


NOW_MS = 1_768_253_400_000


def in_words(**values):
    made = {"newest_utc_ms": NOW_MS - 7_200_000, "seen_utc_ms": None, "limb": "calf", "side": "L"}
    made |= {"battery_mv": 0, "firmware": "", "waiting": 0, "last": None} | values
    of_bands._in_words(made, "Europe/Rome", NOW_MS, "here")
    return made


def test_a_band_is_told_in_words_with_what_its_last_night_knows():
    found = in_words()
    assert (found["place"], found["age"], found["seen"]) == ("calf, left", "2 hours", "–")
    assert (found["waits"], found["clock"], found["key"]) == ("", "", "here")
    assert found["newest"].startswith("2026-01-12 20:30") and found["battery"] == "-"
    last = {"battery_mv": 4200, "firmware": "0.1.0", "clock": "unknown"}
    found = in_words(last=last, waiting=1, side="", newest_utc_ms=NOW_MS + 5)
    assert (found["place"], found["firmware"], found["age"]) == ("calf", "0.1.0", "0 minutes")
    assert found["waits"] == "1 record waits on it" and found["battery"] == "~100 %"
    found = in_words(last=last, waiting=2, limb="", side="R", newest_utc_ms=None, firmware="0.2")
    assert (found["waits"], found["age"], found["place"]) == ("2 records wait on it", "", "right")
    assert found["firmware"] == "0.2"


# --- the door ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("port", "bare"), [(80, True), (81, False), (8765, False)])
def test_a_host_without_a_port_is_ours_on_the_webs_own_alone(port, bare):
    hosts = guard.Guard(None, port).hosts
    assert f"localhost:{port}" in hosts and ("localhost" in hosts) is bare
    assert len(hosts) == (6 if bare else 3)


def body_of(*messages):
    sent = iter(messages)

    async def receive():
        return next(sent)

    return asyncio.run(guard._body(receive))


def part(data, more=False):
    return {"type": "http.request", "body": data, "more_body": more}


def test_a_body_is_a_million_bytes_at_most_over_all_of_its_parts():
    half = b"x" * 500_000
    assert body_of(part(half, True), part(half)) == half + half
    assert body_of(part(half, True), part(half, True), part(b"x")) is None
    assert body_of(part(b"a", True), {"type": "http.disconnect"}) is None
    assert body_of({"type": "http.request"}) == b""


def test_a_form_has_fifty_fields_at_most_and_the_last_of_a_name_holds():
    fifty = "&".join(f"f{k}=1" for k in range(50)).encode()
    assert len(guard._form(fifty)) == 50 and guard._form(fifty + b"&g=1") == {}
    assert guard._form(b"a=1&a=2&b=") == {"a": "2", "b": ""}
    assert guard._form(b"\xff") == {}
    query = {"query_string": fifty + b"&g=1"}
    assert guard._query(query) == {} and len(guard._query({"query_string": fifty})) == 50


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://h"}, True),
        ({"origin": "http://h", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "null"}, False),
        ({}, False),
        ({"origin": "http://other", "sec-fetch-site": "same-origin"}, False),
    ],
)
def test_who_sent_a_form(headers, ours):
    assert guard._same_origin(headers, "h") is ours


def test_a_page_speaks_italian_where_it_is_spoken():
    with speaking("it"):
        assert say.num(1.25, 2) == "1,25"
