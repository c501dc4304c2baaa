"""The tiles and tables of a report over figures made by hand: each where it turns."""

import pytest
from notturno.report import blocks, figures_said, first_page, naming, second_page, trust

NO = {"refused": "Too few nights.", "code": "too_few_nights"}
NBSP = "\N{NO-BREAK SPACE}"


def rows_of(section):
    return next(block["rows"] for block in section["blocks"] if "rows" in block)


def texts(section):
    return [block["text"] for block in section["blocks"] if "text" in block]


# --- the first page ------------------------------------------------------------------------------


def measure(typical=4.0, unit="1/h", spread=None, **more):
    spread = spread or {"quartiles": (3.0, 5.25), "range": (1.0, 9.0)}
    made = {"typical": typical, "unit": unit, "variability": spread, "usable_nights": 9}
    return made | {"left_out": {}} | more


def nights(*intervals):
    rows = [{"jerks_per_h_low": low, "jerks_per_h_high": high} for low, high in intervals]
    return {"measure": "jerks_per_h", "nights": rows}


@pytest.mark.parametrize(
    ("spread", "intervals", "told"),
    [
        (None, [(1, 2), (3, 4)], "middle half of the nights: 3.0 to 5.2"),
        (NO, [(1, 2.5), (None, None)], "one night alone; 95 % interval of chance: 1.0 to 2.5"),
        (NO, [(1, 2), (3, 4)], "Too few nights."),
        (NO, [], "Too few nights."),
    ],
)
def test_beside_a_typical_night_stands_how_nights_differ_or_what_chance_does(
    spread, intervals, told
):
    assert first_page._spread_of(nights(*intervals))(measure(spread=spread)) == told


def plms(*rates, refused=()):
    rows = [{"plms": rate, "refusal": None} for rate in rates]
    return {"nights": rows + [{"plms": rate, "refusal": NO} for rate in refused]}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (plms(), "with the detector's own error: 3.0 to 6.5"),
        (plms(62.2), "with the detector's own error: 3.0 to 6.5"),
        (plms(62.2, NO, refused=(90,)), "with the detector's own error: 3.0 to 6.5"),
        (plms(5, 62.2, 0), "nights: 0.0 to 62.2; with the detector's own error: 3.0 to 6.5"),
    ],
)
def test_beside_the_typical_index_stand_the_lowest_and_the_highest_night(found, told):
    bounds = {"low": 3.0, "high": 6.5}
    assert first_page._range_of(found, "plms")(measure(detector_range=bounds)) == told


def test_where_the_error_is_not_known_the_nights_are_told_all_the_same():
    note = first_page._range_of(plms(62.2, 0), "plms")
    assert note(measure(detector_range=NO)) == "nights: 0.0 to 62.2; Too few nights."


def test_a_tile_is_a_figure_with_its_unit_and_note_or_the_reason_why_not():
    bounds = {"low": 3.0, "high": 6.5}
    note = first_page._range_of(plms(4.0), "plms")
    tile = first_page._tile("x", measure(detector_range=bounds), "an hour", note)
    assert tile == {
        "title": "x",
        "value": "4.0",
        "unit": "an hour",
        "note": "with the detector's own error: 3.0 to 6.5",
    }
    tile = first_page._tile("x", measure(detector_range=NO), "an hour", note)
    assert tile["note"] == "Too few nights."
    tile = first_page._tile("x", measure(NO), "an hour", note)
    assert (tile["value"], tile["unit"], tile["note"]) == ("–", "", "Too few nights.")


def test_sleep_starts_stand_beside_what_chance_would_give():
    starts = {"counted": 7, "nights": 2, "by_chance": 1.26, "low": 2.8, "high": 14.4}
    tile = first_page._starts(starts)
    assert (tile["value"], tile["unit"]) == ("7", "in 2 nights")
    assert tile["note"] == "by chance alone: 1.3; interval of the count: 3 to 14"
    assert first_page._starts(starts | {"nights": 1})["unit"] == "in 1 night"
    tile = first_page._starts(starts | {"counted": NO})
    assert (tile["value"], tile["unit"], tile["note"]) == ("–", "", "Too few nights.")


def test_a_row_of_indices_has_one_decimal_for_a_rate_and_two_for_an_index():
    reasons = []
    assert first_page._row(measure(), reasons) == ["4.0", "3.0–5.2", "1.0–9.0", "", "9"]
    index = measure(0.666, "", {"quartiles": (0.5, 0.75), "range": (0.125, 1.0)})
    index |= {"detector_range": {"low": 0.25, "high": 0.875}}
    assert first_page._row(index, reasons) == ["0.67", "0.50–0.75", "0.12–1.00", "0.25–0.88", "9"]
    assert reasons == []
    assert first_page._row(measure(spread=NO, detector_range=NO), reasons)[1:4] == ["–", "–", "–"]
    assert first_page._row(measure({"refused": "None.", "code": "x"}), reasons)[0] == "–"
    assert reasons == ["Too few nights.", "None."]


def test_two_reasons_at_most_stand_below_the_indices_and_each_once():
    keys = (
        *("jerks_per_h", "lms_per_h", "plms_per_h_wasm2016", "plms_per_h_aasm3"),
        *("periodicity_index", "periodicity_index_aasm3", "log_imi_mean"),
    )
    why = [{"refused": f"{word}.", "code": "x"} for word in ("A", "A", "B", "C")]
    measures = dict.fromkeys(keys, measure())
    assert not first_page.table({"measures": measures})["note"].endswith(".–")
    assert "–:" not in first_page.table({"measures": measures})["note"]
    measures |= {key: measure(NO | one) for key, one in zip(keys, why, strict=False)}
    assert first_page.table({"measures": measures})["note"].endswith("round the rate. –: A. B.")


def title(**values):
    head = {"first_night": "2026-01-12", "last_night": "2026-01-14"}
    found = {"nights": {"head": head}, "who": {"name": "Anna", "code": "AB12"}}
    found |= {"anonymous": False, "subject": {"side": "L", "limbs": ["calf"]}, "made_on": None}
    return [text for _, text in first_page.title(found | values)["who"]]


def test_the_head_says_who_when_and_where_as_far_as_it_is_known():
    assert title() == ["Anna", "12 Jan 2026 to 14 Jan 2026", "calf, left side"]
    assert title(made_on="2026-03-01")[3] == "1 Mar 2026"
    assert title(who={"name": None, "code": None})[0] == 24 * "_"
    assert title(who={"name": "x" * 41, "code": None})[0] == "x" * 39 + "…"
    assert title(anonymous=True)[0] == "AB12"
    assert title(anonymous=True, who={"name": "Anna", "code": None})[0] == "–"
    none = {"head": {"first_night": None, "last_night": None}}
    assert title(nights=none)[1] == "–"


# --- the second page -----------------------------------------------------------------------------


def starts(counted=7):
    return {"counted": counted, "nights": 5, "by_chance": 1.26}


def test_kinds_are_counted_and_what_never_happened_has_no_rate():
    counts = {"jerks": 1234, "rhythms_leg": 0, "rhythms_clonic": 2, "lms": 60}
    found = {"sums": {"counts": counts}, "sleep_starts": starts()}
    found["classes"] = {"rhythms_leg": {"typical": 0.004}, "rhythms_clonic": {"typical": NO}}
    found["measures"] = {"jerks_per_h": {"typical": 4.126}, "lms_per_h": {"typical": 2.0}}
    section = second_page.kinds(found)
    assert [row[1:] for row in rows_of(section)] == [
        ["1,234", "4.13"],
        ["0", "–"],
        ["2", "–"],
        ["60", "2.00"],
    ]
    (note,) = texts(section)
    assert "7 in 5 nights; jerks that came at random would put 1.3 there" in note
    assert texts(second_page.kinds(found | {"sleep_starts": starts(NO)})) == []


def against(ratio=0.5, change=0.75):
    return {"ratio": ratio, "ratio_low": 0.25, "ratio_high": 1.0, "smallest_change": change}


def group(name, compared=None, first="2026-01-12", last="2026-01-20"):
    one = {"typical": 4.0} if compared is None else {"typical": 4.0, "against_first": compared}
    made = {"name": name, "first_night": first, "last_night": last, "usable_nights": 8}
    return made | {"measures": {"jerks_per_h": one, "plms_per_h_wasm2016": {"typical": NO}}}


def phases(*groups, most=4, base="before"):
    measures = {"jerks_per_h": {}, "plms_per_h_wasm2016": {}}
    found = {"groups": list(groups), "base": base, "measures": measures}
    return second_page.phases(found, most)


def test_phases_stand_with_their_nights_rates_and_ratios_to_the_first():
    section = phases(
        group("before"), group("b", against()), group("c", against(NO), None, None), most=3
    )
    assert rows_of(section) == [
        ["before", "12 Jan 2026 to 20 Jan 2026", "8", "4.0", "", "–", ""],
        ["b", "12 Jan 2026 to 20 Jan 2026", "8", "4.0", "0.50 (0.25–1.00)", "–", ""],
        ["c", "–", "8", "4.0", "–", "–", ""],
    ]
    (said,) = texts(section)
    assert said.startswith(
        "Ratios are to the phase “before”. Smallest change these nights could show: to 0.75 "
        "times. Too few nights. A difference is no proof"
    )
    assert phases() is None


def test_phases_beyond_the_room_are_counted():
    groups = [group("before"), *(group(name, against()) for name in "abc")]
    assert len(rows_of(phases(*groups, most=4))) == 4 and len(texts(phases(*groups, most=4))) == 1
    section = phases(*groups, most=2)
    assert [row[0] for row in rows_of(section)] == ["before", "a"]
    assert texts(section)[0] == "and 2 more."


def test_of_comparisons_two_things_are_said_and_each_once():
    three = [against(NO), against(), against(NO), against(0.5, 0.125), against(0.5, NO)]
    (said,) = second_page._of_comparison("x", three)
    assert "Too few nights. Smallest change these nights could show: to 0.75 times. A dif" in said
    assert "0.12" not in said
    (said,) = second_page._of_comparison("x", [against(0.5, NO)])
    assert said.startswith("Ratios are to the phase “x”. A difference")
    assert second_page._of_comparison(None, three) == [
        "There is no earlier phase to compare with."
    ]


def side(letter, band, rate=1.0):
    typical = {"jerks_per_h": rate, "plms_per_h_wasm2016": NO}
    return {"side": letter, "band": band, "usable_nights": 5, "typical": typical}


def test_sides_are_a_table_from_two_on_of_four_at_most():
    assert second_page.sides([]) is None is second_page.sides([side("L", "a")])
    rows = [side("L", "a"), side("LR", "both legs"), side("", "b", 2.25)]
    assert rows_of(second_page.sides(rows)) == [
        ["left side", "a", "5", "1.0", "–"],
        ["both sides", "both legs", "5", "1.0", "–"],
        ["–", "b", "5", "2.2", "–"],
    ]
    four = [side("L", name) for name in "abcd"]
    assert texts(second_page.sides(four)) == [] and len(rows_of(second_page.sides(four))) == 4
    six = [side("L", name) for name in "abcdef"]
    assert texts(second_page.sides(six)) == ["and 2 more."]
    assert len(rows_of(second_page.sides(six))) == 4


def noted(what, least=None, most=None, unit="mg"):
    return {"what": what, "nights": 3, "least": least, "most": most, "unit": unit}


def diary(*entries, most=5, **together):
    found = {"entries": list(entries), "associations": {"by_name": together}}
    return second_page.diary(found, most)


@pytest.mark.parametrize("found", [None, {"refused": "Too few.", "code": "too_few_nights"}])
def test_what_was_not_held_against_the_jerks_is_a_dash(found):
    assert second_page._along(found) == "–"


def test_the_diary_says_amounts_and_whether_the_jerks_go_along():
    along = {"rank_correlation": -0.456, "p_holm": 0.0125}
    section = diary(
        noted("x", 0.5, 0.5),
        noted("y", 1.0, 2.25, "cups a day"),
        noted("z"),
        noted("w", 0.0, 3.0, ""),
        x=along,
        y=NO,
    )
    assert [row[1:] for row in rows_of(section)] == [
        ["3", "0.5 mg", "−0.46, p 0.013"],
        ["3", "1 to 2.25 cups a…", "–"],
        ["3", "–", "–"],
        ["3", "0 to 3", "–"],
    ]
    assert diary() is None
    assert texts(section)[0].startswith("rho:")
    assert texts(diary(noted("x"), noted("y"), most=2))[0].startswith("rho:")
    cut = diary(noted("x"), noted("y"), noted("z"), most=1)
    assert texts(cut)[0].startswith("and 2 more. rho:") and len(rows_of(cut)) == 1


@pytest.mark.parametrize(
    ("value", "said"), [(2.0, "2"), (0.5, "0.5"), (0.25, "0.25"), (0.125, "0.12")]
)
def test_an_amount_has_the_digits_that_it_needs_and_two_at_most(value, said):
    assert second_page._amount(value) == said


def a_night(number, refusal=None):
    made = {"night": f"day-{number}", "refusal": refusal, "countable_h": 7.26, "events": 1234}
    made |= {"jerks_per_h": 4.0, "jerks_per_h_low": 3.0, "jerks_per_h_high": 5.0}
    return made | {"plms_per_h_wasm2016": 1.0, "plms_per_h_aasm3": 2.0}


def test_the_last_nights_stand_with_their_interval_or_with_why_not():
    rows = [a_night(1), a_night(2), a_night(3, NO)]
    section = second_page.last_nights({"nights": rows, "measure": "jerks_per_h"}, 2)
    assert rows_of(section) == [
        ["day 2", "", "7.3", "1,234", "4.0", "3.0–5.0", "1.0", "2.0"],
        ["day 3", "Too few nights.", "7.3", "1,234", "–", "–", "–", "–"],
    ]
    long = a_night(1, {"refused": "x" * 61, "code": "x"})
    section = second_page.last_nights({"nights": [long], "measure": "jerks_per_h"}, 7)
    assert rows_of(section)[0][1] == "x" * 59 + "…"
    none = second_page.last_nights({"nights": [], "measure": "jerks_per_h"}, 7)
    assert texts(none) == ["There is no night to show."]


# --- how far it may be believed ------------------------------------------------------------------


def test_a_band_at_rest_and_the_sleeping_wrist_are_told_with_their_hours():
    still = {"false_jerks_per_h": 0.126, "hours": 24.0, "low": 0.0, "high": 0.25}
    said = trust._still({"still": still, "asleep_jerks_per_h": 3.25})
    assert "0.1 false jerks an hour in 24 simulated hours (95 % interval 0.0 to 0.2)" in said
    assert "wrist in the open 3.2 jerks an hour" in said


def test_what_made_the_figures_is_named_each_hash_by_sixteen_signs():
    made = {"names_version": ["band", 5], "settings_sha256": ["a" * 64, "b" * 64, "c" * 64]}
    made |= {"firmware": ["0.1.0"], "detector_version": [], "rules_version": [3, 4]}
    found = {"provenance": made, "notturno": "0.1.0"}
    found |= {"detector": {"detector_version": 7, "made_on": "2026-01-12"}}
    found |= {"knowledge": {"purpose": "It counts.", "not_for": ["Not this."]}}
    purpose, said, check = texts(trust.origin(found, "d" * 64))
    assert purpose == "It counts. Not this." and "d" * 64 in check
    assert said == (
        "notturno 0.1.0; firmware 0.1.0; detector –; names the band's own, 5; rules 3, 4; "
        f"settings {'a' * 16}, {'b' * 16}; trial of detector 7, 12 Jan 2026."
    )


def test_what_is_not_known_of_what_made_the_figures_is_a_dash():
    names = ("names_version", "settings_sha256", "firmware", "detector_version", "rules_version")
    found = {"provenance": {name: [] for name in names}, "notturno": "0"}
    found |= {"detector": {"detector_version": 7, "made_on": "2026-01-12"}}
    found |= {"knowledge": {"purpose": "It counts.", "not_for": []}}
    _, said, _ = texts(trust.origin(found, ""))
    assert "; firmware –; detector –; names –; rules –; settings –; " in said


def test_three_places_and_two_bands_are_told():
    worn = [{"limb": "calf", "side": "L", "nights": n} for n in (5, 4, 3, 2)]
    bands = [{"band": f"b{k}", "passed": True, "finding": None} for k in range(3)]
    found = {"worn": worn, "bands": bands, "nights": 14}
    found |= {"not_worn_nights": 0, "warned_nights": 0}
    (said,) = texts(trust.placement(found, {"place": []}))
    assert said.count("calf, left side: ") == 3 and said.count("self-test passed") == 2


def test_a_list_says_how_many_more_there_are():
    assert blocks.more(1) == "and 1 more" and blocks.more(12) == "and 12 more"
    assert blocks.section("t", None, {"a": 1}, None) == {"title": "t", "blocks": [{"a": 1}]}
    assert blocks.table(["h"], [["r"]])["words"] == 1
    assert blocks.text("x") == {"text": "x", "small": False}


@pytest.mark.parametrize(
    ("said", "longest"),
    [
        (lambda text: figures_said.reason({"refused": text, "code": "x"}), 140),
        (lambda text: figures_said.why(measure({"refused": text, "code": "x"})), 140),
        (lambda text: figures_said.shown(text), 40),
        (lambda text: naming.limb(text), 20),
        (lambda text: naming.named(text), 20),
        (lambda text: naming.phase_name(text), 24),
        (lambda text: rows_of(diary(noted(text)))[0][0], 24),
    ],
)
def test_words_of_a_person_are_cut_where_their_place_ends(said, longest):
    assert said("x" * longest) == "x" * longest
    assert said("x" * (longest + 1)) == "x" * (longest - 1) + "…"


def test_of_a_comparison_that_is_refused_two_hundred_signs_are_said():
    why = {"refused": "x" * 201, "code": "x"}
    (said,) = second_page._of_comparison("b", [against(why)])
    assert f" {'x' * 199}… " in said


def test_what_a_band_found_is_said_in_160_signs():
    bands = [{"band": "b", "passed": False, "finding": "x" * 161}]
    found = {"worn": [], "bands": bands, "nights": 1, "not_worn_nights": 0, "warned_nights": 0}
    (said,) = texts(trust.placement(found, {"place": []}))
    assert said.endswith("b: its last self-test found: " + "x" * 159 + "…")


def test_what_made_the_figures_is_cut_where_it_is_long():
    made = {"names_version": ["n" * 50], "settings_sha256": [], "firmware": ["f" * 50]}
    made |= {"detector_version": ["d" * 50], "rules_version": ["r" * 250]}
    found = {"provenance": made, "notturno": "0"}
    found |= {"detector": {"detector_version": 7, "made_on": "2026-01-12"}}
    found |= {"knowledge": {"purpose": "It counts.", "not_for": []}}
    _, said, _ = texts(trust.origin(found, ""))
    cut = ("f" * 39, "d" * 19, "n" * 39, "r" * 199)
    names = ("firmware", "detector", "names", "rules")
    for name, text in zip(names, cut, strict=True):
        assert f"; {name} {text}…; " in said
    assert "settings –;" in said


@pytest.mark.parametrize(
    ("rows", "room", "most"), [(4, 1.0, 4), (5, 0.5, 2), (7, 0.2, 1), (1, 0.1, 1), (0, 1.0, 1)]
)
def test_a_list_is_shorter_where_there_is_less_room_and_has_a_row(rows, room, most):
    assert second_page._most(rows, room) == most


def test_the_newest_seven_nights_four_phases_and_five_entries_stand_on_a_page():
    nights = {"nights": [a_night(k) for k in range(9)], "measure": "jerks_per_h"}
    (section,) = second_page.foot({"nights": nights})
    assert [row[0] for row in rows_of(section)] == [f"day {k}" for k in range(2, 9)]
    assert (second_page.MOST_PHASES, second_page.MOST_DIARY, second_page.MOST_REASONS) == (4, 5, 4)
    (section,) = second_page.foot({"nights": nights}, 0.4)
    assert len(rows_of(section)) == 3
