"""What END counts belongs to its own session, not to those before it on the same chip."""

from fakes.night import Night
from fakes.worlds import StillWorld
from notturno_core import wire


def test_an_overrun_of_the_first_session_is_not_told_by_the_second():
    made = Night(StillWorld(), seed=2)
    for sleeps_ms in (20000, 0):
        made.recorder.start()
        made.record(30)
        made.clock.sleep_ms(sleeps_ms)
        made.record(30)
        made.recorder.stop(wire.END_ASKED)
    assert [end["overruns"] for end in made.values(wire.REC_END)] == [1, 0]


def test_a_bus_fault_of_the_first_session_is_not_told_by_the_second():
    made = Night(StillWorld(), seed=2)
    for faults in (1, 0):
        made.recorder.start()
        made.record(30)
        made.bench.chip.fail("nak", count=faults)
        made.record(30)
        made.recorder.stop(wire.END_ASKED)
    assert [end["faults"] for end in made.values(wire.REC_END)] == [1, 0]
