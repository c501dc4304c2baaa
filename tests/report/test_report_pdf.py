"""The report's PDF: two pages whatever is in it, for the archive, readable, nothing executed."""

import copy
import io
import json
import re
import shutil
import subprocess
from itertools import product

import pikepdf
import pypdf
import pytest
from notturno.report import pdf
from notturno.report.contents import as_text, sha256
from notturno.report.page import page
from notturno.words import speaking
from test_report_page import NUMBER, texts
from whole import whole_or

JARS = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "jaxb-api")
# What PDF/A-1 forbids and PDF/A-3 allows: ICC profiles of version 4, and files attached; and the
# mark of PDF/UA, whose schema this validator does not read though the file declares it.
PDFUA = "http://www.aiim.org/pdfua/ns/id/"
OF_PART_3 = ("Invalid version of the ICCProfile", "EmbeddedFile entry is present", PDFUA)
LANGUAGES, PAPERS = ("en", "it"), ("a4", "letter")
WIDEST = ("it", "letter")  # the longest words on the lowest paper: what fits there fits elsewhere


def made(found, language="en", paper="a4"):
    """Return the PDF of some contents."""
    with speaking(language):
        return pdf.set_pages(found, paper)


def text_of(data, password=None):
    """Return the text of all pages, in the order in which it stands in the file."""
    reader = pypdf.PdfReader(io.BytesIO(data), password=password)
    return "\n".join(one.extract_text() for one in reader.pages)


def crowded(found):
    """Return contents with more of everything than any page holds."""
    found = copy.deepcopy(found)
    entry, groups = found["diary"]["entries"][0], found["phases"]["groups"]
    found["diary"]["entries"] = [entry | {"what": f"entry{n} " + "w" * 60} for n in range(60)]
    found["phases"]["groups"] = groups + [
        groups[1] | {"name": f"phase{n} " + "x" * 60} for n in range(40)
    ]
    found["sides"] = found["sides"] * 12
    found["who"]["name"] = "Maximiliana " * 30
    found["subject"]["limbs"] = ["left of the middle " * 5] * 9
    bands = found["placement"]["bands"]
    long = [
        b | {"passed": False, "finding": "the sensor is broken, replace it. " * 20} for b in bands
    ]
    found["placement"]["bands"] = long * 9
    for key in ("jerks", "lms"):
        found["sums"]["left_out"][key] = {f"reason {n}": n for n in range(40)}
    for row in found["nights"]["nights"]:
        row["refusal"] = {"refused": "It was not so, and not otherwise. " * 9, "code": "x"}
    for measure in found["measures"].values():
        measure["typical"] = {"refused": "Of this no figure can be given. " * 6, "code": "x"}
        measure["variability"] = measure["typical"]
    return found


@pytest.mark.parametrize(
    ("nights", "language", "paper"),
    whole_or(
        list(product((0, 1, 3, 30), LANGUAGES, PAPERS)),
        [(0, "en", "letter"), (1, "it", "a4"), (3, "en", "a4"), (30, "en", "a4"), (30, *WIDEST)],
    ),
)
def test_it_has_two_pages_of_the_paper_asked_for(told, nights, language, paper):
    reader = pypdf.PdfReader(io.BytesIO(made(told(nights), language, paper)))
    assert len(reader.pages) == 2
    size = {"a4": (595.28, 841.89), "letter": (612, 792)}[paper]
    for one in reader.pages:
        assert [float(x) for x in one.mediabox[2:]] == pytest.approx(size, abs=0.5)


@pytest.mark.parametrize(
    ("language", "paper"), whole_or(list(product(LANGUAGES, PAPERS)), [("en", "a4"), WIDEST])
)
def test_it_has_two_pages_when_everything_is_too_much(told, language, paper):
    assert len(pypdf.PdfReader(io.BytesIO(made(crowded(told(30)), language, paper))).pages) == 2


def test_four_hundred_nights_fit_too(told):
    found = told(30)
    from datetime import date, timedelta

    rows = [row for row in found["nights"]["nights"] if row["refusal"] is None]
    first = date.fromisoformat(rows[0]["date"])
    days = [(first + timedelta(days=n)).isoformat() for n in range(400)]
    found["nights"]["nights"] = [
        rows[n % len(rows)] | {"night": iso, "date": iso} for n, iso in enumerate(days)
    ]
    data = made(found)
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 2
    assert len(data) < 600_000


@pytest.mark.parametrize("language", ["en", "it"])
def test_its_text_is_the_pages_words_in_their_order(told, language):
    found = told(30)
    text = " ".join(text_of(made(found, language)).split())
    with speaking(language):
        pages = page(found, sha256(found), 1.0)
    at = -1
    for title in (
        pages["title"],
        pages["tiles"][0]["title"],
        pages["hours"]["title"],
        pages["nights"]["title"],
        pages["indices_title"],
        *(
            section["title"]
            for part in ("wide", "left", "right", "foot")
            for section in pages[part]
        ),
    ):
        found_at = text.find(title, at + 1)
        assert found_at > at, title
        at = found_at
    numbers = set(NUMBER.findall(" ".join(texts(pages)))) | {"1", "2"}
    whole = text.replace(" ", "")
    assert sha256(found) in whole
    seen = set(NUMBER.findall(text.replace(sha256(found), "")))
    assert len(seen) > 100
    assert {n for n in seen if n not in numbers and len(n) < 9} == set()


def test_it_says_of_itself_what_an_archive_wants(told):
    data = made(told(30))
    with pikepdf.open(io.BytesIO(data)) as opened:
        metadata = opened.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"
        schemas = opened.Root.Metadata.read_bytes().decode().partition("pdfaExtension:schemas")[2]
        assert f"<pdfaSchema:namespaceURI>{PDFUA}</pdfaSchema:namespaceURI>" in schemas
        root = opened.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en"
        assert root.ViewerPreferences.DisplayDocTitle
        (intent,) = root.OutputIntents
        assert intent.S == "/GTS_PDFA1" and intent.DestOutputProfile.N == 3
        assert "/Encrypt" not in opened.trailer
        for object_ in opened.objects:
            if isinstance(object_, pikepdf.Dictionary):
                assert object_.get("/S") not in ("/JavaScript", "/Launch", "/URI")
                assert "/OpenAction" not in object_ and "/AA" not in object_


def test_its_fonts_are_in_it_and_known_beforehand(told):
    with pikepdf.open(io.BytesIO(made(told(30), "it"))) as opened:
        fonts = [
            object_
            for object_ in opened.objects
            if isinstance(object_, pikepdf.Dictionary)
            and object_.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        for font in fonts:
            assert "LibertinusSerif" in str(font.FontName)
            assert "/FontFile3" in font


def test_pictures_have_words_for_who_cannot_see_them(told):
    with pikepdf.open(io.BytesIO(made(told(30)))) as opened:
        alts = [
            str(object_.Alt)
            for object_ in opened.objects
            if isinstance(object_, pikepdf.Dictionary) and "/Alt" in object_
        ]
    assert any("Median rate" in alt for alt in alts)
    assert any("every night" in alt for alt in alts)


def test_the_figures_are_attached_and_are_those_of_the_hash(told):
    found = told(30)
    data = made(found)
    with pikepdf.open(io.BytesIO(data)) as opened:
        attached = opened.attachments["report.json"].get_file().read_bytes()
    assert attached.decode("ascii") == as_text(found)
    assert sha256(json.loads(attached)) in text_of(data).replace("\n", "")


def test_the_same_contents_give_the_same_file(told):
    assert made(told(30)) == made(told(30))


def test_qpdf_finds_no_fault(told, tmp_path):
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed")
    file = tmp_path / "report.pdf"
    file.write_bytes(made(told(30)))
    checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def preflight(file):
    """Return what Apache PDFBox's Preflight says against a file as PDF/A-1b; skips without it."""
    if shutil.which("java") is None:
        pytest.skip("no Java for Apache Preflight")
    from pathlib import Path

    share = Path("/usr/share/java")
    jars = [share / f"{name}.jar" for name in JARS]
    jars += [next(iter(share.glob("javax.activation*.jar")), share / "javax.activation.jar")]
    missing = [jar.name for jar in jars if not jar.exists()]
    if missing:
        pytest.skip(f"Apache Preflight (Debian's libpdfbox2-java) is not whole: {missing}")
    ran = subprocess.run(
        [
            "java",
            "-cp",
            ":".join(map(str, jars)),
            "org.apache.pdfbox.preflight.Validator_A1b",
            file,
        ],
        capture_output=True,
        text=True,
    )
    return ran.stdout


@pytest.mark.parametrize("language", ["en", "it"])
def test_an_independent_validator_finds_nothing_but_what_part_3_allows(told, tmp_path, language):
    file = tmp_path / "report.pdf"
    file.write_bytes(made(told(30), language))
    said = preflight(file)
    assert "PDF/A-1b" in said
    faults = [line for line in said.splitlines() if re.match(r"\d+(\.\d+)+ : ", line)]
    assert faults  # it looked: part 3 is more than part 1
    assert [line for line in faults if not any(word in line for word in OF_PART_3)] == []


def test_the_same_pages_as_part_1_are_valid_to_an_independent_validator(
    told, tmp_path, monkeypatch
):
    monkeypatch.setattr(pdf, "STANDARDS", ["a-1b"])
    template = tmp_path / "page.typ"
    text = pdf.TEMPLATE.read_text(encoding="utf-8")
    template.write_text(re.sub(r"#pdf\.attach\(.*?\n\)\n", "", text, flags=re.S), encoding="utf-8")
    monkeypatch.setattr(pdf, "TEMPLATE", template)
    file = tmp_path / "report.pdf"
    file.write_bytes(made(told(30)))
    assert "is a valid PDF/A-1b file" in preflight(file)


HOSTILE = (
    '#panic("x") $a$ *b* _c_ `d` <e> @f \\ #read("/etc/passwd")',
    "</script><script>alert(1)</script>",
    "\u202eevil\u202c \u200b \x07 \x00 \ud800 \n\n new",
    "漢字 🙂 ﷽ אבג",
    "a" * 500,
    "{x} {0} %s %(y)s {",
    "“quotes” and 'others' \"three\"",
)


@pytest.mark.parametrize("language", whole_or(["en", "it"], ["it"]))
@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_words_of_people_are_only_ever_text(told, words, language):
    found = told(30)
    found["who"]["name"] = words
    found["sides"] = [found["sides"][0] | {"band": words}] * 2
    found["phases"]["groups"][1]["name"] = words
    found["diary"]["entries"][0] |= {"what": words, "unit": words}
    found["subject"]["limbs"] = [words]
    found["placement"]["worn"][0]["limb"] = words
    found["placement"]["bands"][0]["band"] = words
    data = made(found, language)
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 2
    text = text_of(data)
    assert "root:" not in text
    if words.startswith("#panic"):
        assert '#panic("x")' in text


def test_letters_that_the_font_lacks_are_marked_and_no_error(told):
    from notturno.report.figures_said import MISSING, shown

    assert shown("Zoë 漢字 Łódź Ψ Жук") == f"Zoë {MISSING * 2} Łódź Ψ Жук"
    found = told(3)
    found["who"]["name"] = "".join(
        chr(sign) for low, high in ((0x20, 0x7E), (0xA0, 0x17F)) for sign in range(low, high + 1)
    )
    made(found)


def test_every_letter_said_to_be_in_the_font_is_in_it(told):
    from notturno.report import figures_said

    every = "".join(chr(sign) for low, high in figures_said.SHOWN for sign in range(low, high + 1))
    every = "".join(sign for sign in every if sign.isprintable()) + figures_said.SHOWN_TOO
    for start in range(0, len(every), 40):
        found = told(3)
        found["who"]["name"] = every[start : start + 40].strip() or "x"
        made(found)  # an archive's file may hold no letter without a picture: typst refuses


def test_a_password_hides_everything(told):
    data = pdf.encrypted(made(told(30, name="Anna Rossi")), "però 1")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(data))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(data), password="pero 1")
    assert b"Anna" not in data and b"report-1" not in data and b"Movements" not in data
    with pikepdf.open(io.BytesIO(data), password="però 1") as opened:
        assert opened.encryption.R == 6 and opened.encryption.stream_method.name == "aesv3"
        assert "pdfaid:part" not in opened.open_metadata()
        assert "report.json" in opened.attachments
    assert "Anna Rossi" in text_of(data, "però 1")


def test_an_anonymous_file_holds_no_date_of_the_person(told):
    data = made(told(30, without_names=True, name="Anna Rossi"))
    with pikepdf.open(io.BytesIO(data)) as opened:
        streams = [
            object_.read_bytes()
            for object_ in opened.objects
            if isinstance(object_, pikepdf.Stream)
        ]
        info = str(dict(opened.docinfo))
    for piece in (*streams, info.encode(), text_of(data).encode()):
        for word in (b"Anna", b"calf-left", b"2026-01", b"2026-02", b"2026-03", b"D:2026"):
            assert word not in piece
