"""Numbers that no text gives and that only long draws would tell: each with the reason for it."""

import importlib

import pytest

NIGHTS, FILES = "notturno.nights.", "notturno.files."
ONE, MANY = "notturno.scoring.onenight.", "notturno.scoring.manynights."
OURS = {
    # how many series without a change are drawn: p is told in steps of 1/400
    MANY + "change_points.DRAWS": 399,
    MANY + "change_points.P_STEP": 0.02,  # by measured false changes, see NIGHTS.md
    MANY + "change_points.P_STRETCH": 0.005,
    MANY + "change_points.MOST_EDGES": 60,  # of many nights: two months at every night
    MANY + "diary.DRAWS": 9_999,  # Holm's correction asks for small p
    MANY + "diary.MIN_ENTRIES": 6,  # five pairs have 120 orders
    MANY + "power.POWER": 0.80,  # the usual one
    MANY + "power.MOST_NIGHTS": 365,  # more is no plan for one person
    MANY + "power.REACH_VARIES": 1.1,
    MANY + "usual.RANGE": 0.80,  # one night in five is unusual by chance
    MANY + "usual.LAST_NIGHTS": 30,
    MANY + "usual._STEPS": 200,
    MANY + "profile.PERCENTILES": (10, 25, 50, 75, 90),
    MANY + "profile.MIN_NIGHTS": 5,
    MANY + "ppv.MIN_LABELS": 10,
    MANY + "phases.FEW_EVENTS": 1,  # half an added event decides much of what is below
    MANY + "phases.LEVEL": 0.95,
    MANY + "trends.LEVEL": 0.95,
    MANY + "ppv.LEVEL": 0.95,
    MANY + "counting.LEVEL": 0.95,
    ONE + "both_legs.MAX_SHIFTS": 41,
    ONE + "stimuli.DRAWS": 1_999,
    ONE + "jerk_patterns.MIN_FOR_SHARES": 5,  # quartiles of fewer describe the accident
    NIGHTS + "clocks.TAIL": 0.002,  # what all other stories may leave outside
    NIGHTS + "clocks.IN_FULL": 10,
    NIGHTS + "clocks.TIE": 1.01,
    NIGHTS + "clocks.RIVAL": 5,
    NIGHTS + "clocks.BELIEVED": 2 / 3,  # two to one
    NIGHTS + "clocks.MEASURED_DRIFT": 0.002,
    NIGHTS + "clocks.PIECES": 8,
    NIGHTS + "drift.MOST_STORIES": 12,
    NIGHTS + "drift.FORGOTTEN": 1e-4,
    NIGHTS + "drift.SENSOR_SD": 0.015,  # a trimmed sensor's rate is right to some 2 %
    NIGHTS + "drift.UNKNOWN_DRIFT": 0.3,  # beyond what any oscillator does
    NIGHTS + "calendar.BLOCK_S": 900,  # clocks change at a quarter of an hour
    NIGHTS + "physics.UNSURE_CLOCK_PPM": 120_000,  # an ESP32's resting oscillator
    NIGHTS + "moments.UNIX_S": (1e9, 4e9),  # 2001 to 2096
    "notturno.store.carry.FRAMES_A_PIECE": 2000,  # some 80 kB of text a line
    "notturno.store.logs.TELLING": 3,
    FILES + "parquet_tables.ROWS_A_GROUP": 50_000,  # a month's minutes; some MB of memory
    FILES + "backup.STEP": 1 << 20,
    FILES + "gone.STEP": 1 << 20,
    FILES + "sealing.PIECE": 1 << 16,
    FILES + "sealing.TAG": 16,  # of AES-GCM
    FILES + "lab_programs.EPOCH_S": 30,
    FILES + "lab_programs.DAY_S": 86_400,
}


@pytest.mark.parametrize("path", OURS)
def test_a_number_of_our_own_is_what_its_reason_says(path):
    module, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(module), name) == OURS[path]


def test_each_name_of_a_diary_is_drawn_for_by_itself(monkeypatch):
    from notturno.refusals import Refusal
    from notturno.scoring.manynights import diary

    drawn = {}

    def one(counts, values, draws, seed):
        drawn[values["2026-01-12"]] = (draws, seed)
        return Refusal("Too few.", "too_few_nights")

    monkeypatch.setattr(diary, "_one", one)
    entries = [{"night": "2026-01-12", "name": name, "value": k} for k, name in enumerate("cab")]
    diary.associations([], entries, 99, 7)
    assert drawn == {1: (99, 7), 2: (99, 8), 0: (99, 9)}  # by name: a, b, c


def test_p_of_a_search_can_be_as_small_as_is_asked_for():
    from notturno.scoring.manynights import change_points, diary

    assert 1 / (1 + change_points.DRAWS) <= change_points.P_STRETCH
    assert 1 / (1 + diary.DRAWS) <= 0.05 / 100
