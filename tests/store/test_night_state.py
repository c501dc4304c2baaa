"""What a stored night says of its end, where one of its recordings has none."""

import pytest
from fakes.nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store, night_state

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
GAP_MS = 300_000


def night_of(folder, ends):
    """Return the one night of recordings of an hour each, five minutes apart; ends: have END?"""
    pen = Pen()
    pen.time(1000, EVENING)
    for k, end in enumerate(ends):
        pen.night(2000 + k * (3_600_000 + GAP_MS), 60, end=end)
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        (row,) = store.nights()
    return row


@pytest.mark.parametrize(
    ("ends", "is_cut"),
    [
        ([True], False),
        ([True, True, True], False),
        ([False, True, True], True),
        ([True, False, True], True),
    ],
)
def test_a_recording_without_an_end_that_another_follows_is_a_power_cut(tmp_path, ends, is_cut):
    row = night_of(tmp_path, ends)
    assert row["state"] == "complete" and row["sessions"] == len(ends)
    assert ("Inside it the band lost its power" in str(row["state_reason"])) is is_cut


def test_the_last_recording_without_an_end_is_no_power_cut(tmp_path):
    row = night_of(tmp_path, [True, True, False])
    assert row["state"] == "running" and "lost its power" not in str(row["state_reason"])


def lost_of(folder, first, second=(), hold=lambda frames: frames):
    """Return what never came of a night: frames of one log, and of another of the same band."""
    with Store.open(folder) as store:
        for log_id, frames in ((LOG_ID, hold(list(first))), (LOG_ID + 1, list(second))):
            if frames:
                store.add(store.begin_sync(DEVICE, log_id, "Europe/Rome", "0.1.0"), frames)
        rows = store._db.execute("select * from sessions order by log_key, seq").fetchall()
        (newest,) = store._db.execute(
            "select max(seq) from records where log_key = ?", (rows[-1]["log_key"],)
        ).fetchone()
        return list(night_state._lost(store._db, rows, newest + 1))


def frames_of(at_ms=2000, minutes=6, first_seq=1, jerks=0):
    pen = Pen(first_seq)
    pen.time(at_ms - 1000, EVENING + at_ms - 2000)
    pen.night(at_ms, minutes, [(k + 0.5, {}) for k in range(jerks)])
    return pen.frames


@pytest.mark.parametrize(
    ("missing", "lost"),
    [
        ((), []),
        ((6,), [(6, 6)]),
        ((6, 7), [(6, 7)]),
        ((6, 8), [(6, 6), (8, 8)]),
        ((1,), []),  # before the recording
        ((11,), []),  # the last of all: nothing tells that it was
    ],
)
def test_numbers_inside_a_night_that_never_came_are_told_in_runs(tmp_path, missing, lost):
    # 1: the clock; 2 to 4: the recording's head; 5 to 10: its minutes; 11: END.
    def hold(frames):
        return [frame for i, frame in enumerate(frames, 1) if i not in missing]

    assert lost_of(tmp_path, frames_of(), hold=hold) == lost


def test_of_a_log_before_the_last_one_the_end_is_its_own(tmp_path):
    later = frames_of(3_600_000, minutes=20, jerks=9)
    whole = frames_of()
    (tmp_path / "a").mkdir()
    assert lost_of(tmp_path / "a", whole, later) == []
    (tmp_path / "b").mkdir()
    found = lost_of(tmp_path / "b", whole, later, lambda frames: frames[:6] + frames[8:])
    assert found == [(7, 8)]
