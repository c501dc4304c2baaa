"""The dashboard's nights: the last, one event, and many; the store's own figures."""

import re

import months
import pytest
from notturno.charts.trend import heading
from notturno.dashboard import of_night
from notturno.dashboard.of_night import A_PAGE, headline, verdict_text
from notturno.nights.columns import DEFAULT_MEASURES
from notturno.scoring.manynights import figures, usable
from notturno.store import Store
from notturno.views.events import numbered
from notturno.views.night import night_view
from visitor import Elements, Visitor, text_of

LAST = months.LAST
VIEWS = ("/", "/nights", "/compare", "/diary", "/corrections", "/bands", "/about")
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def view_of(folder, night):
    with Store.open(folder, create=False) as store:
        return night_view(store, night)


# --- last night -------------------------------------------------------------------------------


def test_the_verdict_stands_first_and_each_leg_says_its_own(here, fortnight):
    view = view_of(fortnight, LAST)
    found = Elements(here.page("/"))
    assert [text for _, text in found.of("h1")] == [headline(view)]
    row = view["person"][0]
    assert f"{row['jerks']} jerks on both legs, {row['jerks_per_h']:.1f} an hour" in headline(view)
    usual = view["person_usual"][0]["jerks_per_h"]["typical"]
    assert headline(view).endswith(f"; usually {usual:.1f}")
    told = [text for attributes, text in found.of("p") if attributes.get("class") == "verdict"]
    assert told == [verdict_text(band["verdict"]) for band in view["bands"]]


def test_a_rate_of_both_legs_that_is_refused_says_why_where_a_finger_can_read_it(
    here, monkeypatch
):
    def clocks_apart(store, night):
        view = night_view(store, night)
        apart = {"refused": "The clocks may differ by 9 s", "code": "clocks"}
        for key in ("plms_per_h_wasm2016", "plms_per_h_aasm3"):
            view["person"][0][key] = None
            view["person"][0]["refusals"] = {**view["person"][0]["refusals"], key: apart}
        return view

    monkeypatch.setattr(of_night, "night_view", clocks_apart)
    page = here.page("/")
    (both,) = re.findall(r'<section aria-label="Both legs">.*?</section>', page, re.DOTALL)
    told = [text_of(line) for line in re.findall(r'<p class="soft">.*?</p>', both)]
    assert told[-1] == (
        "PLMS (WASM 2016) per hour of sleep, PLMS (AASM v3) per hour of sleep: "
        "The clocks may differ by 9 s"
    )


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (("quiet", 12, 1.91, 3.14), "A quiet night: 12 jerks, 1.9 an hour; usually 3.1"),
        (("restless", 1, 0.26, 0.1), "A restless night: 1 jerk, 0.3 an hour; usually 0.1"),
        (("like_others", 0, 0.0, 0.0), "A night like others: 0 jerks, 0.0 an hour; usually 0.0"),
        (("first", 5, 0.7, None), "The night: 5 jerks, 0.7 an hour"),
        (("refused", 5, None, None), "This night gives no rate"),
        (("running", 5, None, None), "This night is still running"),
    ],
)
def test_a_verdict_is_one_sentence(verdict, said):
    keys = ("code", "jerks", "jerks_per_h", "usually_per_h")
    assert verdict_text(dict(zip(keys, verdict, strict=True))) == said


def test_rates_stand_beside_what_is_usual(here, fortnight):
    view = view_of(fortnight, LAST)
    tables = Elements(here.page("/")).found
    rows = [" ".join(one[2].split()) for one in tables if one[0] == "tr" and "tbody" in one[3]]
    for band in view["bands"]:
        for key in DEFAULT_MEASURES:
            usual = band["usual"][key]
            wanted = f"{heading(key)} {band['row'][key]:.1f}"
            line = next(row for row in rows if row.startswith(wanted))
            assert line.endswith(
                f"{usual['typical']:.1f} {usual['low']:.1f} – {usual['high']:.1f}"
            )


def test_every_event_is_in_the_list_and_in_the_picture_once(here, fortnight):
    view = view_of(fortnight, LAST)
    events = [event for band in view["bands"] for event in band["events"]]
    page = here.page("/?kind=all")
    listed = re.findall(r'<tr data-no="(\d+)"', page)
    assert sorted(map(int, listed)) == sorted(event["no"] for event in events)
    drawn = re.findall(r'(?:<line|<rect|<use)[^>]* data-no="(\d+)"', page)
    kinds = ("jerk", "lm", "rhythm", "posture")
    assert sorted(map(int, drawn)) == sorted(e["no"] for e in events if e["kind"] in kinds)
    counted = re.findall(r'<tr data-no="(\d+)"', here.page("/?kind=jerk"))
    jerks = [e["no"] for e in events if e["kind"] == "jerk" and e["left_out"] is None]
    assert sorted(map(int, counted)) == sorted(jerks) and len(jerks) > 3
    assert len(counted) == sum(band["row"]["jerks"] for band in view["bands"])


def test_a_night_that_may_not_be_read_says_so_first_and_why(month):
    with Store.open(month) as store:
        store.edit(LAST, None, {"exclude": NASTY})
    page = Visitor.open(month).page("/")
    assert "This night gives no rate" in page
    assert page.count('class="warn"') == 2 and "Left out by the person" in page
    assert "<script>alert" not in page and "<img src=x" not in page and "{{7*7}}" in page


def test_an_empty_folder_and_wrong_names_are_pages_too(tmp_path):
    visitor = Visitor.open(tmp_path)
    for path in VIEWS:
        visitor.page(path)
    assert "No night is stored yet" in visitor.page("/")
    assert list(tmp_path.iterdir()) == []  # looking makes nothing
    for path in ("/night/2026-01-01", "/night/2026-01-01/event/1", "/nights?measure=x"):
        answer = visitor.get(path)
        assert answer.status in (200, 400) and "Traceback" not in answer.text
    assert visitor.post("/diary", night=LAST, what="x").status == 400
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", ["0", "-1", "999999999", "x", "", "²", "1e9"])
def test_any_part_of_the_list_is_a_part_that_is_there(here, part):
    assert '<tr data-no="' in here.page(f"/?kind=all&part={part}")


def test_a_long_night_is_listed_in_parts_that_hold_each_event_once(tmp_path):
    months.fill(tmp_path, 1, legs=1, per_night=230, snippets=False)
    visitor, seen = Visitor.open(tmp_path), []
    for part in (1, 2, 3, 4):
        found = re.findall(r'<tr data-no="(\d+)"', visitor.page(f"/?kind=all&part={part}"))
        assert 0 < len(found) <= A_PAGE
        seen += found
    assert len(seen) == len(set(seen)) == len(view_of(tmp_path, LAST)["bands"][0]["events"])


# --- one event --------------------------------------------------------------------------------


def test_an_event_shows_its_waveform_its_facts_and_why_it_bears_its_name(here, fortnight):
    with Store.open(fortnight, create=False) as store:
        events = numbered(store, LAST)
    event = next(e for e in events if e["waveform"] is not None)
    page = here.page(f"/night/{LAST}/event/{event['no']}")
    text = text_of(page)
    assert f"Event {event['no']}: jerk" in text and f"peak {event['peak_mg']} mg" in text
    assert page.count('class="curve"') == 4  # three axes and their norm
    assert "A jerk: short and sharp" in text and "It counts." in text and "Kept as" in text
    bare = next(e for e in events if e["waveform"] is None and e["left_out"] == "in_lm")
    page = here.page(f"/night/{LAST}/event/{bare['no']}")
    assert "The band kept no waveform of it." in page
    assert "It does not count: in a longer movement." in page
    part = here.page(f"/night/{LAST}/event/{bare['no']}?part=1")
    assert "<html" not in part and "<h3>" in part
    assert here.get(f"/night/{LAST}/event/99999").status == 400


def test_an_event_leads_to_its_neighbours(here, fortnight):
    with Store.open(fortnight, create=False) as store:
        numbers = [event["no"] for event in numbered(store, LAST)]
    for at in (0, 1, len(numbers) - 1):
        page = here.page(f"/night/{LAST}/event/{numbers[at]}")
        for rel, beside in (("prev", numbers[at - 1 : at]), ("next", numbers[at + 1 : at + 2])):
            found = re.findall(rf'<a rel="{rel}" href="[^"]*/event/(\d+)', page)
            assert found == [str(no) for no in beside], (rel, at)


def test_one_key_labels_an_event_and_takes_it_back(visitor, month):
    with Store.open(month, create=False) as store:
        event = numbered(store, LAST)[0]
    where = f"/night/{LAST}/event/{event['no']}"

    def stored():
        with Store.open(month, create=False) as store:
            return numbered(store, LAST)[0]["label"]

    for word, told in (("me", "me"), ("not_me", "not me"), ("awake", "was awake")):
        answer = visitor.post(where, label=word, json="1")
        assert answer.json() == {"no": event["no"], "label": word, "words": told}
        assert stored() == word
        assert f">{told}</td>" in visitor.page("/?kind=all")
        pressed = re.findall(r'value="(\w+)" aria-pressed="true"', visitor.page(where))
        assert pressed == [word]
    assert visitor.did(where, label="") == where
    assert stored() is None
    assert visitor.post(where, label="partner").status == 400 and stored() is None
    error = visitor.post(where, {"accept": "application/json", "origin": "http://127.0.0.1:8765"})
    assert error.status == 303  # no label: taken back


# --- many nights ------------------------------------------------------------------------------


def test_the_calendar_holds_every_night_and_shows_the_refused_as_such(here, fortnight):
    with Store.open(fortnight, create=False) as store:
        rows = store.person_nights(store.night_names())
    page = here.page("/nights")
    cells = dict(re.findall(r'<a class="(?:\w+)" href="/night/([\d-]+)" title="([^"]+)"', page))
    assert sorted(cells) == [row["night"] for row in rows]
    for row in rows:
        value = row["jerks_per_h"]
        wanted = "no figure" if value is None else f"{value:.2f}"
        assert cells[row["night"]] == f"{row['night']}: {wanted}"
    refused = [row["night"] for row in rows if row["jerks_per_h"] is None]
    assert refused and page.count('<a class="refused"') == len(refused)
    assert f"{len(refused)} nights without this figure" in page


def test_the_darkest_day_is_the_one_with_most(here):
    page = here.page("/nights?measure=jerks")
    shades = re.findall(r'class="shade(\d)"[^>]*title="[\d-]+: ([\d.]+)"', page)
    by_value = sorted((float(value), int(shade)) for shade, value in shades)
    assert [shade for _, shade in by_value] == sorted(shade for _, shade in by_value)
    assert by_value[-1][1] >= 4 and by_value[0][1] < by_value[-1][1]


def test_any_measure_and_either_leg_can_be_looked_at(here):
    for key in ("plms_per_h_aasm3", "periodicity_index", "asleep_h", "largest_mg"):
        assert heading(key) in here.page(f"/nights?measure={key}")
    left = here.page(f"/nights?band={months.DEVICE}")
    assert '<option value="' + months.DEVICE + '" selected>calf-left' in left
    assert left != here.page(f"/nights?band={months.RIGHT}")
    assert here.get("/nights?measure=jerks'--").status == 400


def test_the_trend_says_what_the_statistics_say(here, fortnight):
    with Store.open(fortnight, create=False) as store:
        rows = store.nights(device_id=months.DEVICE)
        tags = store.tags()
    found = figures.of_band(rows, tags, "phase", ("jerks_per_h",))
    text = text_of(here.page(f"/nights?band={months.DEVICE}"))
    trend = found["measures"]["jerks_per_h"]["trend"]
    assert f"{trend['direction']}; {trend['trend_per_week']:.1f} % a week" in text
    for group in found["groups"]:
        typical = group["measures"]["jerks_per_h"]["typical"]
        if isinstance(typical, float):
            assert f"{group['name']}: typically {typical:.2f}" in text


def test_two_phases_are_compared_as_everywhere(here, fortnight):
    with Store.open(fortnight, create=False) as store:
        rows, tags = store.nights(device_id=months.DEVICE), store.tags()
    two = usable.two_phases(rows, tags, "before", "clonazepam")
    found = figures.compare_band(two, ("lms_per_h",))["measures"]["lms_per_h"]
    path = f"/compare?first=before&second=clonazepam&measure=lms_per_h&band={months.DEVICE}"
    text = text_of(here.page(path))
    assert f"clonazepam has {found['ratio']:.2f} times as many as before" in text
    assert f"interval {found['ratio_low']:.2f} to {found['ratio_high']:.2f}" in text
    assert f"to {found['smallest_change']:.2f} times" in text
    swapped = path.replace("first=before", "first=x").replace("=clonazepam", "=before")
    assert "There is no phase x" in text_of(here.page(swapped))
    assert "name two different ones" in text_of(here.page("/compare?first=before&second=before"))


def test_the_nights_page_tells_what_the_labels_say_by_kind_and_size(month):
    from notturno.views.many import ppv_of_labels

    text = Visitor.open(month).get("/nights").text
    with Store.open(month, create=False) as store:
        found = ppv_of_labels(store)
    table = text.partition('id="labels-title"')[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(\d+)</td><td>(\d+)</td>', table)
    shares = [found["all"], *found["by_kind"].values(), *found["by_size"]]
    assert [(int(n), int(own)) for _, n, own in rows] == [
        (share["labelled"], share["own"]) for share in shares
    ]
    assert rows[0][0] == "all" and rows[4][0] == "jerks of 0 to 20 mg"
    assert found["all"]["labelled"] > 0
