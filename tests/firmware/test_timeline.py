"""When each sample was taken: half a period behind the question on average, never more off."""

import pytest
from timeline import Timeline

ODR_MHZ = 104_000
PERIOD_MS = 1e6 / ODR_MHZ


def taken_ms(sample, phase):
    """Return when a chip takes a sample whose first comes `phase` periods after 0."""
    return (sample + phase) * PERIOD_MS


def asked_at(ms, phase):
    """Return (timeline, samples by then) of a session that was asked for its level once."""
    line = Timeline()
    line.begin(ODR_MHZ, 0)
    samples = int(ms / PERIOD_MS - phase) + 1
    line.asked(samples, ms, True)
    return line, samples


def test_the_newest_sample_is_half_a_period_old_on_average():
    late_ms = []
    for k in range(200):
        phase, ms = k / 200, 3000 + 7 * k
        line, samples = asked_at(ms, phase)
        for back in (0, 1, 150):
            late_ms.append(line.tick_of(samples - back) - taken_ms(samples - back, phase))
    assert abs(sum(late_ms) / len(late_ms)) < 0.1 * PERIOD_MS
    assert max(map(abs, late_ms)) < PERIOD_MS / 2 + 1


def test_ticks_and_samples_are_each_others_inverse():
    line, samples = asked_at(5000, 0.5)
    for sample in (samples - 300, samples, samples + 40):
        assert line.sample_at(line.tick_of(sample)) == pytest.approx(sample, abs=1)
    assert line.tick_of(samples + 104) - line.tick_of(samples) == pytest.approx(1000, abs=1)


def test_nothing_is_dated_before_the_session():
    line, samples = asked_at(100, 0.5)
    assert line.tick_of(0) == pytest.approx(taken_ms(0, 0.5), abs=PERIOD_MS / 2 + 1)
    assert line.tick_of(-200) == 0


def test_what_lies_behind_a_gap_is_counted_back_from_where_it_began():
    """Asked at 5 s, 2 s lost: the end of the samples before is where they ended."""
    line, samples = asked_at(5000, 0.5)
    line.analysed(samples)
    ended_ms = line.end_ms
    assert ended_ms == pytest.approx(5000, abs=PERIOD_MS)
    line.broken(samples)
    line.anew(samples, ended_ms + 2000)
    assert line.tick_at_end(samples) == ended_ms
    assert line.tick_at_end(samples - 104) == pytest.approx(ended_ms - 1000, abs=1)
    assert line.is_within_run(samples + 1) and not line.is_within_run(samples)
    assert line.tick_at_end(samples + 104) == pytest.approx(ended_ms + 3000, abs=PERIOD_MS)
    assert line.lost_at(samples) == pytest.approx(2.0 * 104, abs=1.5)


def test_behind_a_gap_of_nothing_one_sample_is_missing():
    line, samples = asked_at(5000, 0.5)
    line.analysed(samples + 5)
    assert line.lost_at(samples) == 1


@pytest.mark.parametrize(
    ("over_s", "off", "learned"), [(3.9, 0.02, False), (4.0, 0.02, True), (4.1, 0.02, True)]
)
def test_a_rate_that_no_chip_of_its_word_has_is_learned_within_seconds(over_s, off, learned):
    line = Timeline()
    line.begin(ODR_MHZ, 0)
    rate_mhz = ODR_MHZ * (1 + off)
    for ms in (1000, 1000 + int(over_s * 1000)):
        line.asked(round(rate_mhz * ms / 1e6), ms, True)
    line.learn_rate()
    assert line.rate_mhz == pytest.approx(rate_mhz if learned else ODR_MHZ, rel=0.004)


@pytest.mark.parametrize(("over_s", "learned"), [(19.9, False), (20.0, True), (20.1, True)])
def test_a_rate_within_the_chips_own_word_needs_twenty_seconds(over_s, learned):
    line = Timeline()
    line.begin(ODR_MHZ, 0)
    rate_mhz = ODR_MHZ * 1.005
    for ms in (1000, 1000 + int(over_s * 1000)):
        line.asked(round(rate_mhz * ms / 1e6), ms, True)
    assert (line.rate_mhz != ODR_MHZ) is learned


def test_between_two_minutes_a_question_answered_late_does_not_move_a_rate_that_is_known():
    line = Timeline()
    line.begin(ODR_MHZ, 0)
    rate_mhz = ODR_MHZ * 1.02
    for ms in (1000, 6000, 22_000):
        line.asked(round(rate_mhz * ms / 1e6), ms, True)
    known_mhz = line.rate_mhz
    assert known_mhz == pytest.approx(rate_mhz, rel=0.002)
    line.asked(round(rate_mhz * 40_000 / 1e6), 40_400, True)  # a bus held up for 0.4 s
    assert line.rate_mhz == known_mhz


@pytest.mark.parametrize(("known_mhz", "kept"), [(99_840, True), (99_839, False), (108_160, True)])
def test_a_rate_that_was_learned_is_kept_within_a_twenty_fifth_of_the_chips_word(known_mhz, kept):
    line = Timeline()
    line.rate_mhz = known_mhz
    line.begin(ODR_MHZ, 500)
    assert line.rate_mhz == (known_mhz if kept else ODR_MHZ)
    assert (line.end_ms, line.asked_ms, line.asked_sample) == (500, 500, 0)


@pytest.mark.parametrize(
    ("lost_ms", "samples"), [(0, 1), (9, 1), (10, 2), (1000, 104), (1001, 105), (2000, 208)]
)
def test_what_is_missing_is_rounded_up(lost_ms, samples):
    line = Timeline()
    line.begin(ODR_MHZ, 0)
    line.tick_of = lambda sample: 5000 + lost_ms
    line.end_ms = 5000
    assert line.lost_at(1) == samples
