"""A whole day of a band that nobody charges, in the real VM: what it spends its seconds on."""

import sys
from pathlib import Path

import pytest
from notturno.virtualband.wholeday import TAKEN_OFF_S

sys.path.append(str(Path(__file__).resolve().parents[2] / "host" / "tools"))
import keep_day  # noqa: E402

NIGHT_S = 3.2 * 3600  # a little more than what counts as a night
# A quarter of an hour without a breath, two minutes more, and the minutes that are not whole.
TABLE_S = 18 * 60


def test_a_fetched_night_is_over_soon_and_the_rest_of_the_day_is_deep_sleep(tmp_path):
    rows = keep_day.ledger_of_day(tmp_path, night_s=NIGHT_S)
    assert rows["all_s"] == 86400.0
    evening_s = 60.0  # the next night has begun
    recorded_s = NIGHT_S + TAKEN_OFF_S + TABLE_S + evening_s
    assert rows["imu_on_s"] == pytest.approx(recorded_s, abs=90)
    assert rows["deep_sleep_s"] == pytest.approx(86400 - recorded_s, abs=120)
    # the radio: for the one who held the button, and for nobody in the evening
    assert 1 < rows["radio_idle_s"] + rows["radio_connected_s"] < 20
    assert rows["starts"] == 18 + 1, "looks whether it is worn, and the evening's press"
