"""The dashboard in a real browser, where there is one: the keyboard's way, width, type, network.

Debian's Chromium, driven by playwright; skipped with a reason where either is missing. What can be
held without a browser is held in test_dashboard_pages and its neighbours.
"""

import re
import shutil
import threading
import time

import months
import pytest
import uvicorn
from notturno.dashboard import serve
from notturno.dashboard.app import make_app
from notturno.dashboard.guard import Guard
from notturno.dashboard.syncing import Runner
from notturno.store import Store
from notturno.views.events import numbered
from whole import whole_or

CHROMIUM = shutil.which("chromium")
VIEWS = ("", "nights", "compare", "diary", "corrections", "bands", "about")
SMALL_TEXT = """() => [...document.querySelectorAll('body *')].filter(e =>
  [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length
  && parseFloat(getComputedStyle(e).fontSize) < 11).map(e => e.outerHTML.slice(0, 90))"""
OFF_THE_SCREEN = """() => document.documentElement.scrollWidth - innerWidth"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (Debian: apt install chromium)")
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def address(month):
    """Serve a copy of the fortnight on a port of its own; return the address with its token."""
    with serve.listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        guard = Guard(make_app(month, "en", Runner(program=("/no/such/program",))), port)
        server = uvicorn.Server(serve.config(guard))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/?token={guard.token}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def visit(browser, address):
    """Return a function(width, scheme) to an open page; what it complained of fails the test."""
    said, asked, contexts = [], [], []

    def opened(width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    home = address.partition("?")[0]
    assert said == []
    assert asked and [url for url in asked if not url.startswith(home)] == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_every_view_fits_its_screen_in_both_languages(visit, address, width, scheme):
    page, home = visit(width, scheme), address.partition("?")[0]
    assert page.url == home  # the token is gone from the address bar
    for language in whole_or(("en", "it"), ("en", "it") if width < 400 else ("en",)):
        page.click(f"button[value={language}]")
        assert page.get_attribute("html", "lang") == language
        for view in VIEWS:
            page.goto(home + view)
            assert page.evaluate(OFF_THE_SCREEN) <= 0, view
            assert page.evaluate(SMALL_TEXT) == [], view
    colours = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colours == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 22, 29)")


def test_the_keyboard_walks_labels_and_opens(visit, month):
    page = visit()
    rows = page.query_selector_all("#events tr[data-no]")
    numbers = [row.get_attribute("data-no") for row in rows]

    def current():
        return page.get_attribute("#events tr[aria-current]", "data-no")

    def label(no, key, words):
        page.keyboard.press(key)
        cell = f"#events tr[data-no='{no}'] .label"
        page.wait_for_selector(f"{cell}:text-is('{words}')" if words else f"{cell}:empty")

    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert current() == numbers[2]
    page.keyboard.press("ArrowUp")
    assert current() == numbers[1]
    for key, words in (
        ("m", "me"),
        ("n", "not me"),
        ("a", "was awake"),
        ("0", ""),
        ("n", "not me"),
    ):
        label(numbers[1], key, words)
    assert page.text_content("#spoken") == f"Event {numbers[1]}: not me"
    with Store.open(month, create=False) as store:
        labels = {event["no"]: event["label"] for event in numbered(store, months.LAST)}
    assert labels[int(numbers[1])] == "not_me"
    page.keyboard.press("Enter")
    page.wait_for_selector("#opened h3")
    assert re.match(f"Event {numbers[1]}: ", page.text_content("#opened h3"))
    page.click("#opened button[value=me]")
    label(numbers[1], "m", "me")
    assert len(page.query_selector_all(".picture .chosen")) == 1


def test_the_first_thing_that_the_keyboard_finds_leads_to_the_contents(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_night_is_seen_closer_and_its_type_stays_as_it_is(visit):
    page = visit(390)
    wide = "document.querySelector('.timeline .picture').getBoundingClientRect().width"
    size = "getComputedStyle(document.querySelector('.timeline text')).fontSize"
    before, type_before = page.evaluate(wide), page.evaluate(size)
    for _ in range(3):
        page.click("section [data-zoom='1'] >> nth=0")
    assert page.evaluate(wide) == pytest.approx(8 * before, rel=0.01)
    assert page.evaluate(size) == type_before
    assert page.evaluate(OFF_THE_SCREEN) <= 0
    page.focus(".timeline >> nth=0")
    page.keyboard.press("-")
    assert page.evaluate(wide) == pytest.approx(4 * before, rel=0.01)


def test_the_diary_is_written_by_the_keyboard(visit, address, month):
    page = visit()
    page.goto(address.partition("?")[0] + "diary")
    page.focus("[name=what]")
    page.keyboard.type("<b>tea</b>")
    page.keyboard.press("Tab")
    page.keyboard.type("1.5")
    page.keyboard.press("Enter")
    page.wait_for_selector("strong:text-is('<b>tea</b>')")
    with Store.open(month, create=False) as store:
        assert {entry["what"]: entry["amount"] for entry in store.diary()}["<b>tea</b>"] == 1.5


def test_a_sync_that_cannot_be_is_said_on_the_open_page(visit, address):
    page = visit()
    page.goto(address.partition("?")[0] + "bands")
    page.click("#sync button")
    page.locator("#sync-words", has_text="The sync failed").wait_for()
    assert page.is_enabled("#sync button") and page.is_hidden("#sync progress")


ON_PAPER = """() => ({
  pressed: [...document.querySelectorAll('form, button, header')].filter(
    e => e.getClientRects().length).length,
  page: getComputedStyle(document.body).backgroundColor,
  ink: getComputedStyle(document.body).color,
  wide: [...document.querySelectorAll('.picture')].map(
    e => e.getBoundingClientRect().width / e.parentElement.clientWidth),
  closed: [...document.querySelectorAll('details')].filter(e => e.getClientRects().length
    && e.lastElementChild.getClientRects().length === 0).length,
  addresses: getComputedStyle(document.querySelector('main a, main'), '::after').content,
})"""


def test_paper_is_light_whole_and_has_nothing_to_press(visit, address):
    page = visit(scheme="dark")
    page.locator('[data-zoom="1"]').first.click()  # the screen is zoomed; paper is not
    token = address.partition("token=")[2]
    for view in VIEWS:
        page.goto(address.partition("?")[0] + view)
        page.emulate_media(media="print", color_scheme="dark")
        found = page.evaluate(ON_PAPER)
        assert found["page"] == "rgb(255, 255, 255)" and found["ink"] == "rgb(29, 36, 48)", view
        assert found["pressed"] == found["closed"] == 0, view
        assert all(width == pytest.approx(1, abs=0.02) for width in found["wide"]), view
        assert found["addresses"] in ("none", "normal"), view
        assert token not in page.url and token not in page.content(), view
        page.emulate_media(media="screen", color_scheme="dark")


def test_a_night_is_a_page_a_band(visit):
    page = visit()
    made = page.pdf(format="A4")
    bands = page.locator(".bands > section").count()
    pages = len(re.findall(rb"/Type /Page\b", made))
    assert bands == 2 and bands <= pages <= bands + 1  # both legs may need one of their own
