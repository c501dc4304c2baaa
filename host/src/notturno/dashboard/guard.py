"""Who may ask: the one door in front of every page, also of styles and scripts.

Asks, in this order: is the Host this server's own (else a page of another name could reach it:
DNS rebinding)? Is there the token, in the address once and then in a cookie? Was a POST made by
one of our own pages (Sec-Fetch-Site, Origin, and a word in the form that only they know)? Every
answer bears the strict headers, refusals too. Touches nothing.

Known limit: a browser gives a cookie to every port of the same host. Another server on this
machine, run by somebody else and opened in the same browser, would be sent ours.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

if TYPE_CHECKING:
    from starlette.applications import Starlette

MOST_BODY_BYTES = 1_000_000  # of a form: a file of stimuli
MOST_FIELDS = 50
TOKEN_BYTES = 32
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cache-control", b"no-store"),
)
OTHER_HOST = "This server answers to its own address alone."
NO_TOKEN = "Open the address that notturno dashboard has printed: it holds a key."
NOT_OURS = "This form was not sent by a page of this dashboard."
TOO_LARGE = "That is more than this server takes."
METHODS = ("GET", "HEAD", "POST")


class Guard:
    """ASGI in front of the application `app`; port: that it is reached by."""

    def __init__(self, app: Starlette, port: int, token: str | None = None) -> None:
        self.app = app
        self.token = token or secrets.token_urlsafe(TOKEN_BYTES)
        self.cookie = f"notturno-{port}"
        self._session = secrets.token_urlsafe(TOKEN_BYTES)
        self.form_word = hmac.new(self._session.encode(), b"form", hashlib.sha256).hexdigest()
        names = ("127.0.0.1", "localhost", "[::1]")
        self.hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        send = _with_headers(send)
        host = headers.get("host", "")
        if host not in self.hosts:
            await _say(send, 421, OTHER_HOST)
        elif scope["method"] not in METHODS:
            await _say(send, 405, "No.")
        elif self._has_cookie(headers.get("cookie", "")):
            await self._let_in(scope, receive, send, headers, host)
        elif scope["method"] == "GET" and self._has_token(scope):
            await self._begin(scope, send)
        else:
            await _say(send, 403, NO_TOKEN)

    async def _let_in(
        self, scope: dict, receive: Callable, send: Callable, headers: dict[str, str], host: str
    ) -> None:
        if scope["method"] == "GET" and b"token=" in scope["query_string"]:
            await _redirect(send, _without_token(scope))
            return
        scope = dict(scope, form={}, form_word=self.form_word)
        if scope["method"] == "POST":
            if not _same_origin(headers, host):
                await _say(send, 403, NOT_OURS)
                return
            body = await _body(receive)
            if body is None:
                await _say(send, 413, TOO_LARGE)
                return
            scope["form"] = _form(body)
            if not _equal(scope["form"].get("word", ""), self.form_word):
                await _say(send, 403, NOT_OURS)
                return
        await self.app(scope, receive, send)

    async def _begin(self, scope: dict, send: Callable) -> None:
        """Take the token out of the address bar, and keep a session in a cookie instead."""
        cookie = f"{self.cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
        await _redirect(send, _without_token(scope), [(b"set-cookie", cookie.encode())])

    def _has_cookie(self, text: str) -> bool:
        given = [pair.strip().partition("=") for pair in text.split(";")]
        values = [value for name, _, value in given if name == self.cookie]
        return any(_equal(value, self._session) for value in values)

    def _has_token(self, scope: dict) -> bool:
        given = _query(scope).get("token", [])
        return len(given) == 1 and _equal(given[0], self.token)


def _equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


def _headers(scope: dict) -> dict[str, str]:
    """Return the headers by name; one that comes twice is joined, and so fits nothing."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}; {text}" if key in found else text
    return found


def _same_origin(headers: dict[str, str], host: str) -> bool:
    """Say whether a browser tells that a page of this very server sent the request.

    With no-referrer a browser sends the Origin of our own forms as `null`; then Sec-Fetch-Site,
    which no page can set, has to say it. What says neither is refused.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin not in (None, "null", f"http://{host}"):
        return False
    return site == "same-origin" if site is not None else origin == f"http://{host}"


def _query(scope: dict) -> dict[str, list[str]]:
    text = scope["query_string"].decode("latin-1")
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _without_token(scope: dict) -> str:
    rest = [(key, v) for key, values in _query(scope).items() if key != "token" for v in values]
    # One slash at the front, or a browser would take what follows for another host.
    path = "/" + scope.get("raw_path", scope["path"].encode()).decode("latin-1").lstrip("/\\")
    return path + ("?" + urlencode(rest) if rest else "")


def _form(body: bytes) -> dict[str, str]:
    try:
        text = body.decode("utf-8")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {key: values[-1] for key, values in found.items()}


async def _body(receive: Callable) -> bytes | None:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _with_headers(send: Callable) -> Callable:
    names = {name for name, _ in HEADERS}

    async def sending(message: dict) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in names]
            message = dict(message, headers=[*kept, *HEADERS])
        await send(message)

    return sending


async def _redirect(send: Callable, where: str, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    headers = [(b"location", where.encode("latin-1")), *more]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _say(send: Callable, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})
