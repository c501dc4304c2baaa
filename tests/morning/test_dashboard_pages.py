"""What the dashboard shows and keeps: the store's own figures, and nothing that breaks out."""

import json
import re
import sys
import time
from datetime import date, timedelta

import months
import pytest
from notturno.charts import page as of_chart
from notturno.charts import svg
from notturno.charts.page import nights_figure
from notturno.charts.trend import heading
from notturno.dashboard import pages, syncing
from notturno.dashboard.asked import Asked
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
MOST_BYTES = 150_000


@pytest.fixture
def here(fortnight):
    return Visitor.open(fortnight)


@pytest.fixture
def visitor(month):
    return Visitor.open(month)


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


# --- what people say --------------------------------------------------------------------------


def test_the_diary_keeps_shows_and_removes_what_was_written(visitor, month):
    given = {"night": LAST, "what": NASTY, "amount": "0,5", "unit": "mg", "at": "22:10"}
    assert visitor.did("/diary", **given, note=NASTY) == "/diary"
    with Store.open(month, create=False) as store:
        entry = next(e for e in store.diary() if e["what"] == NASTY)
    assert (entry["amount"], entry["unit"], entry["at"], entry["note"]) == (
        0.5,
        "mg",
        "22:10",
        NASTY,
    )
    page = visitor.page("/diary")
    assert "alert(1)" in page and "<script>alert" not in page and "<img src" not in page
    assert "0.5 mg" in text_of(page)
    visitor.did("/diary/remove", entry=str(entry["entry_id"]))
    assert "alert(1)" not in visitor.page("/diary")
    for entry_id in ("x", "", "99999999", "1 or 1=1", "9" * 40):
        assert visitor.post("/diary/remove", entry=entry_id).status == 400
    assert visitor.post("/diary", night="tomorrow", what="x").status == 400


def test_the_diary_offers_what_the_table_of_causes_names(here):
    page = here.page("/diary")
    assert '<option value="caffeine">Caffeine</option>' in page
    assert '<option value="lithium">' in page and '<option value="epilepsy">' not in page


def test_a_list_of_stimuli_is_kept_for_its_night(visitor, month):
    given = {"night": LAST, "name": "door", "list": "local,kind\n23:30:00,sound\n23:31:00,sound"}
    visitor.did("/diary/stimuli", **given)
    with Store.open(month, create=False) as store:
        kept = store.stimuli(LAST)
    assert [(one["kind"], one["source"]) for one in kept] == [("sound", "door")] * 2
    assert "2 stimuli (door)" in text_of(visitor.page("/diary"))
    assert visitor.post("/diary/stimuli", night=LAST, list="local\n25:00:00").status == 400
    assert visitor.post("/diary/stimuli", night=LAST, list="").status == 400


def test_a_night_is_corrected_and_the_correction_taken_back(visitor, month):
    def bed():
        with Store.open(month, create=False) as store:
            return store.edits_in_force(LAST, None)

    where = visitor.did("/corrections", night=LAST, bed="23:40", wake="06:00", exclude="guests")
    assert where == f"/corrections?night={LAST}"
    assert (bed()["bed"], bed()["wake"], bed()["exclude"]) == ("23:40", "06:00", "guests")
    page = text_of(visitor.page(where))
    assert "to bed 23:40, up 06:00, left out: guests" in page
    visitor.did("/corrections", night=LAST, include="1")
    assert bed()["exclude"] in ("", None) and bed()["bed"] == "23:40"
    visitor.did("/corrections/undo", night=LAST)
    visitor.did("/corrections/undo", night=LAST)
    assert bed() == dict.fromkeys(bed())
    for wrong in ({"bed": "25:00"}, {"zone": "Mars/Olympus"}, {}, {"night": "x", "bed": "22:00"}):
        assert visitor.post("/corrections", **{"night": LAST} | wrong).status == 400
    assert visitor.post("/corrections", night=LAST, bed="22:00", band="ff").status == 400


def test_a_phase_is_named_ended_and_removed(visitor, month):
    def tags():
        with Store.open(month, create=False) as store:
            return {tag["name"]: tag["last_night"] for tag in store.tags()}

    visitor.did("/compare/phase", do="end", name="clonazepam", last=LAST)
    assert tags()["clonazepam"] == LAST
    visitor.did("/compare/phase", do="add", name=NASTY, first="2026-01-30")
    assert NASTY in tags() and "<script>alert" not in visitor.page("/compare")
    assert "<script>alert" not in visitor.page("/nights")
    visitor.did("/compare/phase", do="remove", name=NASTY)
    assert NASTY not in tags()
    assert visitor.post("/compare/phase", do="add", name="x", first="").status == 400


def test_a_band_is_named_and_its_name_cannot_break_a_page(visitor, month):
    given = {"band": months.DEVICE, "name": NASTY, "limb": "calf", "side": "L"}
    visitor.did("/bands/name", **given)
    for path in (*VIEWS, f"/night/{LAST}/event/1"):
        page = visitor.page(path)
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "alert(1)" in visitor.page("/bands")
    assert visitor.post("/bands/name", **given | {"side": "up"}).status == 400


# --- people, languages, what a page is made of --------------------------------------------------


def test_each_person_has_pages_of_their_own_and_writes_to_nobody_else(month):
    anna = month / "people" / "anna b"
    anna.mkdir(parents=True)
    months.fill(anna, 3, legs=1, minutes=60)
    (month / "people" / "..hidden").mkdir()
    visitor = Visitor.open(month)
    page = visitor.page("/person/anna%20b/")
    assert 'href="/person/anna%20b/nights"' in page and 'href="/"' in page
    assert "..hidden" not in page
    visitor.did("/person/anna%20b/diary", night=LAST, what="tea")
    with Store.open(anna, create=False) as store:
        assert [entry["what"] for entry in store.diary()] == ["tea"]
    with Store.open(month, create=False) as store:
        assert "tea" not in {entry["what"] for entry in store.diary()}
    for person in ("nobody", "..", "%2e%2e", "..hidden", "people"):
        assert visitor.get(f"/person/{person}/nights").status in (400, 404)
    assert not (month / "people" / "nobody").exists()


def test_the_language_is_chosen_in_the_page_and_stays(visitor):
    assert '<html lang="en">' in visitor.page("/nights")
    assert visitor.did("/language", lang="it", back="/nights?year=all") == "/nights?year=all"
    assert '<html lang="it">' in visitor.page("/nights")
    visitor.did("/language", lang="xx", back="/")
    assert '<html lang="en">' in visitor.page("/")


@pytest.mark.parametrize("path", [*VIEWS, f"/night/{LAST}/event/1", "/nights?year=all"])
@pytest.mark.parametrize("lang", ["en", "it"])
def test_a_page_can_be_used_without_seeing_it(fortnight, path, lang):
    found = Elements(Visitor.open(fortnight, lang=lang).page(path))
    assert found.of("html")[0][0]["lang"] == lang
    ids = [one[1]["id"] for one in found.found if "id" in one[1]]
    assert sorted(ids) == sorted(set(ids))
    levels = [int(one[0][1]) for one in found.found if re.fullmatch("h[1-6]", one[0])]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert len(found.of("main")) == len(found.of("header")) == len(found.of("footer")) == 1
    for attributes, text in found.of("a", "button", "summary"):
        assert text or attributes.get("aria-label"), attributes
    for tag, attributes, _, around in found.found:
        if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden":
            assert "label" in around, attributes
        if tag == "svg" and attributes.get("role") == "img":
            assert attributes["aria-labelledby"] in ids
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
        if attributes.get("tabindex") == "0":
            assert attributes["role"] == "region" and attributes["aria-label"]
        assert attributes.get("tabindex", "0") in ("0", "-1")
    for part in ("aria-labelledby", "aria-describedby", "list"):
        for one in found.found:
            assert set(one[1].get(part, "").split()) <= set(ids), one


@pytest.mark.parametrize("path", [*VIEWS, f"/night/{LAST}/event/1", "/nights?year=all"])
def test_a_page_needs_nothing_but_this_server_and_obeys_its_own_policy(here, path):
    page = here.page(path)
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    addresses = re.findall('(?:src|href|action)="([^"]*)"', page)
    assert len(addresses) > 10
    assert all(re.match(r"/(?!/)|#|\?", address) for address in addresses)
    assert "<style" not in page and not re.search(r"\sstyle=|\son\w+=|javascript:", page)
    scripts = Elements(page).of("script")
    assert [attributes["src"] for attributes, _ in scripts] == ["/static/page.js"]
    size = len(page) + sum(len(here.page(f"/static/{name}")) for name in pages.STATIC)
    assert size <= MOST_BYTES


def test_a_full_night_of_a_restless_sleeper_and_ten_years_of_nights_stay_light(tmp_path):
    months.fill(tmp_path, 1, legs=1, per_night=274, snippets=False, minutes=480)
    visitor = Visitor.open(tmp_path)
    static = sum(len(visitor.page(f"/static/{name}")) for name in pages.STATIC)
    assert len(visitor.page("/")) + static <= MOST_BYTES
    with Store.open(tmp_path, create=False) as store:
        (row,) = store.nights()
    first = date.fromisoformat(LAST) - timedelta(days=3649)
    dates = [(first + timedelta(days=i)).isoformat() for i in range(3650)]
    rows = [
        row | {"night": day, "date": day, "jerks_per_h": i % 97 / 7} for i, day in enumerate(dates)
    ]
    assert len(nights_figure(rows, [], ("jerks_per_h",))) + static + 20_000 <= MOST_BYTES
    assert len(of_chart.html(rows, [], [], [])) <= MOST_BYTES


@pytest.mark.parametrize("scheme", [0, 1])
def test_words_stand_out_and_no_type_is_small(scheme):
    style = pages.static("page.css")[0].removeprefix(svg.STYLE)
    colours = dict(
        re.findall(r"--([\w-]+): (#\w{6})", re.findall(r":root \{(.*?)\}", style, re.S)[scheme])
    )
    pairs = [("ink", "page"), ("soft", "page"), ("link", "page"), ("warn", "page")]
    pairs += [("warn", "warn-page"), ("ink", "plate"), ("soft", "plate"), ("page", "link")]
    pairs += [("on-light", f"shade{n}") for n in (1, 2, 3)]
    pairs += [("on-dark", f"shade{n}") for n in (4, 5)]
    for words, behind in pairs:
        assert contrast(colours[words], colours[behind]) >= 4.5, (words, behind)
    sizes = [int(size) for size in re.findall(r"font(?:-size)?: [^;]*?(\d+)px", svg.STYLE + style)]
    assert len(sizes) > 10 and min(sizes) >= 11


def contrast(one, other):
    """WCAG 2.2."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_page_says_what_this_is_with_a_source_a_row(here):
    text = text_of(here.page("/about"))
    assert "A physician judges what they mean." in text and "When to see a doctor soon" in text
    found = Elements(here.page("/about"))
    sources = {one[1]["id"] for one in found.found if one[1].get("id", "").startswith("source-")}
    rows = [one for one in found.found if one[0] == "tr" and "tbody" in one[3]]
    links = [a for a, _ in found.of("a") if a["href"].startswith("#source-")]
    assert len(rows) > 15 and len(links) >= len(rows)
    assert {link["href"][1:] for link in links} <= sources


# --- sync -------------------------------------------------------------------------------------

FAKE = """
import json, sys, time
assert sys.argv[1:3] == ["sync", "--json"], sys.argv
mode = {mode!r}
if mode == "slow":
    time.sleep(30)
if mode == "fails":
    sys.stderr.write("notturno: No band was heard <b>near</b>.\\n"); sys.exit(1)
if mode == "noise":
    print("no json"); sys.exit(0)
print(json.dumps({{"new_records": 7, "warnings": ["Its clock <was> off."]}}))
"""


def runner(mode):
    return syncing.Runner(program=(sys.executable, "-c", FAKE.format(mode=mode)))


def ended(visitor):
    for _ in range(600):
        found = visitor.get("/bands/sync").json()
        if found["state"] != syncing.RUNNING:
            return found
        time.sleep(0.05)
    raise AssertionError("the sync did not end")


def test_a_sync_runs_beside_the_page_and_says_how_it_ended(month):
    visitor = Visitor.open(month, runner=runner("works"))
    assert visitor.get("/bands/sync").json()["state"] == syncing.IDLE
    assert visitor.did("/bands/sync") == "/bands"
    found = ended(visitor)
    assert (found["state"], found["new_records"]) == (syncing.DONE, 7)
    assert found["words"] == "Done: 7 new records. Its clock <was> off."
    assert "Its clock &lt;was&gt; off." in visitor.page("/bands")


@pytest.mark.parametrize(
    ("mode", "said"), [("fails", "No band was heard"), ("noise", "Expecting")]
)
def test_a_sync_that_fails_says_why(month, mode, said):
    visitor = Visitor.open(month, runner=runner(mode))
    visitor.did("/bands/sync")
    found = ended(visitor)
    assert found["state"] == syncing.FAILED and said in found["words"]


def test_one_sync_at_a_time_and_none_outlives_the_dashboard(month):
    running = runner("slow")
    visitor = Visitor.open(month, runner=running)
    visitor.did("/bands/sync")
    job = running._jobs[month]
    visitor.did("/bands/sync")
    assert running._jobs[month] is job
    for _ in range(200):
        if job._process is not None:
            break
        time.sleep(0.02)
    running.stop()
    assert ended(visitor)["state"] == syncing.FAILED
    assert job._process.poll() is not None


def test_the_sync_of_a_person_goes_into_their_folder(month):
    asked = Asked(month, person="anna")
    seen = []
    running = syncing.Runner("127.0.0.1:9", program=("/no/such/program",))
    running.begin(asked)
    for _ in range(200):
        seen.append(running.state(asked)["state"])
        if seen[-1] == syncing.FAILED:
            break
        time.sleep(0.02)
    assert seen[-1] == syncing.FAILED
    assert list(running._jobs) == [month / "people" / "anna"]
    assert running._more == ["--virtual", "127.0.0.1:9"]
    assert json.dumps(running.state(asked))


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
