"""Parts of a report's contents by rows made by hand: which nights, where worn, how pages fit."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.refusals import Refusal
from notturno.report import (
    anonymous,
    bench_figures,
    chosen,
    contents,
    figures_said,
    of_errors,
    of_nights,
    pdf,
)
from notturno_core import checks as codes

WHY = Refusal("Not worn.", "not_worn")

# --- letters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sign",
    [" ", "~", "\xa0", "\u017f", "\u0218", "\u021b", "\u0386", "\u03ce", "\u0400", "\u045f"]
    + list("–—‘’“”„•…€−≥≤□09azAZéß"),
)
def test_letters_of_the_embedded_font_are_shown(sign):
    assert figures_said._can_show(sign)


@pytest.mark.parametrize(
    "sign",
    ["\x1f", "\x7f", "\x9f", "\u0180", "\u0217", "\u021c", "\u0385", "\u03cf", "\u03ff", "\u0460"]
    + list("睡↑"),
)
def test_the_letter_beside_them_is_not(sign):
    assert not figures_said._can_show(sign)


def test_what_is_no_figure():
    assert figures_said.is_refused(None) and figures_said.is_refused({"refused": "x"})
    for figure in (0, 0.0, {"low": 1}, "refused", [1]):
        assert not figures_said.is_refused(figure)


# --- pages ---------------------------------------------------------------------------------------


class Typesetter:
    """Stands for typst: pages end where a script says, one entry a try."""

    def __init__(self, monkeypatch, *ends):
        self.ends, self.tried = list(ends), []
        made = SimpleNamespace(Fonts=lambda **how: None, Compiler=lambda *a, **k: self)
        monkeypatch.setitem(sys.modules, "typst", made)
        monkeypatch.setattr(pdf, "needs_typst", lambda: None)
        monkeypatch.setattr(pdf, "as_text", lambda found: "{}")
        monkeypatch.setattr(pdf, "sha256", lambda found: "digest")
        monkeypatch.setattr(pdf, "page", lambda found, digest, room: {"room": room})

    def compile(self, sys_inputs, **how):
        self.tried.append((sys_inputs["height"], sys_inputs["page"], sys_inputs["scale"]))
        self.now = dict(zip(("<second>", "<last>"), self.ends.pop(0), strict=True))
        return f"pdf {len(self.tried)}"

    def query(self, label, **how):
        return str(self.now[label])


def test_pages_that_fit_are_set_once(monkeypatch):
    typst = Typesetter(monkeypatch, (2, 2))
    assert pdf.set_pages({}) == "pdf 1"
    assert typst.tried == [("56mm", '{"room": 1.0}', "1.0")]


def test_a_first_page_that_is_too_long_gets_lower_pictures_a_second_one_less_in_its_lists(
    monkeypatch,
):
    typst = Typesetter(monkeypatch, (3, 3), (2, 3), (2, 3), (3, 4), (2, 2))
    assert pdf.set_pages({}, "letter") == "pdf 5"
    assert typst.tried == [
        ("56mm", '{"room": 1.0}', "1.0"),
        ("52mm", '{"room": 1.0}', "1.0"),
        ("52mm", '{"room": 0.8}', "1.0"),
        ("52mm", '{"room": 0.6}', "1.0"),
        ("48mm", '{"room": 0.6}', "0.94"),
    ]


def test_from_the_usual_down_everything_becomes_smaller_and_nothing_larger():
    assert pdf.ROOMS[0] == (1.0, 1.0)
    for before, after in zip(pdf.ROOMS, pdf.ROOMS[1:], strict=False):
        assert after[0] <= before[0] and after[1] <= before[1] and after != before
    heights = [int(height.removesuffix("mm")) for height in pdf.HEIGHTS]
    assert heights == sorted(set(heights), reverse=True)
    assert pdf.PAPERS == {"a4": "a4", "letter": "us-letter"}


# --- whose nights --------------------------------------------------------------------------------


def rows(device, usable, refused=0, side="L"):
    made = {"device_id": device, "person_side": side}
    return [made | {"why": None}] * usable + [made | {"why": WHY}] * refused


class Store:
    def __init__(self, nights=(), persons=()):
        self.rows, self.persons, self.asked = list(nights), list(persons), []

    def nights(self, **how):
        self.asked.append(how)
        return [row | {"night": "n"} for row in self.rows]

    def person_nights(self, names):
        return [row | {"night": "n"} for row in self.persons]

    def tags(self):
        return ["tag"]

    def diary(self):
        return [{"night": f"2026-01-1{k}"} for k in range(4)]


@pytest.fixture
def choose(monkeypatch):
    def sections(rows):
        by: dict = {}
        for row in rows:
            by.setdefault((row["device_id"], row["person_side"] == "LR"), []).append(row)
        return list(by.values())

    monkeypatch.setattr(chosen.figures, "sections", sections)
    monkeypatch.setattr(chosen, "night_refusal", lambda row: row["why"])
    return chosen.choose


@pytest.mark.parametrize(
    ("better", "other", "both", "shown"),
    [
        ((9, 0), (2, 0), (6, 0), "LR"),
        ((9, 0), (2, 0), (5, 4), "L"),
        ((3, 0), (0, 1), (2, 0), "LR"),
        ((3, 0), (0, 1), (1, 2), "L"),
        ((1, 0), (0, 1), (1, 0), "LR"),
        ((0, 3), (0, 1), (0, 1), "L"),
        ((4, 0), (0, 0), (0, 0), "L"),
    ],
)
def test_a_report_is_of_both_legs_where_both_counted_in_two_thirds_of_the_better_ones_nights(
    choose, better, other, both, shown
):
    nights = rows("a", *better) + rows("b", *other, side="R")
    found = choose(Store(nights, rows("ab", *both, side="LR")), None, None, None)
    assert {row["person_side"] for row in found.rows} == {shown}
    assert {row["person_side"] for row in found.hours_rows} == {"L"}
    assert found.tags == ["tag"]


def test_of_one_band_no_legs_are_joined_and_of_nothing_nothing_is_shown(choose):
    store = Store(rows("a", 2), rows("ab", 2, side="LR"))
    assert {row["person_side"] for row in choose(store, "s", "u", "a").rows} == {"L"}
    assert store.asked == [{"since": "s", "until": "u", "device_id": "a"}]
    empty = choose(Store(), None, None, None)
    assert (empty.rows, empty.hours_rows, empty.sections) == ([], [], [])


@pytest.mark.parametrize(
    ("since", "until", "entries"),
    [
        (None, None, [0, 1, 2, 3]),
        ("2026-01-11", None, [1, 2, 3]),
        (None, "2026-01-12", [0, 1, 2]),
        ("2026-01-11", "2026-01-12", [1, 2]),
        ("2026-01-12", "2026-01-12", [2]),
    ],
)
def test_the_diary_is_that_of_the_span_with_both_its_ends(choose, since, until, entries):
    found = choose(Store(), since, until, None)
    assert [entry["night"] for entry in found.diary] == [f"2026-01-1{k}" for k in entries]


def test_a_span_that_ends_before_it_begins_is_none(choose):
    with pytest.raises(UserError, match="swap the two"):
        choose(Store(), "2026-01-12", "2026-01-11", None)


# --- how far it may be believed ------------------------------------------------------------------


def worn(limb, side, warnings=None, why=None, device="a"):
    made = {"limb": limb, "person_side": side, "warnings": warnings, "device_id": device}
    return made | {"why": why}


def test_where_it_was_worn_is_told_the_commonest_first(monkeypatch):
    monkeypatch.setattr(of_errors.usable, "night_refusal", lambda row: row["why"])
    one = [worn(None, None, ["A.", "B."]), worn("calf", "L", ["A."], WHY), worn("calf", "L")]
    two = [worn("calf", "R", [], Refusal("x", "too_short"), "b")] * 3
    both = [worn("x", "LR", ["C."])]
    tests = {"a": {"verdict": codes.PASS}, "b": None}
    store = SimpleNamespace(
        last_check=tests.get,
        bands=lambda: [{"device_id": "a", "name": "calf"}, {"device_id": "b", "name": ""}],
    )
    found = of_errors.placement(store, SimpleNamespace(sections=[one, two, both]))
    assert [(row["limb"], row["side"], row["nights"]) for row in found["worn"]] == [
        ("calf", "R", 3),
        ("calf", "L", 2),
        ("", "", 1),
    ]
    assert (found["nights"], found["not_worn_nights"], found["warned_nights"]) == (6, 1, 2)
    assert found["warnings"] == [
        {"warning": "A.", "nights": 2},
        {"warning": "B.", "nights": 1},
    ]
    assert [(band["band"], band["passed"]) for band in found["bands"]] == [
        ("calf", True),
        ("b", None),
    ]
    tests["b"] = {"verdict": codes.SDA_OPEN}
    (_, failed) = of_errors.placement(store, SimpleNamespace(sections=[one, two]))["bands"]
    assert failed["passed"] is False and "SDA" in failed["finding"]
    assert of_errors._check(store, "c")["band"] == "c"


def test_the_bench_is_of_these_nights_where_all_are_of_its_detector(monkeypatch):
    bench = {"detector_version": 7, "still": {"false_jerks_per_h": 0.26, "hours": 24.0}}
    asked = []
    monkeypatch.setattr(of_errors.bench_figures, "figures", lambda: dict(bench))
    monkeypatch.setattr(
        of_errors.counting, "poisson_interval", lambda *what: asked.append(what) or (1, 2)
    )
    versions = [{"detector_version": 7}, {"detector_version": "7"}]
    found = of_errors.of_detector(versions)
    assert found["of_these_nights"] and asked == [(6, 24.0)]
    assert (found["still"]["low"], found["still"]["high"]) == (1, 2)
    assert of_errors.of_detector([])["of_these_nights"]
    assert not of_errors.of_detector([*versions, {"detector_version": 6}])["of_these_nights"]


@pytest.mark.parametrize("value", [1.0, "x", {"a": 1}, None])
def test_a_figure_of_json_stays_and_a_refusal_becomes_one(value):
    assert of_errors.of_json(value) == value
    assert of_errors.of_json({"refused": "Not worn.", "code": "not_worn"}) == WHY


# --- nights and hours ----------------------------------------------------------------------------


def a_night(k, why=None, rate=1.0):
    made = {"night": f"n{k}", "date": None, "state": "complete", "jerks": 8, "why": why}
    made |= {"countable_h": 8.0, "jerks_per_h": rate, "plms_per_h_wasm2016": 2.0}
    return made | {"plms_per_h_aasm3": 3.0, "band": f"band {k}"}


@pytest.fixture
def judged(monkeypatch):
    monkeypatch.setattr(of_nights.usable, "night_refusal", lambda row: row["why"])
    monkeypatch.setattr(of_nights.counting, "poisson_interval", lambda n, hours: (n / 10, n / 2))


def test_a_night_that_counts_has_an_interval_and_the_axis_holds_the_highest(judged):
    rows = [a_night(0), a_night(1, WHY), a_night(2, None, None)]
    found = of_nights.nightly(SimpleNamespace(rows=rows))
    ends = [(row["jerks_per_h_low"], row["jerks_per_h_high"]) for row in found["nights"]]
    assert ends == [(0.8, 4.0), (None, None), (None, None)]
    assert found["axis"] == [0, 1, 2, 3, 4] and found["measure"] == "jerks_per_h"
    assert found["nights"][0]["events"] == 8
    assert of_nights.nightly(SimpleNamespace(rows=[]))["axis"] == [0, 1]


@pytest.mark.parametrize(("nights", "read", "left"), [(5, 5, 0), (90, 90, 0), (93, 90, 3)])
def test_the_hours_are_of_the_last_ninety_nights_that_count(
    judged, monkeypatch, nights, read, left
):
    asked = []

    def hours(store, rows):
        asked.append([row["night"] for row in rows])
        refused = {"refused": "x", "code": "x"}
        return {"hours": [{"hour": 23, "p90": 7.0}, {"hour": 25, "p90": refused}]}

    monkeypatch.setattr(of_nights, "hours_of_nights", hours)
    rows = [a_night("x", WHY), *(a_night(k) for k in range(nights))]
    found = of_nights.hours(None, SimpleNamespace(hours_rows=rows))
    assert asked == [[f"n{k}" for k in range(nights - read, nights)]]
    assert (found["left_for_length"], found["band"]) == (left, "band x")
    assert [row["clock"] for row in found["hours"]] == [23, 1]
    assert found["axis"] == [0, 2, 4, 6, 8]
    monkeypatch.setattr(of_nights, "hours_of_nights", lambda *what: {"hours": []})
    none = of_nights.hours(None, SimpleNamespace(hours_rows=[]))
    assert (none["band"], none["axis"], none["left_for_length"]) == (None, [0, 1], 0)


def grouped(monkeypatch, *groups, before=None):
    keys = ("nights", "usable_nights", "first_night", "last_night", "measures")
    made = [dict.fromkeys(keys, 0) | {"name": name, "nights": n} for name, n in groups]
    monkeypatch.setattr(of_nights.figures, "of_band", lambda *a, **k: {"groups": made})
    monkeypatch.setattr(of_nights, "_with_before", lambda chosen, name: before)
    found = of_nights.phases(SimpleNamespace(rows=[], tags=[]))
    return found["base"], [group["name"] for group in found["groups"]]


def test_phases_are_those_with_nights_and_one_alone_is_set_against_what_was_before(monkeypatch):
    assert grouped(monkeypatch) == (None, [])
    assert grouped(monkeypatch, ("a", 3), ("b", 0), ("c", 2)) == ("a", ["a", "c"])
    assert grouped(monkeypatch, ("a", 3), ("b", 0)) == (None, ["a"])
    keys = ("name", "nights", "usable_nights", "first_night", "last_night", "measures")
    two = [dict.fromkeys(keys, name) for name in ("before", "a")]
    assert grouped(monkeypatch, ("a", 3), before=two) == ("before", ["before", "a"])
    assert grouped(monkeypatch, ("a", 3), ("b", 1), before=two) == ("a", ["a", "b"])


# --- the bench's page ----------------------------------------------------------------------------

TABLE = """## T
| name | found | PPV | false/h | PPV |
| --- | --- | --- | --- | --- |
| all | 0.9 | 0.8 | 0.1 | 0.7 |

| jerks found | x | y | 0.93 (0.9) | z |
## Next
| other | 1 | 2 | 3 | 4 |
"""


def test_a_table_of_one_row_is_read_and_its_second_ppv_is_of_limb_movements():
    assert bench_figures._table(
        TABLE.replace("| jerks found | x | y | 0.93 (0.9) | z |", ""), "## T"
    ) == {"all": {"name": "all", "found": "0.9", "PPV": "0.8", "false/h": "0.1", "LM PPV": "0.7"}}
    assert bench_figures._figure_of(TABLE, "jerks found") == 0.93
    with pytest.raises(ValueError, match="no table"):
        bench_figures._table("## T\n| a | PPV |\n| - | - |\n", "## T")
    with pytest.raises(ValueError, match="no goal"):
        bench_figures._figure_of(TABLE, "jerks lost")


# --- whose report --------------------------------------------------------------------------------


def test_a_persons_code_is_of_eight_signs_and_of_the_first_band():
    import hashlib

    wanted = hashlib.sha256(b"report a:5").hexdigest()[:8].upper()
    assert anonymous.code_of([("b", 1), ("a", 7), ("a", 5)]) == wanted
    assert anonymous.code_of([]) is None


def test_the_subject_is_what_the_nights_say_of_their_band():
    rows = [{"device_id": "a", "band": "calf", "person_side": None, "limb": limb} for limb in "xy"]
    rows.append(rows[0] | {"limb": "", "device_id": "b"})
    assert contents._subject(rows) == {
        "device_id": "a",
        "band": "calf",
        "side": "",
        "limbs": ["x", "y"],
    }
    assert contents._subject([])["device_id"] is None
    assert contents._subject([rows[0] | {"person_side": "LR"}])["side"] == "LR"
    assert contents._finite({"a": [float("inf"), 1.5, "x", float("nan"), 3]}) == {
        "a": [None, 1.5, "x", None, 3]
    }


def test_the_bench_page_lies_in_the_package():
    assert Path(bench_figures.RESULTS).is_file()


def test_without_a_word_a_rate_has_one_decimal_and_a_share_none():
    assert figures_said.number(1.25) == "1.2" and figures_said.percent(0.126) == "13\xa0%"
    assert (
        figures_said.span(1.25, 2) == "1.2 to 2.0" and figures_said.cell(1.25, 2, 1) == "1.2–2.0"
    )
