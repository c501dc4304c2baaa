"""A browser of sorts for the dashboard: asks the real guard and application, without a socket.

Touches the data folder given. Paths go out as they are, also those that a browser would tidy.
`Visitor.open` has gone in by the token, as a person would.
"""

import asyncio
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urlencode

from notturno.dashboard.app import make_app
from notturno.dashboard.guard import Guard
from notturno.dashboard.syncing import Runner

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"
TOKEN = "a-token-of-the-test"
OURS = {"origin": "null", "sec-fetch-site": "same-origin"}  # what a browser sends of our forms


@dataclass
class Answer:
    """What came back; headers by their names in small letters."""

    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


class Visitor:
    """Asks the dashboard of one folder."""

    def __init__(self, folder, lang="en", runner=None):
        self.guard = Guard(make_app(folder, lang, runner or Runner()), PORT, TOKEN)
        self.cookies = {}

    @classmethod
    def open(cls, folder, **more):
        visitor = cls(folder, **more)
        assert visitor.get(f"/?token={TOKEN}").status == 303
        return visitor

    def ask(self, method, path, headers=None, body=b"") -> Answer:
        """Send one request; headers: a dict, or pairs, beside Host and the cookies kept."""
        given = list((headers or {}).items()) if isinstance(headers, dict | None) else headers
        names = {name for name, _ in given}
        if "host" not in names:
            given.append(("host", f"127.0.0.1:{PORT}"))
        if self.cookies and "cookie" not in names:
            pairs = [f"{name}={value}" for name, value in self.cookies.items()]
            given.append(("cookie", "; ".join(pairs)))
        answer = asyncio.run(self._ask(method, path, given, body))
        if "set-cookie" in answer.headers:
            name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def _ask(self, method, path, headers, body):
        raw, _, query = path.partition("?")
        came, parts = {}, []
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(raw),
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "root_path": "",
            "scheme": "http",
        }

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                pairs = message["headers"]
                came["status"] = message["status"]
                came["headers"] = {n.decode().lower(): v.decode("latin-1") for n, v in pairs}
            else:
                parts.append(message.get("body", b""))

        await self.guard(scope, receive, send)
        return Answer(came["status"], came["headers"], b"".join(parts))

    def get(self, path, headers=None):
        return self.ask("GET", path, headers)

    def page(self, path):
        """Return the HTML of a page that is there."""
        answer = self.get(path)
        assert answer.status == 200, answer.text
        return answer.text

    def post(self, path, headers=OURS, word=None, **form):
        form["word"] = self.guard.form_word if word is None else word
        return self.ask("POST", path, dict(headers), urlencode(form).encode())

    def did(self, path, **form):
        """Send a form of ours that is taken; return where it leads."""
        answer = self.post(path, **form)
        assert answer.status == 303, answer.text
        return answer.headers["location"]


class Elements(HTMLParser):
    """Every element of a page, in order: (tag, {attribute: value}, text inside, depth)."""

    VOID = {"meta", "link", "input", "br", "path", "rect", "line", "circle", "use"}

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.found, self._open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        entry = [tag, dict(attrs), "", [each[0] for each in self._open]]
        self.found.append(entry)
        if tag not in self.VOID:
            self._open.append(entry)

    def handle_startendtag(self, tag, attrs):
        self.found.append([tag, dict(attrs), "", [each[0] for each in self._open]])

    def handle_endtag(self, tag):
        if tag in {each[0] for each in self._open}:
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        for entry in self._open:
            entry[2] += data

    def of(self, *tags):
        """Return (attributes, text) of the elements of some tags."""
        return [(one[1], " ".join(one[2].split())) for one in self.found if one[0] in tags]


def text_of(html):
    """Return what a page says, without its marks."""
    return " ".join(re.sub("<[^>]+>", " ", html).split())
