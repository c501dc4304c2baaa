"""Attacks on the dashboard's door: other hosts, other origins, no token, paths, forms, sizes."""

import re
from urllib.parse import urlencode

import pytest
from notturno.dashboard import guard as of_guard
from notturno.dashboard import serve
from notturno.dashboard.app import local_path
from notturno.errors import UserError
from notturno.store import Store
from visitor import ORIGIN, OURS, PORT, TOKEN, Visitor

PATHS = ("/", "/nights", "/bands/sync", "/static/page.css", "/static/page.js", "/nowhere")


@pytest.fixture
def stranger(fortnight):
    return Visitor(fortnight)


@pytest.fixture
def visitor(month):
    return Visitor.open(month)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cookie", ["", f"notturno-{PORT}=", f"notturno-{PORT}=x", "notturno=a"])
def test_nobody_without_the_token_sees_anything(stranger, path, cookie):
    for method in ("GET", "HEAD", "POST"):
        answer = stranger.ask(method, path, headers={"cookie": cookie} | OURS)
        assert answer.status == 403
        assert "jerk" not in answer.text and "set-cookie" not in answer.headers


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é"])
def test_a_token_that_is_nearly_right_is_wrong(stranger, token):
    assert stranger.get("/?" + urlencode({"token": token})).status == 403
    twice = f"/?token={TOKEN}&token={TOKEN}"
    assert stranger.get(twice).status == 403


def test_the_token_leaves_the_address_bar_and_becomes_a_strict_cookie(stranger):
    answer = stranger.get(f"/nights?token={TOKEN}&year=2026")
    assert answer.status == 303
    assert answer.headers["location"] == "/nights?year=2026"
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie and f"notturno-{PORT}=" in cookie
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    # Whoever is in already and comes by the printed address again loses it from the bar, too.
    again = stranger.get(f"/?token={TOKEN}")
    assert (again.status, again.headers["location"]) == (303, "/")


def test_the_token_of_an_address_opens_nothing_by_post(stranger):
    answer = stranger.ask("POST", f"/diary?token={TOKEN}", OURS)
    assert answer.status == 403


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example"])
def test_the_first_address_leads_to_no_other_host(stranger, path):
    answer = stranger.get(f"{path}?token={TOKEN}")
    where = answer.headers["location"]
    assert where.startswith("/") and not where.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", "", "[::1]"]
    + [f"127.0.0.1:{PORT}.evil.example", f"localhost.evil.example:{PORT}", f"0.0.0.0:{PORT}"],
)
def test_another_host_name_is_not_answered_even_with_the_cookie(visitor, host):
    """DNS rebinding: a name of somebody else's that leads to this machine."""
    answer = visitor.get("/", headers={"host": host})
    assert answer.status == 421 and "night" not in answer.text
    opening = visitor.get(f"/?token={TOKEN}", headers={"host": host})
    assert opening.status == 421 and "set-cookie" not in opening.headers


def test_two_host_headers_are_none(visitor):
    pairs = [("host", f"127.0.0.1:{PORT}"), ("host", "evil.example")]
    assert visitor.get("/", pairs).status == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_every_name_of_the_loopback_is_answered(visitor, host):
    assert visitor.get("/about", {"host": f"{host}:{PORT}"}).status == 200


ENTRY = {"night": "2026-02-01", "what": "caffeine"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_page_writes_nothing(visitor, month, headers):
    before = diary_of(month)
    answer = visitor.post("/diary", headers=headers, **ENTRY)
    assert answer.status == 403
    assert diary_of(month) == before


@pytest.mark.parametrize("headers", [OURS, {"origin": ORIGIN}, {"sec-fetch-site": "same-origin"}])
def test_a_form_of_ours_writes(visitor, month, headers):
    before = diary_of(month)
    answer = visitor.post("/diary", headers=headers, **ENTRY)
    assert answer.status == 303
    assert len(diary_of(month)) == len(before) + 1


@pytest.mark.parametrize("word", ["", "x", "0" * 64])
def test_a_form_without_its_word_writes_nothing(visitor, month, word):
    before = diary_of(month)
    assert visitor.post("/diary", word=word, **ENTRY).status == 403
    assert diary_of(month) == before


def test_reading_writes_nothing_whatever_it_is_asked(visitor, month):
    before = diary_of(month)
    for path in ("/diary?night=2026-02-01&what=x", "/diary/remove?entry=1", "/corrections/undo"):
        assert visitor.get(path).status in (200, 404, 405)
    assert diary_of(month) == before


def diary_of(folder):
    with Store.open(folder, create=False) as store:
        return store.diary()


def test_every_answer_bears_the_strict_headers(visitor):
    answers = [visitor.get(path) for path in (*PATHS, "/night/x", "/about")]
    answers.append(visitor.post("/diary", headers={}))
    answers.append(visitor.get("/", headers={"host": "evil"}))
    answers.append(Visitor(visitor.guard.app.state.base).get("/"))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
        assert "unsafe" not in policy and "*" not in policy and "data:" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_not_known(visitor, method):
    assert visitor.ask(method, "/diary").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/page.css/../../guard.py",
        "/person/../static/page.css",
        "/person/..%2f..%2fetc/nights",
        "/person/%2e%2e/nights",
        "/person/./nights",
        "/person/nobody/nights",
        "/night/..%2f..%2fetc%2fpasswd",
        "/night/%00",
    ],
)
def test_no_path_leads_out(visitor, path):
    answer = visitor.get(path)
    assert answer.status in (303, 307, 400, 404), answer.text[:200]
    assert "root:" not in answer.text and "import" not in answer.text


def test_a_form_beyond_all_measure_is_refused(visitor, monkeypatch):
    monkeypatch.setattr(of_guard, "MOST_BODY_BYTES", 2000)
    assert visitor.post("/diary", **ENTRY, note="x" * 1500).status == 303
    assert visitor.post("/diary", **ENTRY, note="x" * 2000).status == 413
    many = {f"f{i}": "1" for i in range(of_guard.MOST_FIELDS + 1)}
    assert visitor.post("/diary", **many).status == 403  # no word can be read in it


@pytest.mark.parametrize(
    ("where", "leads"),
    [
        ("/nights?year=all", "/nights?year=all"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/nights\\..\\evil.example", "/"),
        ("/diary?for=//somewhere:80", "/diary?for=//somewhere:80"),
        ("/\t/evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/ok\r\nset-cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_leads_to_pages_of_ours_alone(visitor, where, leads):
    assert local_path(where) == leads
    assert visitor.did("/language", lang="it", back=where) == leads


def test_each_dashboard_has_a_session_of_its_own(month):
    first, second = Visitor.open(month), Visitor(month)
    second.cookies = first.cookies
    assert second.get("/").status == 403
    assert first.guard.form_word != second.guard.form_word


def test_a_token_that_nobody_gave_is_long_and_new_each_time(month):
    tokens = {of_guard.Guard(None, PORT).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)  # 256 bits


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "8.8.8.8"])
def test_it_listens_on_no_address_but_the_loopback(host):
    with pytest.raises(UserError, match="this machine alone"):
        serve.check_host(host)


def test_the_loopback_is_listened_on_and_a_port_that_is_taken_is_said():
    assert serve.check_host("localhost") == serve.check_host("127.0.0.1") == "127.0.0.1"
    assert serve.check_host("::1") == "::1"
    with serve.listening("127.0.0.1", 0) as one:
        port = one.getsockname()[1]
        assert one.getsockname()[0] == "127.0.0.1" and port
        with pytest.raises(UserError, match="choose another with --port"):
            serve.listening("127.0.0.1", port)


def test_the_server_keeps_no_log_and_trusts_no_proxy(fortnight):
    config = serve.config(Visitor(fortnight).guard)
    assert not config.access_log and not config.proxy_headers and not config.server_header
