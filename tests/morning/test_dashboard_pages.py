"""What every page of the dashboard is made of: whose it is, its words, its marks, its weight."""

import re
from datetime import date, timedelta

import months
import pytest
from notturno.charts import page as of_chart
from notturno.charts import svg
from notturno.charts.page import nights_figure
from notturno.dashboard import pages
from notturno.store import Store
from visitor import Elements, Visitor, text_of

LAST = months.LAST
VIEWS = ("/", "/nights", "/compare", "/diary", "/corrections", "/bands", "/about")
MOST_BYTES = 150_000


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
