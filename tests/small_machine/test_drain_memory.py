"""What a drain takes of the heap: nothing while nothing is told, and little when something is.

In bytes of a 64-bit VM, the collector off. Nothing is nothing on 32 bits too; objects take half.
"""

import pytest
import small_kit
from notturno_core import wire

HEAP = "2M"
SILENT_DRAINS, BUSY_DRAINS = 300, 1500
MOST_OF_A_MINUTE = 3400  # facts, record, flush on a file system of the host
# Of one alone, half of it the record's packing; and of one with rhythms and waveforms beside it.
# Between the two a median would leap by itself.
MOST_OF_A_MOVEMENT, MOST_OF_THREE_IN_FOUR = 3700, 15000
MOST_OF_A_DRAIN = 54000  # several movements, waveforms and rhythms in one; today 46 240
# Views of the FIFO's chunk and a tuple; 256 with today's driver, nothing with views that are kept.
MOST_OF_THE_DRIVER = 0  # its views are made once


def drains_of(tmp_path, firmware, words, count):
    folder = tmp_path / "flash"
    folder.mkdir()
    return small_kit.run_unix("drains.py", firmware, HEAP, folder, words, count)


@pytest.fixture(scope="module")
def busy(tmp_path_factory, firmware, restless):
    return drains_of(tmp_path_factory.mktemp("busy"), firmware, restless, BUSY_DRAINS)


def own(drain):
    """Return the bytes that recorder, detector, namer, ring and log took."""
    return drain["taken"] - drain["driver"]


def test_a_drain_that_tells_nothing_takes_nothing(tmp_path, firmware, still):
    drains = drains_of(tmp_path, firmware, still, SILENT_DRAINS)
    silent = [drain for drain in drains if not drain["kinds"]]
    assert len(silent) > 0.9 * SILENT_DRAINS
    assert {own(drain) for drain in silent} == {0}
    assert max(drain["driver"] for drain in drains) <= MOST_OF_THE_DRIVER


def test_most_drains_of_a_restless_hour_take_nothing(busy):
    silent = [own(drain) for drain in busy if not drain["kinds"]]
    assert len(silent) > 0.6 * BUSY_DRAINS
    assert silent.count(0) > len(silent) / 2


def test_a_minutes_work_is_bounded(busy):
    minutes = sorted(own(drain) for drain in busy if drain["kinds"] == [wire.REC_MINUTE])
    assert len(minutes) > 20
    assert 0 < minutes[len(minutes) // 2] <= MOST_OF_A_MINUTE


def test_a_movements_work_is_bounded(busy):
    events = sorted(own(drain) for drain in busy if drain["kinds"] == [wire.REC_EVENT])
    assert len(events) > 100
    assert 0 < events[len(events) // 4] <= MOST_OF_A_MOVEMENT
    assert events[3 * len(events) // 4] <= MOST_OF_THREE_IN_FOUR
    assert max(own(drain) for drain in busy) <= MOST_OF_A_DRAIN
