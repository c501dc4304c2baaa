"""The page around the pictures: headings, sentences, legend and table, by rows made by hand."""

import re

import pytest
from notturno.charts import page, svg
from test_night_by_hand import Drawing


def row(**values):
    made = {"night": "2026-01-12", "date": "2026-01-12", "band": "calf", "device_id": "a"}
    made |= {"recorded_h": 7.84, "countable_h": 7.25, "gaps": 0, "gap_h": 0.0}
    made |= {"jerks": 9, "jerks_per_h": 1.2414, "lms": 1, "lms_per_h": 0.14, "largest_mg": 80}
    made |= {"plms_per_h_wasm2016": 0.5, "refusal": None, "refusals": {}, "simulated": False}
    made |= {"state": "complete", "state_reason": "It goes on.", "excluded": None}
    return made | {"clock": "measured", "clock_error_ms": 20} | values


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({}, "asleep."),
        ({"state": "open", "excluded": "ill"}, " It goes on."),
        ({"state": "open"}, "asleep."),
        ({"state_reason": "It ended: battery."}, " It ended: battery."),
        (
            {"clock": "estimated", "clock_error_ms": 150_000},
            " Clock set once: times may be off by up to 2 min.",
        ),
        ({"clock": "unknown"}, " The band's clock was not set: times since its start."),
    ],
)
def test_a_night_is_described_with_what_is_special_in_it_and_only_then(values, end):
    said = page.describe(row(**values))
    assert said.startswith("7.8 h recorded, 7.2 h counted in, 9 single jerks")
    assert "gap" not in said
    if end == "asleep.":
        assert said.endswith("PLMS 0.5 per hour of sleep.")
    else:
        assert said.endswith(end)


@pytest.mark.parametrize(
    ("gaps", "gap_h", "said"),
    [(1, 0.05, ", 1 gap (3.0 min), "), (2, 0.5, ", 2 gaps (30.0 min), ")],
)
def test_gaps_are_told_with_their_minutes(gaps, gap_h, said):
    assert said in page.describe(row(gaps=gaps, gap_h=gap_h))


def test_a_heading_is_a_date_or_a_name_and_of_several_bands_the_band():
    assert page.heading_of(row()) == "The night of 2026-01-12"
    assert page.heading_of(row(), True) == "The night of 2026-01-12, calf"
    undated = row(date=None, night="undated-1")
    assert page.heading_of(undated) == "A night without a date (undated-1)"


def test_all_is_described_band_by_band_and_nights_are_counted_once():
    lying = [{"start_ms": 0, "end_ms": 7_200_000, "turned_deg": 0.0}]
    views = [{"row": row(), "lying": lying}, {"row": row(band="wrist"), "lying": []}]
    both = row(band="both legs")
    nights = [row(), row(band="wrist"), row(night="2026-01-13")]
    said = page.describe_all(nights, views, [both])
    assert said.startswith("2 nights. The night of 2026-01-12, calf: 7.8 h recorded")
    assert "Of the night the limb lay 2.0 h" in said and "2026-01-12, wrist: " in said
    assert ". Both legs: 7.8 h recorded" in said and "Simulated" not in said
    one = page.describe_all([row(simulated=True)], views[:1], [])
    assert one.startswith("1 night. The night of 2026-01-12: ")
    assert "Simulated: recorded by a virtual band. " in one


def test_a_long_sentence_is_broken_into_lines_of_150_signs():
    drawing = Drawing()
    assert page._sentences(drawing, 10, "word " * 31) == 42  # 30 words are 149 signs
    assert [(text[0], text[1], len(text[2])) for text in drawing.texts] == [
        (4, 10, 149),
        (4, 26, 4),
    ]


@pytest.mark.parametrize(("signs", "at"), [(44, (686, 91)), (45, (4, 113))])
def test_a_legend_ends_six_units_and_a_margin_before_the_page(monkeypatch, signs, at):
    """By 6.4 units a sign: 686 + 20 + 281.6 + 6 are 993.6 of 996; one sign more is 1000."""
    monkeypatch.setattr(page, "legend", lambda: [("jerk", "x" * 100), ("lm", "y" * signs)])
    drawing = Drawing()
    drawing.width = 1000
    page._draw_legend(drawing, 100)
    assert drawing.rects[1][:2] == at


def test_the_legend_goes_on_below_where_the_page_ends():
    drawing = Drawing()
    assert page._draw_legend(drawing, 100) == 144
    first, *_ = drawing.rects
    assert first == (4, 91, 14, 10, "jerk", None)
    assert drawing.texts[0][:4] == (24, 100, "single jerk: counted", "soft")
    # A mark, its words by 6.4 units a sign, and room: 4 + 20 + 128 + 22.
    assert drawing.rects[1][:2] == (174.0, 91)
    places = [(x, y) for x, y, *_ in drawing.rects]
    assert {y for _, y in places} == {91, 113} and len(places) == 10
    begun = next(x for x, y in places if y == 113)
    assert begun == 4
    assert all(x + 6.4 * len(words) <= 1004 for x, _, words, *_ in drawing.texts)
    upper = [(x, len(w)) for x, y, w, *_ in drawing.texts if y == 100]
    lower = [(x, len(w)) for x, y, w, *_ in drawing.texts if y == 122]
    x, length = upper[-1]
    after = x + 6.4 * length + 22  # the next would have begun there, and not ended in time
    assert after + 26 + 6.4 * lower[0][1] > 1004


def rows_of(html):
    body = html.split("<tbody>")[1]
    return [re.findall("<td>(.*?)</td>", one) for one in body.split("</tr>")[:-1]]


def test_the_table_has_the_figures_that_are_drawn_with_two_digits():
    refused = {"refused": "Too <short>.", "code": "too_short"}
    html = page._table([row(), row(jerks_per_h=None, refusal=refused)], ("jerks_per_h", "gap_h"))
    assert rows_of(html) == [
        ["2026-01-12", "calf", "7.84", "7.25", "9", "1.24", "1", "0.14", "80", "0.00", "-"],
        ["2026-01-12", "calf", "7.84", "7.25", "9", "-", "1", "0.14", "80", "0.00"]
        + ["Too &lt;short&gt;."],
    ]
    assert "newest" not in html


@pytest.mark.parametrize(("nights", "shown"), [(120, 120), (121, 120), (200, 120)])
def test_the_table_is_of_the_newest_120_nights_and_says_so(nights, shown):
    rows = [row(night=f"n{k:03}", band=band) for k in range(nights) for band in "ab"]
    html = page._table(rows, ())
    assert len(rows_of(html)) == 2 * shown and rows_of(html)[-1][:2] == [f"n{nights - 1:03}", "b"]
    assert ("(the newest 120; all of them: notturno nights)" in html) is (nights > 120)


def test_a_picture_of_nights_without_a_date_is_none():
    assert page.nights_figure([row(date=None)], []) == ""
    assert page.nights_figure([row()], []).startswith('<svg class="picture"')


def test_the_whole_stands_below_its_title():
    text, described = page.picture(
        [row(date=None, simulated=True)], [], [row(band="both legs")], []
    )
    assert "font-size: 18px" in text and f'<desc id="picture-text">{described}</desc>' in text
    texts = re.findall(r'<text x="([\d.]+)%" y="([\d.]+)"[^>]*>([^<]*)<', text)
    assert texts[0] == ("0.4", "28", "Nights")
    assert texts[1][:2] == ("99.6", "28") and texts[1][2].startswith("Simulated: ")
    assert texts[2][:2] == ("0.4", "48") and texts[2][2].startswith("Both legs: 7.8 h")
    # One line of 16, then 10; the legend's first mark there, its second line 22 below.
    assert texts[3] == ("2.4", "74", "single jerk: counted")
    (height,) = re.findall(r'viewBox="0 0 1000 (\d+)"', text)
    assert int(height) == 74 + 22 + 22 + 8


def test_a_documents_size_is_its_pictures():
    text = svg.Drawing().svg(99.6, "a < b", "c & d", "x")
    assert 'viewBox="0 0 1000 100" width="1000" height="100"' in text
    assert '<title id="x-title">a &lt; b</title><desc id="x-text">c &amp; d</desc>' in text
    inline = svg.Drawing().inline(99.6, "t", "x")
    assert 'width="100%" height="100"' in inline and "desc" not in inline
    told = svg.Drawing().inline(99.6, "t", "x", "words")
    assert 'aria-describedby="x-text"' in told and '<desc id="x-text">words</desc>' in told
