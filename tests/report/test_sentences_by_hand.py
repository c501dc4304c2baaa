"""A report's sentences over figures made by hand: each said at its value, and left out without."""

import pytest
from notturno.report import figures_said, findings, left_out, naming, trust

NO = {"refused": "Too few nights.", "code": "too_few_nights"}
NBSP = "\N{NO-BREAK SPACE}"


def texts(section):
    return [block["text"] for block in section["blocks"]]


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "signed", "said"),
    [
        (1.25, 1, False, "1.2"),
        (-1.25, 2, False, "-1.25"),
        (-1.25, 2, True, "−1.25"),
        (0.0, 1, True, "+0.0"),
        (2.0, 0, True, "+2"),
        (99_999.0, 0, False, "99,999"),
        (100_000, 0, False, "> 100,000"),
        (None, 1, False, "–"),
        (NO, 1, False, "–"),
    ],
)
def test_a_number_has_its_digits_its_sign_and_an_end(value, digits, signed, said):
    assert figures_said.number(value, digits, signed) == said


def test_intervals_need_both_ends():
    assert figures_said.span(1, 2.5) == "1.0 to 2.5" and figures_said.cell(1, 2.5, 0) == "1–2"
    for form in (figures_said.span, figures_said.cell):
        assert form(None, 2, 1) == form(1, NO, 1) == "–"
    assert figures_said.percent(0.5) == f"50{NBSP}%" and figures_said.percent(NO) == "–"
    assert figures_said.percent(0.125, 1) == f"12.5{NBSP}%"


def test_days_are_dates_numbers_or_a_span_of_either():
    assert figures_said.day(None) == "–" and figures_said.day("day-12") == "day 12"
    assert figures_said.days("day-1", "day-1") == "day 1"
    assert figures_said.days("day-1", "day-3") == "day 1 to day 3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a  b\n c", "a b c"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
        ("x" * 38 + " y z", "x" * 38 + "…"),
        ("αβ Жя ő ș", "αβ Жя ő ș"),
        ("睡 \x7f", "□ □"),
    ],
)
def test_a_persons_words_fit_a_line_and_the_letters_there_are(text, said):
    assert figures_said.shown(text) == said


def test_why_there_is_no_figure_is_what_most_nights_say():
    other = {"refused": "Not worn.", "code": "not_worn"}
    measure = {"typical": NO, "left_out": {"a": other, "b": NO, "c": other}, "usable_nights": 0}
    assert figures_said.why(measure) == "Not worn."
    assert figures_said.why(measure | {"usable_nights": 1}) == "Too few nights."
    assert figures_said.why(measure | {"left_out": {}}) == "Too few nights."


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limbs", "side", "said"),
    [
        (["calf", "ankle", "foot"], "L", "calf, ankle, left side"),
        (["Wrist"], "", "wrist"),
        ([], "R", "right side"),
        ([], "", "place not given"),
        (["calf"], "LR", "both sides, taken as one patient"),
    ],
)
def test_a_sensor_is_where_it_was_worn(limbs, side, said):
    assert naming.sensor({"limbs": limbs, "side": side}) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("phase 2", "phase 2"),
        ("entry 12", "entry 12"),
        ("band 1", "band 1"),
        ("phase two", "phase two"),
        ("room 2", "room 2"),
        ("x" * 30, "x" * 19 + "…"),
    ],
)
def test_what_a_person_named_is_named_so_as_far_as_there_is_room(name, said):
    assert naming.named(name) == said
    assert naming.phase_name("before") == "before" and len(naming.phase_name("x" * 30)) == 24


# --- what was found ------------------------------------------------------------------------------


def head(nights=9, usable=7, **by_code):
    return {"nights": nights, "usable_nights": usable, "countable_h": 50.4} | {
        "left_out_by_code": by_code,
        "short_nights": [],
        "short_h": 4.0,
    }


def contents(the_head=None, **other):
    above = {"nights": 0, "above": 0, "limit": 15}
    found = {"simulated": False, "nights": {"head": the_head or head()}}
    found |= {"phases": {"groups": [], "base": None}}
    found["above_lab_limit"] = {"plms_per_h_wasm2016": above, "plms_per_h_aasm3": above}
    found["measures"] = {"jerks_per_h": {"trend": {"trend_per_week": NO}}}
    return found | other


def test_how_many_nights_were_counted_and_why_others_were_not():
    say = findings.counted
    assert say(contents(head(0, 0))).startswith("Nothing is stored for these dates")
    assert say(contents(head(1, 1))) == "1 of 1 night was counted, 50 hours."
    assert say(contents(head(9, 6, not_worn=2, other=1))) == (
        "6 of 9 nights were counted, 50 hours. Left out: not worn long enough (2); another reason "
        "(1)."
    )


@pytest.mark.parametrize(
    ("usable", "few", "more"), [(0, False, False), (2, True, True), (3, False, True)]
)
def test_fewer_than_three_nights_are_few_and_none_says_nothing_more(usable, few, more):
    above = {"nights": 5, "above": 2, "limit": 15}
    both = {"plms_per_h_wasm2016": above, "plms_per_h_aasm3": above | {"nights": 4, "above": 1}}
    lines = findings.findings(contents(head(9, usable), above_lab_limit=both))
    assert any("Fewer than three" in line for line in lines) is few
    of_lab = [line for line in lines if line.startswith("PLMS above 15 per hour")]
    assert bool(of_lab) is more
    if more:
        assert of_lab[0].endswith("2 of 5 nights by WASM 2016, 1 of 4 by AASM v3.")


def test_simulated_nights_are_said_to_be_so_first():
    assert "simulated" in findings.findings(contents(simulated=True))[0]
    assert "simulated" not in findings.findings(contents())[0]


def test_two_phases_are_set_against_the_first_one():
    def group(name, ratio):
        against = {"ratio": ratio, "ratio_low": 0.4, "ratio_high": 0.9, "nights": (5, 6)}
        return {"name": name, "measures": {"jerks_per_h": {"against_first": against}}}

    groups = [group("before", 1), group("a", 0.6), group("b", NO), group("c", 0.7)]
    found = findings._phase_lines({"base": "before", "groups": groups})
    assert found == [
        "In the phase “a”, 0.60 times as many single jerks an hour as in “before” (95 % interval "
        "0.40 to 0.90; 6 and 5 nights)."
    ]


@pytest.mark.parametrize(("high", "told"), [(900, True), (900.1, False), (NO, False)])
def test_a_trend_that_reaches_tenfold_a_week_says_nothing(high, told):
    trend = {"trend_per_week": -3.25, "trend_low": -8.0, "trend_high": high}
    said = findings._trend(trend | {"direction": "falling"})
    assert said.startswith("Single jerks over the whole span: falling, −3.2 % a week") is told
    assert said.startswith("Whether single jerks rise or fall") is not told


# --- what was left out ---------------------------------------------------------------------------


def night(date, code=None):
    return {"night": date, "refusal": None if code is None else {"refused": "x", "code": code}}


def of_left_out(rows=(), most=2, jerks=None, lms=None, hours=None, **by_code):
    found = {"nights": {"nights": list(rows), "head": head(**by_code)}}
    counts = {"jerks": jerks or {}, "lms": lms or {}}
    found["sums"] = {"left_out": counts, "hours": hours or {"recorded_h": NO}}
    return found, most


def test_nights_left_out_are_named_as_far_as_there_is_room():
    rows = [night(f"day-{k}", "not_worn") for k in (1, 2, 3)] + [night("day-4")]
    found, most = of_left_out(rows, not_worn=3, clock_unknown=1)
    assert texts(left_out.left_out(found, most)) == [
        "Nights: not worn long enough 3 (day 1, day 2, and 1 more); date not known 1."
    ]
    assert texts(left_out.left_out(*of_left_out())) == ["Nights: none."]
    found, most = of_left_out(rows[:2], not_worn=2)
    assert texts(left_out.left_out(found, most)) == [
        "Nights: not worn long enough 2 (day 1, day 2)."
    ]


def test_of_hours_each_that_is_known_is_said():
    hours = {
        "recorded_h": 60.0,
        "countable_h": 50.0,
        "awake_h": NO,
        "not_worn_h": 1.5,
        "gap_h": 0.0,
    }
    (_, said) = texts(left_out.left_out(*of_left_out(hours=hours)))
    assert said == (
        "Hours of the counted nights: 60.0 recorded, 50.0 countable, 1.5 not worn, gaps of 0.0."
    )


@pytest.mark.parametrize(("most", "end"), [(1, "; some for other reasons."), (2, "; new 4.")])
def test_events_left_out_are_counted_by_their_reason(most, end):
    found, _ = of_left_out(jerks={"vibration": 1234, "new": 4}, lms={"small": 2})
    said = texts(left_out.left_out(found, most))
    assert said[1:] == [
        "Jerks: like a vibration from outside 1,234" + end,
        "Limb movements: too small to be told from the pulse 2.",
    ]


@pytest.mark.parametrize(("n", "said"), [(1, "1 counted night has less"), (2, "2 counted nights")])
def test_short_nights_are_counted(n, said):
    found, _ = of_left_out()
    found["nights"]["head"]["short_nights"] = ["x"] * n
    assert texts(left_out.left_out(found, 2))[-1].startswith(said)
    assert "less than 4 hours" in texts(left_out.left_out(found, 2))[-1]


# --- how far it may be believed ------------------------------------------------------------------


def share(n=20, ppv=0.9):
    return {"ppv": ppv, "labelled": n, "ppv_low": 0.7, "ppv_high": 0.98}


def labels(jerk=None, lm=None, sizes=(), wrong=NO):
    by_kind = {"jerk": jerk or share(), "lm": lm or share(0, NO)}
    return {"by_kind": by_kind, "by_size": list(sizes), "wrong_jerks_per_h": wrong}


def test_labels_say_how_many_of_the_counted_jerks_were_theirs():
    say = trust._labels
    assert say(labels(share(0, NO))).endswith("no jerk was labelled yet.")
    assert say(labels(share(3, NO))).endswith("labels: Too few nights.")
    plain = say(labels())
    own = f"90{NBSP}% of 20 labelled jerks were theirs (70{NBSP}% to 98{NBSP}%, 95 % interval)"
    assert plain == (
        f"By the person's own labels: {own}. Labels say nothing of movements that were missed."
    )
    wrong = say(labels(wrong={"wrong": 0.35, "low": 0.1, "high": 1.0}))
    assert f"{own}; at the typical rate 0.3 an hour are not (0.1 to 1.0)." in wrong
    of_lms = say(labels(lm=share(12, 0.5)))
    assert f" Of 12 limb movements 50{NBSP}% were theirs (70{NBSP}% to 98{NBSP}%)." in of_lms


def test_labels_by_size_are_those_that_have_enough():
    sizes = [share(5, NO) | {"from_mg": 4, "to_mg": 20}, share(9) | {"from_mg": 20, "to_mg": 60}]
    sizes += [share(7) | {"from_mg": 60, "to_mg": None}]
    said = trust._labels(labels(sizes=sizes))
    ends = f"(70{NBSP}% to 98{NBSP}%)"
    assert f" Of jerks by their peak: 20 to 60 mg 90{NBSP}% of 9 {ends}; 60 mg and more" in said
    assert "4 to 20 mg" not in said


def test_a_band_says_whether_its_last_test_passed():
    bands = [
        {"band": "a", "passed": None, "finding": None},
        {"band": "b", "passed": True, "finding": "All is well."},
        {"band": "c", "passed": False, "finding": "No sensor."},
    ]
    worn = [{"limb": "calf", "side": side, "nights": 3} for side in ("L", "R", "", "L")]
    found = {"worn": worn, "bands": bands[:2], "nights": 9}
    found |= {"not_worn_nights": 2, "warned_nights": 1}
    said = texts(trust.placement(found, {"place": ["Known."]}))
    assert said[0].startswith(
        "Nights by place, as the person said: calf, left side: 3; calf, right side: 3; calf: 3. "
        "The strap's hold is not measured. Signs of it: 2 of 9 nights left out as not worn, 1 with"
    )
    assert said[0].endswith("a: never tested itself. b: its last self-test passed.")
    assert said[1] == "Known."
    nowhere = trust.placement(found | {"worn": [], "bands": bands[2:]}, {"place": []})
    assert texts(nowhere)[0].startswith("The strap's hold")
    assert texts(nowhere)[0].endswith("c: its last self-test found: No sensor.")


def test_sources_of_causes_are_numbered_in_the_order_in_which_they_are_named():
    exposures = [
        {"names": ["tea", "coffee"], "effect": "more", "source": "b"},
        {"names": ["x"], "effect": "less", "source": "a"},
        {"names": ["y"], "effect": "less", "source": "b"},
    ]
    known = {"exposures": exposures, "sources": {"a": "A 1999", "b": "B 2001", "c": "C"}}
    table, sources = trust.causes(known)["blocks"]
    assert [row[0] for row in table["rows"]] == ["tea; coffee", "x", "y"]
    assert [row[2] for row in table["rows"]] == ["[1]", "[2]", "[1]"] and table["words"] == 2
    assert sources["text"] == "[1] B 2001; [2] A 1999." and sources["small"]


def test_another_version_of_the_detector_is_said():
    detector = {
        "jerks": {"found": 0.9, "ppv": 0.95, "false_per_h": 0.25},
        "periodic": {"found": 0.8, "ppv": 0.85},
        "of_these_nights": True,
    }
    said = trust._trial(detector)
    assert (
        f"90{NBSP}% of the jerks found, 95{NBSP}% of those counted were right, 0.2 false" in said
    )
    assert f"worst case, 80{NBSP}% found and 85{NBSP}% right" in said and "another" not in said
    assert "another version" in trust._trial(detector | {"of_these_nights": False})
