"""A fortnight of both legs, on every surface that a person meets: all that is said is kept.

golden_fortnight.json holds the words in full, and of pictures, tables and JSON each column of
numbers by how many there are, their sum and their sum by place: whatever moves is seen, and where.
`NOTTURNO_WRITE_GOLDEN=1` writes it anew: read its difference as you would read a report.
"""

import csv
import io
import json
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from golden import columns, hold, leaves, on_trial
from notturno.report.contents import contents
from notturno.report.page import page
from notturno.store import Store
from visitor import Elements
from whole_nights import run

pytestmark = pytest.mark.usefixtures("in_utc")

KEPT = Path(__file__).with_name("golden_fortnight.json")
NIGHT, EVENT = "2026-02-02", "24"
READ_MS = 1_770_206_400_000  # 2026-02-04 12:00 UTC: when all of it is read
# Of the program, of the folder or of the moment of writing, and not of the nights.
PASSING = ("program", "provenance", "version", "data_dir", "path", "sha256", "made_", "said_utc")
PASSING += (
    "written_utc",
    "timestamp",
    "store_id",
    "id",
    "synced",
    "seen_utc_ms",
    "age_",
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")

SAID = (
    "nights",
    "nights --last 4 --measure log_imi_mean --measure awake_h",
    "nights --since 2026-01-25 --until 2026-01-30 --band calf-left",
    f"show {NIGHT}",
    f"show {NIGHT} --kind lm --band calf-right",
    f"show {NIGHT} --from 23:30 --to 01:10",
    f"show {NIGHT} --event {EVENT} --band calf-left",
    "show --last 2 --kind rhythm",
    f"stats {NIGHT}",
    f"stats {NIGHT} --sleep cole_kripke_1992",
    "stats",
    "stats --measure plms_per_h_wasm2016 --measure asleep_h",
    "stats --by tag",
    "stats --by month --band calf-left",
    "compare before clonazepam",
    "compare before clonazepam --measure lms_per_h --band calf-right",
    "bands",
    "tag --list",
    "edit --list",
    "diary",
    "diary stats",
    f"label {NIGHT}",
)
IN_JSON = (
    "nights",
    f"show {NIGHT}",
    f"show {NIGHT} --event {EVENT} --band calf-left",
    f"stats {NIGHT}",
    "stats --measure jerks_per_h --measure plms_per_h_aasm3 --measure log_imi_mean",
    "stats --by tag",
    "compare before clonazepam",
    "diary stats",
    f"label {NIGHT}",
    "bands",
    "report --anonymous --last 9 --out {out}.pdf",
)
DRAWN = (
    "chart --out {out}.html",
    f"chart {NIGHT} --out {{out}}.svg",
    "chart --last 9 --measure plms_per_h_wasm2016 --measure asleep_h --out {out}.svg",
    f"show {NIGHT} --event {EVENT} --band calf-left --out {{out}}.svg",
)
PAGES = (
    "/",
    "/nights",
    f"/night/{NIGHT}",
    "/night/2026-01-31",
    f"/night/{NIGHT}/event/{EVENT}",
    "/compare",
    "/diary",
    "/corrections",
    "/bands",
)
FILES = ("csv", "json", "bids", "fhir")


def drawn(html):
    """Return what a page or a picture says, and {element.class attribute: its numbers}."""
    found = []
    for tag, attributes, _, _ in Elements(html).found:
        name = f"{tag}.{attributes.get('class') or ''}"
        for attribute, text in attributes.items():
            if attribute in ("value", "id", "content", "nonce", "src", "data-word"):
                continue
            numbers = [(f"{name} {attribute}", float(x)) for x in NUMBER.findall(text or "")]
            found += numbers or [(name, f"{attribute}={text}")]
    without = re.sub(r"(?s)<(script|style).*?</\1>", "", html)
    lines = [" ".join(line.split()) for line in re.findall(r">([^<>]+)<", without)]
    return {"marks": columns(found), "says": [line for line in lines if line]}


def table(text, by=","):
    """Return {column: its numbers or texts} of a table, in the order of its columns."""
    rows = list(csv.reader(io.StringIO(text), delimiter=by))
    head, body = rows[0], rows[1:]
    pairs = [
        (name, float(value) if NUMBER.fullmatch(value) else value)
        for row in body
        for name, value in zip(head, row, strict=True)
        if not name.startswith(PASSING)
    ]
    return {"columns": head, "rows": len(body), "values": columns(pairs)}


def a_file(path):
    """Return what a written file holds, as its kind is read."""
    if path.suffix in (".csv", ".tsv"):
        return table(path.read_text("utf-8"), "," if path.suffix == ".csv" else "\t")
    if path.suffix == ".json":
        return columns(leaves(json.loads(path.read_text("utf-8")), PASSING))
    raise AssertionError(f"{path} is of no kind that is read here")


@pytest.fixture
def read(fortnight, one_now, tmp_path):
    """Return a function: a command's words, with the folder's names taken out."""
    one_now.utc_ms = READ_MS

    def said(line, *more):
        out = tmp_path / "out"
        words = line.replace("{out}", str(out)).split()
        with on_trial():
            return run(fortnight, *words, *more).replace(str(tmp_path), "OUT")

    return said


@pytest.mark.parametrize("line", SAID)
def test_words_of_a_command(line, read):
    text = re.sub(r"\d{4}-\d\d-\d\dT\S+Z", "MOMENT", read(line))
    hold(KEPT, f"words: {line}", text.splitlines())


@pytest.mark.parametrize("line", IN_JSON)
def test_json_of_a_command(line, read):
    hold(KEPT, f"json: {line}", columns(leaves(json.loads(read(line, "--json")), PASSING)))


@pytest.mark.parametrize("line", DRAWN)
def test_picture_of_a_command(line, read, tmp_path):
    read(line)
    (path,) = tmp_path.glob("out.*")
    hold(KEPT, f"picture: {line}", drawn(path.read_text("utf-8")))


@pytest.mark.parametrize("path", PAGES)
def test_page_of_the_dashboard(path, here, one_now):
    one_now.utc_ms = READ_MS
    hold(KEPT, f"page: {path}", drawn(here.page(path)))


@pytest.mark.parametrize("hidden", [False, True], ids=["named", "anonymous"])
def test_report_of_both_legs(hidden, fortnight):
    with Store.open(fortnight, create=False) as store, on_trial():
        found = contents(store, made_on="2026-02-04", without_names=hidden)
    pages = page(found, "00" * 32, 1.0)
    pairs = list(leaves(pages))
    said = [value for _, value in pairs if isinstance(value, str)]
    places = columns(pair for pair in pairs if not isinstance(pair[1], str))
    name = f"report, {'anonymous' if hidden else 'named'}"
    hold(KEPT, name, {"says": said, "places": places, "json": columns(leaves(found, PASSING))})


@pytest.mark.parametrize("form", FILES)
def test_files_for_other_programs(form, read, tmp_path):
    out = tmp_path / ("out.json" if form in ("json", "fhir") else "out")
    read(f"export --last 3 --format {form} --out {out}")
    files = [out]
    if out.is_dir():  # what stands beside tables in words is the same for every night
        files = sorted(path for path in out.rglob("*.?sv") if path.is_file())
    found = {path.relative_to(tmp_path).as_posix(): a_file(path) for path in files}
    hold(KEPT, f"export: {form}", found)
