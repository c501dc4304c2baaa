"""The picture: well-formed, complete, legible in both schemes, and it needs nothing else."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.charts import days, page, svg, trend
from notturno.cli import cli
from notturno.errors import UserError
from notturno.store import Store
from notturno.words import speaking
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
SVG = "{http://www.w3.org/2000/svg}"


def stored(folder, dated=True, events=()):
    pen = Pen()
    if dated:
        pen.time(1000, EVENING)
    for day in range(3):
        pen.night(2000 + day * 86_400_000, 300, list(events))
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        if dated:
            store.add_tag("before <treatment>", "2026-01-01", "2026-01-13")
    return folder


EVENTS_AWAKE = "awake: nothing is counted here"
EVENTS = (
    (10.0, {"peak_mg": 120}),
    (70.0, {"peak_mg": 3000}),
    (71.0, {"peak_mg": 80, "flags": wire.FLAG_IN_RHYTHM}),
    (80.0, {"kind": wire.EVENT_LM, "duration_samples": 200}),
    (90.0, {"kind": wire.EVENT_RHYTHM, "rhythm_mhz": 1500, "beats": 9, "duration_samples": 900}),
    (100.0, {"kind": wire.EVENT_POSTURE}),
    (120.0, {"kind": wire.EVENT_AWAKE, "duration_samples": 60_000}),
)


def drawn(folder, *options, name="nights.svg"):
    out = folder / name
    arguments = ["chart", "--data-dir", str(folder), "--out", str(out), *options]
    result = CliRunner().invoke(cli, arguments)
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exception is None
    return out.read_text(encoding="utf-8")


def titles(root):
    return [element.text for element in root.iter(SVG + "title")]


def test_the_picture_is_well_formed_and_holds_each_event_once(tmp_path):
    root = ElementTree.fromstring(drawn(stored(tmp_path, events=EVENTS)))
    shown = titles(root)
    for words in (
        "22:40:01 jerk, 120 mg",
        "23:40:01 jerk, 3000 mg",
        "limb movement, 80 mg, 1.92 s",
        "1.5 Hz, 9 beats",
        "00:10:01 turn",
        "80 mg, 0.12 s, not counted: in a rhythm",
        "awake: nothing is counted here",
    ):
        assert len([text for text in shown if words in text]) == 1, (words, shown)


def test_the_hours_and_nights_show_the_numbers_of_the_store(tmp_path):
    shown = titles(ElementTree.fromstring(drawn(stored(tmp_path, events=EVENTS))))
    assert "2026-01-12: 0.4132, Single jerks per hour" in shown  # 2 in 4.84 countable hours
    hours = [re.match(r"\d\d:00: [\d.]+ an hour \((\d+) single", text) for text in shown]
    assert sum(int(found[1]) for found in hours if found) == 2
    # Half past ten: one jerk in half an hour are two an hour, and the bar says that it is a part.
    assert "22:00: 2.0 an hour (1 single jerk in 30 min)" in shown
    assert "23:00: 1.0 an hour (1 single jerk in 60 min)" in shown
    text = (tmp_path / "nights.svg").read_text(encoding="utf-8")
    assert text.count(">(2.0)</text>") == 1 and text.count(">1.0</text>") == 1


def test_an_hour_in_which_nothing_could_be_counted_shows_a_dash_and_no_zero(tmp_path):
    awake = (85.0, {"kind": wire.EVENT_AWAKE, "duration_samples": 125 * 60 * 104})
    text = drawn(stored(tmp_path, events=[awake, (160.0, {})]))
    shown = titles(ElementTree.fromstring(text))
    assert "00:00: hardly anything could be counted" in shown
    # Five minutes of the hour before could be counted in, and there was nothing.
    assert "23:00: 0.0 an hour (0 single jerks in 55 min)" in shown
    assert "02:00: 0.0 an hour (0 single jerks in 60 min)" in shown
    assert text.count(">-</text>") == 2  # 00:00 and 01:00


def test_what_is_left_out_is_drawn_in_grey_whatever_its_kind(tmp_path):
    lm = {"kind": wire.EVENT_LM, "duration_samples": 200}
    events = [(80.0, lm), (90.0, lm | {"flags": wire.FLAG_VIBRATION})]
    root = ElementTree.fromstring(drawn(stored(tmp_path, events=events)))
    kinds = {
        rect.find(SVG + "title").text.split(" ", 1)[1]: rect.get("class")
        for rect in root.iter(SVG + "rect")
        if rect.find(SVG + "title") is not None and "limb" in rect.find(SVG + "title").text
    }
    assert kinds == {
        "limb movement, 80 mg, 1.92 s": "lm",
        "limb movement, 80 mg, 1.92 s, not counted: like a vibration from outside": "passive",
    }


def test_the_record_lane_tells_what_every_part_of_it_is_worth(tmp_path):
    stored(tmp_path, events=EVENTS)
    edit = ["edit", "2026-01-12", "--bed", "22:45", "--data-dir", str(tmp_path)]
    assert CliRunner().invoke(cli, edit).exit_code == 0
    root = ElementTree.fromstring(drawn(tmp_path, "--night", "2026-01-12"))
    lane = {}
    for rect in root.iter(SVG + "rect"):
        title = rect.find(SVG + "title")
        if title is not None and title.text in ("counted in", "out of bed", EVENTS_AWAKE):
            wide = lane.get(title.text, 0) + float(rect.get("width").rstrip("%")) * 10
            lane[title.text] = wide
    hour = (1000 - 4 - 4) / 6  # six hours are drawn: 22 to 4
    minutes = {words: round(wide / hour * 60) for words, wide in lane.items()}
    assert minutes == {"out of bed": 15, EVENTS_AWAKE: 10, "counted in": 275}


def test_two_bands_and_both_legs_are_drawn_and_told(tmp_path):
    stored(tmp_path, events=EVENTS)
    other = b"VB\0\0\0\0\0\2".hex()
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 300, [(10.0, {})])
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(other, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
    for device, side in ((DEVICE, "L"), (other, "R")):
        name = ["bands", "name", device, f"calf-{side}", "--side", side]
        assert CliRunner().invoke(cli, [*name, "--data-dir", str(tmp_path)]).exit_code == 0
    text = drawn(tmp_path, "--night", "2026-01-12")
    described = ElementTree.fromstring(text).find(SVG + "desc").text
    for who, jerks in (("2026-01-12, calf-L", 2), ("2026-01-12, calf-R", 1), ("Both legs", 3)):
        assert re.search(rf"{who}: [^.]*\.[^.]*\.\d h counted in, {jerks} single jerk", described)
    assert "Left to right: calf-L, calf-R." in text and "Both legs: " in text


@pytest.mark.parametrize(("minutes", "pale"), [(239, True), (241, False)])
def test_pale_is_explained_where_a_bar_is_pale_alone(tmp_path, minutes, pale):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, minutes)
    pen.night(2000 + 86_400_000, 300)
    pen.session(2000 + 2 * 86_400_000)  # still running: no rate, so no bar
    pen.segment(0, 2000 + 2 * 86_400_000)
    pen.minute(6240, 62_000 + 2 * 86_400_000)
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
    text = drawn(tmp_path)
    assert ("Pale: fewer than 4 countable hours." in text) is pale
    assert "Hatched: no figure, and why." in text


def test_no_line_of_text_is_longer_than_the_picture_is_wide(tmp_path):
    stored(tmp_path)
    edit = ["edit", "2026-01-14", "--exclude", "word " * 60, "--data-dir", str(tmp_path)]
    assert CliRunner().invoke(cli, edit).exit_code == 0
    texts = [node.text for node in ElementTree.fromstring(drawn(tmp_path)).iter(SVG + "text")]
    assert sum(text.count("word") for text in texts) == 60
    assert max(map(len, texts)) <= 150


@pytest.mark.parametrize("refusal", [None, {"refused": "The band was not worn.", "code": "x"}])
def test_gaps_stand_with_the_hours_and_not_behind_the_reason(refusal):
    row = {"recorded_h": 7.8, "countable_h": 2.0, "gaps": 1, "gap_h": 0.2, "jerks": 9, "lms": 1}
    row |= {"jerks_per_h": 4.5, "lms_per_h": 0.5, "plms_per_h_wasm2016": 0.5, "refusal": refusal}
    row |= {"state": "complete", "clock": "measured", "excluded": None, "refusals": {}}
    row["state_reason"] = "It ended: docked."
    said = page.describe(row)
    assert said.startswith("7.8 h recorded, 2.0 h counted in, 1 gap (12.0 min), 9 single jerks")
    assert said.endswith("PLMS 0.5 per hour of sleep." if refusal is None else "not worn.")


@pytest.mark.parametrize(
    ("bands", "value", "shown"),
    [(1, 10.25, "10.2"), (2, 10.25, None), (1, 12000.5, None), (2, 1.25, None)],
)
def test_figures_above_neighbouring_bars_never_touch(bands, value, shown):
    nights = [
        {"device_id": name, "band": name, "date": "2026-01-12", "countable_h": 8.0}
        | {"lms_per_h": value}
        for name in "ab"[:bands]
    ]
    drawing = svg.Drawing(1000)
    trend.draw(drawing, 0, nights, [], ("lms_per_h",))
    figures = [part for part in drawing.parts if 'class="count"' in part]
    assert len(figures) == (bands if shown else 0)
    assert all(f">{shown}<" in part for part in figures)


def test_it_says_what_it_is_in_words_too(tmp_path):
    root = ElementTree.fromstring(drawn(stored(tmp_path, events=EVENTS)))
    assert root.get("role") == "img"
    described = root.find(SVG + "desc").text
    assert "2 single jerks" in described
    assert "Simulated" in described and "Not a diagnosis" in described


def test_both_kinds_of_file_need_no_network(tmp_path):
    stored(tmp_path, events=EVENTS)
    for name in ("nights.svg", "nights.html"):
        text = drawn(tmp_path, name=name).replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text and "<script" not in text and "@import" not in text


def test_text_of_the_person_cannot_break_the_picture(tmp_path):
    assert "before &lt;treatment&gt;" in drawn(stored(tmp_path))


def test_a_page_has_the_table_for_those_who_cannot_see_the_picture(tmp_path):
    page = drawn(stored(tmp_path, events=EVENTS), name="nights.html")
    assert page.count("<tr>") == 4 and "<td>2026-01-13</td>" in page
    heads = re.findall('<th scope="col">(.*?)</th>', page)
    assert heads[:4] == ["Night", "Band", "Recorded (h)", "Countable (h)"]
    assert heads[-2:] == ["Largest (mg)", "No rate because"]


def test_the_table_holds_every_figure_that_is_drawn(tmp_path):
    stored(tmp_path, events=EVENTS)
    chosen = ("--measure", "asleep_h", "--measure", "lms_per_h")
    page = drawn(tmp_path, *chosen, name="nights.html")
    heads = re.findall('<th scope="col">(.*?)</th>', page)
    assert heads.count("Asleep (h)") == heads.count("Limb movements per hour") == 1
    rows = re.findall("<td>2026-01-13</td>.*?</tr>", page)
    assert len(rows) == 1 and rows[0].count("<td>") == len(heads)


def test_a_night_can_be_chosen_and_one_without_a_clock_is_drawn_from_its_start(tmp_path):
    (tmp_path / "a").mkdir()
    assert "The night of 2026-01-12" in drawn(stored(tmp_path / "a"), "--night", "2026-01-12")
    (tmp_path / "b").mkdir()
    undated = drawn(stored(tmp_path / "b", dated=False, events=EVENTS))
    assert "+1 h" in undated and "clock was not set" in undated


def test_nothing_to_draw_and_wrong_names_are_said_plainly(tmp_path):
    with pytest.raises(UserError, match="Nothing is stored yet"):
        drawn(tmp_path)
    stored(tmp_path)
    with pytest.raises(UserError, match="html or .svg"):
        drawn(tmp_path, name="nights.docx")
    with pytest.raises(UserError, match="cannot be written"):
        drawn(tmp_path, name="no/such/folder.svg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_marks_stand_out_from_the_page_in_both_schemes(scheme):
    blocks = re.findall(r"svg \{(.*?)\}", svg.STYLE, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w+);", blocks[scheme == "dark"]))

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a, b):
        low, high = sorted((luminance(colours[a]), luminance(colours[b])))
        return (high + 0.05) / (low + 0.05)

    # WCAG 2.2: 4.5 for text, 3 for what a graphic needs to be understood.
    assert min(contrast("ink", "page"), contrast("soft", "page")) >= 4.5
    for mark in ("jerk", "lm", "rhythm", "posture", "gap"):
        assert contrast(mark, "page") >= 3, mark


@given(st.floats(0.1, 1e6), st.integers(2, 6))
def test_axes_have_round_steps_that_reach_the_top(top, wanted):
    steps = svg.round_steps(top, wanted)
    assert steps[0] == 0 and steps[-1] >= top
    assert len(steps) <= wanted + 1
    step = steps[1]
    while step >= 10:
        step /= 10
    assert round(step, 9) in (1, 2, 5)


def test_a_page_keeps_its_type_as_large_as_it_is_on_a_narrow_screen(tmp_path):
    """Across, the pictures of a page are per cent; a viewBox would shrink their words, too."""
    page_text = drawn(stored(tmp_path, events=EVENTS), name="nights.html")
    pictures = re.findall(r'<svg class="picture"[^>]*>', page_text)
    assert len(pictures) == 2
    assert all('width="100%"' in one and "viewBox" not in one for one in pictures)
    places = re.findall(r'<text x="([^"]+)"', page_text)
    assert len(places) > 30 and all(re.fullmatch(r"\d+(\.\d+)?%", place) for place in places)
    assert max(float(place.rstrip("%")) for place in places) <= 100
    sizes = [int(size) for size in re.findall(r"font-size: (\d+)px", page_text)]
    assert min(sizes) >= 11


def test_a_refused_night_says_so_above_its_picture(tmp_path):
    stored(tmp_path, events=EVENTS)
    edit = ["edit", "2026-01-14", "--exclude", "flu", "--data-dir", str(tmp_path)]
    assert CliRunner().invoke(cli, edit).exit_code == 0
    page_text = drawn(tmp_path, name="nights.html")
    (sentence,) = re.findall(r'<p class="refused">(.*?)</p>', page_text)
    assert "no rate: Left out by the person: flu" in sentence
    assert "flu" in " ".join(
        node.text for node in ElementTree.fromstring(drawn(tmp_path)).iter(SVG + "text")
    )


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-01-30", "2026-02-03", ["30 Jan 2026", "31 Jan", "1 Feb", "2 Feb", "3 Feb"]),
        ("2025-12-31", "2026-01-01", ["31 Dec 2025", "1 Jan 2026"]),
        ("2025-11-15", "2026-03-02", ["Dec 2025", "Jan 2026", "Feb", "Mar"]),
        ("2024-06-05", "2026-02-03", ["Jul 2024", "Jan 2025", "Jul", "Jan 2026"]),
        ("2019-06-05", "2026-02-03", ["2020", "2022", "2024", "2026"]),
        ("2001-06-05", "2026-02-03", ["2005", "2010", "2015", "2020", "2025"]),
        ("2026-01-01", "2026-06-30", ["Jan 2026", "Feb", "Mar", "Apr", "May", "Jun"]),
        ("2026-01-01", "2026-07-01", ["Jan 2026", "Mar", "May", "Jul"]),
        ("2026-01-01", "2026-12-31", ["Jan 2026", "Mar", "May", "Jul", "Sep", "Nov"]),
        ("2026-01-01", "2027-01-01", ["Jan 2026", "Apr", "Jul", "Oct", "Jan 2027"]),
        ("2026-02-01", "2027-09-30", ["Apr 2026", "Jul", "Oct", "Jan 2027", "Apr", "Jul"]),
        ("2026-02-01", "2027-10-01", ["Jul 2026", "Jan 2027", "Jul"]),
        (
            "2023-01-02",
            "2026-06-30",
            ["Jul 2023", "Jan 2024", "Jul", "Jan 2025", "Jul", "Jan 2026"],
        ),
        ("2023-01-02", "2026-07-01", ["2024", "2025", "2026"]),
        ("2021-01-01", "2026-12-31", ["2021", "2022", "2023", "2024", "2025", "2026"]),
        ("2021-01-01", "2027-01-01", ["2022", "2024", "2026"]),
        ("2014-01-02", "2026-01-01", ["2016", "2018", "2020", "2022", "2024", "2026"]),
        ("2014-01-01", "2026-01-01", ["2015", "2020", "2025"]),
        ("2000-01-02", "2030-01-01", ["2005", "2010", "2015", "2020", "2025", "2030"]),
        ("2000-01-01", "2030-01-01", ["2000", "2010", "2020", "2030"]),
        ("1970-01-01", "2030-01-01", ["1980", "2000", "2020"]),
        ("1970-01-01", "2106-01-01", ["2000", "2050", "2100"]),
    ],
)
def test_the_axis_of_many_nights_names_its_years(first, last, words):
    found = days.ticks(date.fromisoformat(first), date.fromisoformat(last))
    assert [text for _, text in found] == words
    assert all(first <= day.isoformat() <= last for day, _ in found)


@given(st.dates(date(1970, 1, 1), date(2030, 1, 1)), st.integers(0, 28_000))
def test_an_axis_bears_words_and_never_more_than_six(first, length):
    found = days.ticks(first, first + timedelta(days=length))
    assert len(found) <= 6
    assert found or length < 367


def test_so_many_nights_that_bars_are_hairs_become_two_strokes():
    row = {"device_id": "a", "band": "a", "countable_h": 8.0, "refusal": None, "refusals": {}}
    first = date(2016, 1, 1)
    nights = [
        row
        | {"date": (first + timedelta(days=i)).isoformat(), "lms_per_h": None if i % 5 else 2.0}
        for i in range(1000)
    ]
    drawing = svg.Drawing()
    trend.draw(drawing, 0, nights, [], ("lms_per_h",))
    strokes = [part for part in drawing.parts if "<path" in part]
    assert [part.count("M") for part in strokes] == [200, 800]
    assert set(re.findall(r"v-([\d.]+)", strokes[1])) == {"10.0"}  # seen, and no figure
    assert 'class="bars lm"' in strokes[0] and 'class="bars away"' in strokes[1]
    assert sum(map(len, drawing.parts)) < 20 * 1000


def test_a_file_that_is_there_stays_unless_it_is_said(tmp_path):
    stored(tmp_path)
    (tmp_path / "nights.svg").write_text("mine")
    with pytest.raises(UserError, match="there already.*--force"):
        drawn(tmp_path)
    assert (tmp_path / "nights.svg").read_text() == "mine"
    assert drawn(tmp_path, "--force").startswith("<svg")
    assert [path.name for path in tmp_path.glob("nights.svg*")] == ["nights.svg"]


def test_a_band_is_chosen_by_its_name(tmp_path):
    stored(tmp_path, events=EVENTS)
    name = ["bands", "name", DEVICE, "calf", "--data-dir", str(tmp_path)]
    assert CliRunner().invoke(cli, name).exit_code == 0
    assert "The night of 2026-01-12" in drawn(tmp_path, "--night", "2026-01-12", "--band", "calf")
    with pytest.raises(UserError, match="no band wrist"):
        drawn(tmp_path, "--band", "wrist", "--force")


def places(parts, pattern):
    """Return the numbers that a pattern finds in the elements of a drawing."""
    found = [re.search(pattern, part) for part in parts]
    return [tuple(map(float, one.groups())) for one in found if one]


@pytest.mark.parametrize("value", [2.0, 4.0])
def test_a_bar_of_a_night_reaches_the_line_of_its_value(value):
    row = {"device_id": "a", "band": "a", "countable_h": 8.0, "date": "2026-01-12"}
    row |= {"refusal": None, "refusals": {}}
    nights = [row | {"lms_per_h": 4.0}, row | {"lms_per_h": value, "date": "2026-01-13"}]
    nights.append(row | {"lms_per_h": None, "date": "2026-01-14"})
    drawing = svg.Drawing()
    trend.draw(drawing, 0, nights, [], ("lms_per_h",))
    bars = places(drawing.parts, r'<rect .*y="([\d.]+)".*height="([\d.]+)" class="lm"')
    ((label,),) = places(drawing.parts, rf'<text .*y="([\d.]+)" class="scale".*>{value:.0f}<')
    assert bars[1][0] == pytest.approx(label + 2, abs=0.11)
    assert bars[0][1] * value == pytest.approx(bars[1][1] * 4, abs=0.5)
    ((_, tall),) = places(drawing.parts, r'<rect .*y="([\d.]+)".*height="([\d.]+)" class="away"')
    assert tall >= 6


def test_a_bar_stands_in_the_slot_of_its_day():
    row = {"device_id": "a", "band": "a", "countable_h": 8.0, "refusal": None, "refusals": {}}
    nights = [row | {"lms_per_h": 4.0, "date": f"2026-01-{day}"} for day in (12, 13, 21)]
    drawing = svg.Drawing(1000)
    trend.draw(drawing, 0, nights, [], ("lms_per_h",))
    bars = [x * 10 for (x,) in places(drawing.parts, r'<rect x="([\d.]+)%".*class="lm"')]
    slot = (1000 - trend.LEFT - trend.RIGHT) / 10
    assert bars[1] - bars[0] == pytest.approx(slot, abs=0.2)
    assert bars[2] - bars[0] == pytest.approx(9 * slot, abs=0.2)
    assert trend.LEFT < bars[0] < trend.LEFT + slot


def test_an_hour_and_a_jerk_reach_the_lines_of_their_values(tmp_path):
    events = [(31.0 + 10 * k, {"peak_mg": 100}) for k in range(4)] + [(100.0, {"peak_mg": 1000})]
    text = drawn(stored(tmp_path, events=events))
    parts = text[text.index("The night of") :].replace("><", ">\n<").split("\n")
    ((label,),) = places(parts, r'<text .*y="([\d.]+)" class="scale".*>4<')
    tops = places(parts, r'<rect .*y="([\d.]+)".*class="jerk"')
    assert any(abs(top - label - 2) < 0.2 for (top,) in tops)  # four in the hour from 23:00
    for strength in (100, 1000):
        ((label,),) = places(parts, rf'<text .*y="([\d.]+)" class="scale".*>{strength} mg<')
        tips = places(parts, r'<line .*y2="([\d.]+)" class="jerk"')
        assert any(abs(tip - label - 3) < 0.2 for (tip,) in tips), strength
    ((lowest,),) = places(parts, r'<text .*y="([\d.]+)" class="scale".*>10 mg<')
    base = max(y for (y,) in places(parts, r'<line .*y1="([\d.]+)".*class="jerk"'))
    assert lowest + 3 == pytest.approx(base, abs=0.2)


LAY = [
    {"start_ms": 0, "end_ms": 7_200_000, "turned_deg": 0.0},
    {"start_ms": 7_200_000, "end_ms": 9_000_000, "turned_deg": 90.0},
    {"start_ms": 9_000_000, "end_ms": 9_900_000, "turned_deg": 170.0},
]


def test_how_it_lay_is_as_tall_as_it_is_turned():
    from notturno.charts import how_it_lay, lanes

    drawing = svg.Drawing()
    how_it_lay.draw(drawing, 0, lanes.Axis(drawing, 0, 9_900_000, None), LAY)
    blocks = [part for part in drawing.parts if 'class="turned"' in part]
    heights = [float(part.split('height="')[1].split('"')[0]) for part in blocks]
    assert heights == [2, pytest.approx(17, abs=0.1), pytest.approx(32.1, abs=0.1)]
    assert "+120.0 min: turned by 90 degrees, for 30 min" in blocks[1]
    scale = [i for i, part in enumerate(drawing.parts) if "\N{DEGREE SIGN}</text>" in part]
    assert len(scale) == 2 and min(scale) > drawing.parts.index(blocks[-1])  # none lies under one
    assert all('class="scale"' in drawing.parts[i] for i in scale)


def test_how_it_lay_is_told_to_those_who_cannot_see_it():
    from notturno.charts import how_it_lay

    text = how_it_lay.lying_text(LAY)
    assert "2.0 h as it lay longest (within 45 degrees), 0.5 h turned by 45 to 135" in text
    assert text.endswith("0.2 h by more.") and how_it_lay.lying_text([]) == ""
    with speaking("it"):
        assert "2,0 h" in how_it_lay.lying_text(LAY)


@pytest.mark.parametrize(("nights", "words"), [(36, 5), (40, 5), (7, 4), (200, 4)])
def test_dates_below_the_nights_do_not_lie_on_one_another(nights, words):
    """The year behind the first date may reach the second one, which then bears no word."""
    drawing, first = svg.Drawing(), date(2026, 10, 22)
    last = first + timedelta(days=nights - 1)
    trend._draw_dates(drawing, 0, trend.Calendar(drawing, first, last))
    shown = re.findall(r'<text x="([\d.]+)%"[^>]*>([^<]+)</text>', "".join(drawing.parts))
    assert len(shown) == words and shown[0][1].endswith(" 2026")
    at = [float(x) for x, _ in shown]
    wide = [1.7 * len(word) for _, word in shown]  # percent of the picture, on a phone
    assert at[0] + wide[0] < at[1] - wide[1] / 2
    for i in range(1, len(shown) - 1):
        assert at[i] + wide[i] / 2 < at[i + 1] - wide[i + 1] / 2
