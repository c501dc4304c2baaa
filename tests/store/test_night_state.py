"""What a stored night says of its end, where one of its recordings has none."""

import pytest
from fakes.nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store

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
