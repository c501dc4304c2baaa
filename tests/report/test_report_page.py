"""What stands on a report's pages comes from its contents and from the words, and nothing else."""

import ast
import json
import re
import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from golden import columns, hold, on_trial
from golden import leaves as of_json
from notturno import report
from notturno.report.contents import as_text, contents, sha256
from notturno.report.figures_said import DASH, day, number
from notturno.report.page import page
from notturno.store import Store
from notturno.words import speaking

ROOM = Path(report.__file__).parent
WORDS = (
    *("page.py", "first_page.py", "findings.py", "pictures.py", "second_page.py", "left_out.py"),
    *("trust.py", "naming.py", "blocks.py", "figures_said.py", "drawings.py"),
)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
LANGUAGES = ("en", "it")
KEPT = Path(__file__).with_name("golden_page.json")


def said(found, language="en", room=1.0):
    """Return the pages of some contents in a language."""
    with speaking(language):
        return page(found, sha256(found), room)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("nights", [3, 30])
def test_all_that_stands_on_the_pages_is_kept(folders, nights, language):
    """But for a checksum."""
    with Store.open(folders(nights), create=False) as store, on_trial():
        found = said(contents(store, made_on="2026-03-01"), language)
    places = columns(pair for pair in of_json(found) if not isinstance(pair[1], str))
    says = [re.sub("[0-9a-f]{64}", "(SHA-256)", text) for text in texts(found)]
    hold(KEPT, f"{nights} nights, {language}", {"says": says, "places": places})


@pytest.mark.parametrize(
    ("value", "told"), [(0.5, "+0.5"), (-0.5, "−0.5"), (0, "+0.0"), (-12.34, "−12.3"), (None, "-")]
)
def test_a_change_bears_its_sign(value, told):
    assert number(value, 1, signed=True) == told.replace("-", DASH)


def texts(value):
    """Yield every text of a page, but not its places on the paper."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("lang", "kind"):
                yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def leaves(value):
    """Yield every figure and text of the contents, and the names under which they stand."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield value


def written(value, comma):
    """Return the ways in which a figure of the contents may be written, by rules of its own."""
    if isinstance(value, str):
        ways = set(NUMBER.findall(value))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            day = date.fromisoformat(value)
            ways |= {str(day.day), str(day.year)}
        return ways
    forms = {f"{abs(part):,.{digits}f}" for part in (value, 100 * value) for digits in range(4)}
    # Ties may be rounded to the even digit or away from zero.
    forms |= {f"{abs(value) + 1e-9:,.{digits}f}" for digits in range(4)}
    if comma:
        forms = {form.translate(str.maketrans(",.", ".,")) for form in forms}
    return forms


def numbers_of_words(language):
    """Return the numbers that stand in the sentences themselves, as translated."""
    found = set()
    with speaking(language):
        from notturno.words import _

        for name in WORDS:
            for node in ast.walk(ast.parse((ROOM / name).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "n_"):
                    for argument in node.args:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            found |= set(NUMBER.findall(_(argument.value)))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("nights", [0, 1, 3, 30])
@pytest.mark.parametrize("hidden", [False, True])
def test_every_number_on_the_page_is_in_the_contents(told, language, nights, hidden):
    found = told(nights, without_names=hidden)
    known = {form for leaf in leaves(found) for form in written(leaf, language == "it")}
    known |= numbers_of_words(language) | set(NUMBER.findall(sha256(found)))
    known |= {"100,000", "100.000"}  # stands for all that is larger
    text = " ".join(texts(said(found, language)))
    assert len(NUMBER.findall(text)) > 20
    assert set(NUMBER.findall(text)) - known == set()


FIGURES = (  # (path, a value of no other figure, how it stands on the page)
    (("measures", "jerks_per_h", "typical"), 7771.6, "7,771.6"),
    (("measures", "plms_per_h_wasm2016", "detector_range", "low"), 7772.4, "7,772.4"),
    (("measures", "plms_per_h_aasm3", "detector_range", "high"), 7773.4, "7,773.4"),
    (("measures", "periodicity_index", "variability", "range", 1), 7774.12, "7,774.12"),
    (("sleep_starts", "counted"), 7775, "7,775"),
    (("sleep_starts", "by_chance"), 7776.3, "7,776.3"),
    (("nights", "head", "usable_nights"), 7777, "7777"),
    (("nights", "nights", -1, "jerks_per_h_high"), 7778.9, "7,778.9"),
    (("nights", "nights", -1, "events"), 7779, "7,779"),
    (("above_lab_limit", "plms_per_h_wasm2016", "above"), 7780, "7780"),
    (("sums", "counts", "rhythms_clonic"), 7781, "7,781"),
    (("sums", "hours", "awake_h"), 7782.5, "7,782.5"),
    (("phases", "groups", 1, "measures", "jerks_per_h", "against_first", "ratio"), 77.83, "77.83"),
    (("labels", "by_kind", "jerk", "ppv"), 77.84, "7,784\u00a0%"),
    (("labels", "wrong_jerks_per_h", "wrong"), 7785.1, "7,785.1"),
    (("detector", "jerks", "found"), 77.86, "7,786\u00a0%"),
    (("detector", "still", "high"), 7787.2, "7,787.2"),
    (("detector", "asleep_jerks_per_h"), 7792.6, "7,792.6"),
    (("placement", "worn", 0, "nights"), 7788, "7,788"),
    (("diary", "entries", 0, "most"), 7789.5, "7,789.5"),
    (("diary", "entries", 0, "least"), 7793, "7,793"),
    (("diary", "entries", 1, "least"), 77.9412, "77.94"),
    (("diary", "associations", "by_name", "caffeine", "rank_correlation"), 77.9, "+77.90"),
    (("diary", "associations", "by_name", "caffeine", "p_holm"), 77.9312, "77.931"),
    (("hours", "hours", 3, "clock"), 7791, "7,791"),
    (("hours", "axis", -1), 7792.0, "7,792"),
)


@pytest.mark.parametrize(("path", "value", "form"), FIGURES, ids=lambda x: str(x)[:40])
def test_a_figure_of_the_contents_is_the_one_on_the_page(told, path, value, form):
    found = told(30)
    assert form not in json.dumps(said(found), ensure_ascii=False)
    place = found
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] is not None
    place[path[-1]] = value
    assert re.search(rf"(?<![\d.,]){re.escape(form)}(?![.,]?\d)", " ".join(texts(said(found))))


def test_the_pages_are_made_of_the_printed_json(told):
    found = told(30)
    assert said(json.loads(as_text(found))) == said(found)


def test_the_words_ask_nobody_else_for_a_figure():
    for name in WORDS:
        tree = ast.parse((ROOM / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = node.module
                allowed = (
                    "notturno.report",
                    "notturno.words",
                    "notturno.knowledge",
                    "collections.abc",
                    "datetime",
                    "typing",
                    "__future__",
                )
                assert module.startswith(allowed), module
            elif isinstance(node, ast.Import):
                raise AssertionError(f"{name} imports {node.names[0].name}")


@pytest.mark.parametrize("nights", [1, 30])
def test_no_sentence_stays_english_in_italian(told, nights):
    found = told(nights)
    # Refusals are said by the rooms' own templates, sources as their authors wrote them.
    others = {leaf for leaf in leaves(found) if isinstance(leaf, str) and leaf.endswith(".")}
    others |= {text for text in texts(said(found)) if text.startswith("[1]")}
    english = {text for text in texts(said(found)) if len(text.split()) > 3}
    italian = {text for text in texts(said(found, "it")) if len(text.split()) > 3}
    assert (english & italian) - others == set()
    assert len(english) > 25
    assert not re.search(r"\{[a-z_]*\}", " ".join(italian | english))


def test_an_exposure_that_the_program_knows_is_named_in_the_language(told):
    assert "Caffeina" in " ".join(texts(said(told(30), "it")["left"]))
    assert "clonazepam" in " ".join(texts(said(told(30), "it")["left"]))  # the person's own word


def test_labelled_limb_movements_are_told_where_there_are_enough(told):
    found = told(30)
    text = " ".join(texts(said(found)["right"]))
    assert "labelled jerks were theirs" in text
    assert not re.search(r"Of \d+ limb movements", text)
    found["labels"]["by_kind"]["lm"] |= {"labelled": 41, "ppv": 0.9, "ppv_low": 0.8, "ppv_high": 1}
    text = " ".join(texts(said(found)["right"]))
    assert "Of 41 limb movements 90\u00a0% were theirs (80\u00a0% to 100\u00a0%)." in text


def test_decimals_are_written_as_the_language_does(told):
    found = told(30)
    typical = found["measures"]["jerks_per_h"]["typical"]
    assert said(found)["tiles"][0]["value"] == f"{typical:.1f}"
    assert said(found, "it")["tiles"][0]["value"] == f"{typical:.1f}".replace(".", ",")


def test_the_head_of_every_page_says_that_it_is_no_diagnosis(told):
    assert said(told(3))["running_head"].startswith("Not a diagnosis")
    assert said(told(3), "it")["running_head"].startswith("Non è una diagnosi")


def test_one_night_gets_the_interval_of_chance_and_no_spread(told):
    found = told(1)
    (night,) = found["nights"]["nights"]
    note = said(found)["tiles"][0]["note"]
    assert f"{night['jerks_per_h_low']:.1f} to {night['jerks_per_h_high']:.1f}" in note
    assert any("Fewer than three nights" in line for line in said(found)["findings"])


def test_the_nights_left_out_are_named_with_their_reason(told):
    found = told(30)
    (section,) = [one for one in said(found)["left"] if one["title"] == "Left out, and why"]
    told_nights = section["blocks"][0]["text"]
    refused = [row for row in found["nights"]["nights"] if row["refusal"]]
    assert refused
    with speaking("en"):
        for row in refused:
            assert day(row["night"]) in told_nights
    assert "not worn long enough 2 (19" in told_nights


def test_what_never_happened_has_no_typical_rate(told):
    found = told(3)
    found["sums"]["counts"]["rhythms_clonic"] = 0
    rows = {row[0]: row[1:] for row in said(found)["left"][0]["blocks"][0]["rows"]}
    assert rows["Rhythms, 3 to 8 Hz (clonic)"] == ["0", "–"]
    assert rows["Single jerks"][1] != "–"


def test_nothing_stored_is_a_sentence(told):
    assert "Nothing is stored" in said(told(0))["findings"][0]


def test_the_pictures_lie_inside_their_fields(told):
    pages = said(told(30))
    drawn = pages["hours"]["drawn"]
    places = [point for band in drawn["bands"] for point in band["points"]]
    places += [point for line in drawn["lines"] for point in line]
    places += [
        (dot["x"], y)
        for dot in pages["nights"]["drawn"]["dots"]
        for y in (dot["y"], dot["low"], dot["high"])
    ]
    assert len(places) > 100
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places)


def test_a_dot_lies_between_the_ends_of_its_interval_and_where_its_rate_is(told):
    found = told(30)
    axis = found["nights"]["axis"]
    dots = said(found)["nights"]["drawn"]["dots"]
    counted = [row for row in found["nights"]["nights"] if row["refusal"] is None]
    assert len(dots) == len(counted) == 27
    for dot, row in zip(dots, counted, strict=True):
        assert dot["high"] < dot["y"] < dot["low"]
        assert (1 - dot["y"]) * axis[-1] == pytest.approx(row["jerks_per_h"], abs=2e-4 * axis[-1])


def test_the_outer_band_holds_the_inner_one_and_that_the_median(told):
    drawn = said(told(30))["hours"]["drawn"]
    outer, inner = (band["points"] for band in drawn["bands"][:2])
    (line,) = drawn["lines"]
    n = len(line)
    for i, (_, median) in enumerate(line):
        low = 2 * n - 1 - i
        assert outer[i][1] <= inner[i][1] <= median <= inner[low][1] <= outer[low][1]


def test_an_hour_without_percentiles_parts_the_picture(told):
    found = told(30)
    rows = found["hours"]["hours"]
    middle = next(i for i, row in enumerate(rows) if row["clock"] == 1)
    for key in ("p10", "p25", "p50", "p75", "p90"):
        rows[middle][key] = {"refused": "2 usable nights; it needs 5.", "code": "too_few_nights"}
    drawn = said(found)["hours"]["drawn"]
    assert len(drawn["lines"]) == 2


def test_an_interval_that_says_nothing_is_no_row_of_digits(told):
    found = told(30)
    trend = found["measures"]["jerks_per_h"]["trend"]
    for high in (6.9, 899.0):
        trend["trend_high"] = high
        assert "% a week" in said(found)["findings"][-1]
    for high in (901.0, 5.2e23, None):
        trend["trend_high"] = high
        assert "cannot be told" in said(found)["findings"][-1]
    against = found["phases"]["groups"][1]["measures"]["jerks_per_h"]["against_first"]
    against["ratio_high"] = 5.2e23
    assert "0.64" not in " ".join(texts(said(found)))
    assert "> 100,000" in " ".join(texts(said(found)))


def test_what_is_large_keeps_its_digits_as_long_as_they_can_be_read():
    assert number(99_999.4) == "99,999.4"
    assert number(100_000) == number(1e30) == "> 100,000"


@pytest.mark.parametrize(("usable", "warned"), [(2, True), (3, False)])
def test_fewer_than_three_nights_are_said_to_be_few(told, usable, warned):
    found = told(3)
    found["nights"]["head"]["usable_nights"] = usable
    lines = said(found)["findings"]
    assert any("Fewer than three nights" in line for line in lines) == warned


def test_an_axis_has_room_for_its_labels(told):
    found = told(30)
    assert len(said(found)["nights"]["drawn"]["labels"]) == 5
    row = next(row for row in found["hours"]["hours"] if row["clock"] == 2)
    found["hours"]["hours"] = [row | {"hour": hour} for hour in range(18, 42)]
    assert len(said(found)["hours"]["drawn"]["labels"]) == 16


def test_hours_of_the_newest_nights_alone_are_said_to_be_so(told):
    found = told(30)
    assert "over 27 nights" in said(found)["hours"]["what"]
    found["hours"]["left_for_length"] = 1
    assert "over the last 27 nights" in said(found)["hours"]["what"]


def test_an_hour_stands_over_its_label_and_has_its_share_of_the_width(told):
    drawn = said(told(30))["hours"]["drawn"]
    (line,) = drawn["lines"]
    places = [label["x"] for label in drawn["labels"]]
    assert [x for x, _ in line] == places
    assert places[0] == pytest.approx(0.5 / len(places), abs=1e-3)
    assert places[-1] == pytest.approx(1 - 0.5 / len(places), abs=1e-3)


def test_rates_have_one_decimal_and_indices_two(told):
    found = told(30)
    rows = said(found)["indices"]["rows"]
    measures = found["measures"]
    assert rows[0][1] == f"{measures['jerks_per_h']['typical']:.1f}"
    assert rows[4][1] == f"{measures['periodicity_index']['typical']:.2f}"
    assert rows[0][5] == "27"


def test_the_newest_seven_nights_stand_last_with_their_intervals(told):
    found = told(30)
    table = next(s for s in said(found)["foot"] if s["title"] == "The last nights")["blocks"][0]
    assert len(table["rows"]) == 7
    night = found["nights"]["nights"][-1]
    row = table["rows"][-1]
    assert row[3] == str(night["events"])
    low, high = night["jerks_per_h_low"], night["jerks_per_h_high"]
    assert row[5] == f"{low:.1f}–{high:.1f}"


def test_what_made_the_figures_is_named_with_the_first_signs_of_its_settings(told):
    found = told(30)
    (settings,) = found["provenance"]["settings_sha256"]
    text = " ".join(texts(said(found)["foot"]))
    assert settings[:16] in text and settings[:17] not in text
    assert f"detector {found['provenance']['detector_version'][0]}" in text
    assert found["knowledge"]["purpose"] in text


def test_names_that_the_band_gave_are_said_in_words(told):
    found = told(30)
    found["provenance"]["names_version"] = [2, "band"]
    text = " ".join(texts(said(found, "it")["foot"]))
    assert "nomi 2, quelli della fascia" in text


def test_a_phase_lies_over_its_nights(told):
    found = told(30)
    before, later = said(found)["nights"]["drawn"]["phases"]
    assert (before["x"], before["width"]) == pytest.approx((0, 18 / 30), abs=1e-3)
    assert (later["x"], later["width"]) == pytest.approx((18 / 30, 12 / 30), abs=1e-3)
    top = found["nights"]["axis"][-1]
    typical = found["phases"]["groups"][1]["measures"]["jerks_per_h"]["typical"]
    assert (1 - later["y"]) * top == pytest.approx(typical, abs=2e-4 * top)


def test_no_sentence_promises_more_than_the_purpose(told):
    from notturno.knowledge import forbidden_in

    for nights in (0, 30):
        for text in texts(said(told(nights))):
            assert forbidden_in(text) == []


def test_lists_that_are_cut_say_how_many_more_there_are(told):
    found = told(30)
    entry = found["diary"]["entries"][0]
    found["diary"]["entries"] = [entry | {"what": f"thing {n}"} for n in range(9)]
    text = " ".join(texts(said(found)))
    assert "thing 4" in text and "thing 5" not in text and "and 4 more" in text
    assert "and 7 more" in " ".join(texts(said(found, room=0.4)))
