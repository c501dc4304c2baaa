"""Curves as dots, by hand: each in its place, joined to its neighbour, and a ruler below."""

import os

import pytest
from notturno.charts import dots
from notturno.cli import show_event
from notturno.nights.waveform import Waveform


def drawn(values, low, high, width, height, braille=True):
    return dots.lines(values, low, high, width, height, braille)


def bits(line):
    return [ord(sign) - 0x2800 for sign in line]


@pytest.mark.parametrize(
    ("value", "bit"),
    [(1.0, 0x01), (0.76, 0x01), (0.74, 0x02), (0.5, 0x04), (0.26, 0x04)]
    + [(0.24, 0x40), (0.0, 0x40), (9.0, 0x01), (-9.0, 0x40)],
)
def test_a_dot_lies_at_its_quarter_of_a_line_from_the_top(value, bit):
    """Unicode 3.0, block 2800: dots 1, 2, 3 and 7 go down the left, 4, 5, 6 and 8 the right."""
    assert bits(drawn([value], 0.0, 1.0, 1, 1)[0])[0] & 0x47 == bit
    both = bits(drawn([value, value], 0.0, 1.0, 1, 1)[0])[0]
    assert both == bit | {0x01: 0x08, 0x02: 0x10, 0x04: 0x20, 0x40: 0x80}[bit]


def test_a_column_is_joined_to_the_one_before_it():
    (line,) = drawn([1.0, 0.0], 0.0, 1.0, 1, 1)
    assert bits(line) == [0x01 | 0x10 | 0x20 | 0x80]
    (line,) = drawn([0.0, 1.0], 0.0, 1.0, 1, 1)
    assert bits(line) == [0x40 | 0x08 | 0x10 | 0x20]
    (line,) = drawn([1.0, None, 0.0, None], 0.0, 1.0, 2, 1)
    assert bits(line) == [0x01, 0x40]


def test_a_column_shows_all_its_samples_from_the_least_to_the_most():
    (line,) = drawn([0.9, 0.1, 0.9, 0.1], 0.0, 1.0, 1, 1)
    assert bits(line) == [0xFF]
    top, bottom = drawn([0.9, 0.6], 0.0, 1.0, 1, 2)
    assert bits(bottom) == [0] and bits(top)[0] & 0x01


def test_plain_signs_have_two_dots_a_line():
    assert drawn([1.0], 0.0, 1.0, 1, 1, False) == ["'"]
    assert drawn([0.4], 0.0, 1.0, 1, 1, False) == ["."]
    assert drawn([1.0, 0.0], 0.0, 1.0, 2, 1, False) == ["'."]
    assert drawn([1.0, 0.1, 1.0, 0.1], 0.0, 1.0, 2, 1, False) == ["::"]
    assert drawn([None, None], 0.0, 1.0, 2, 2, False) == ["  ", "  "]
    assert [len(line) for line in drawn([0.5] * 7, 0.0, 1.0, 5, 3)] == [5, 5, 5]


def waveform(n=200, first=900):
    return Waveform(first, [(k % 5, 0, 8000) for k in range(n)], 100.0, 122)


@pytest.mark.parametrize(
    ("onset", "lasts", "ruler"),
    [(1000, 50, "=" * 26), (900, 10, "=" * 6), (1090, 100, "=" * 5), (1000, 0, "=")],
)
def test_the_ruler_lies_below_the_event_with_the_times_of_both_ends(onset, lasts, ruler):
    lines = show_event._time_axis(
        waveform(), {"onset_sample": onset, "duration_samples": lasts}, 100
    )
    label = show_event.LABEL
    assert lines[0].strip() == ruler
    assert lines[0].index("=") == label + min(99, (onset - 900) * 100 // 200)
    first, last = lines[1].split(" s")[:2]
    assert float(first) == pytest.approx((900 - onset) / 100, abs=0.005)
    assert float(last) == pytest.approx((1099 - onset) / 100, abs=0.005)
    assert len(lines[1]) == label + 100


@pytest.mark.parametrize(
    ("columns", "samples", "wide"),
    [(80, 400, 73), (20, 400, 34), (500, 400, 114), (80, 60, 30)],
)
def test_a_drawing_is_as_wide_as_the_terminal_and_no_wider_than_its_samples(
    monkeypatch, columns, samples, wide
):
    size = os.terminal_size((columns, 24))
    monkeypatch.setattr(show_event.shutil, "get_terminal_size", lambda: size)
    monkeypatch.setattr(show_event, "speaks_utf8", lambda stream: True)
    lines = show_event.drawing(waveform(samples), {"onset_sample": 950, "duration_samples": 20})
    assert len(lines) == 4 * (2 + show_event.HEIGHT) + 3
    assert len(lines[-2]) == show_event.LABEL + wide
    assert lines[1].startswith("x     ") and lines[1].endswith("0 to 0 mg")


def test_what_was_kept_is_said_with_its_step_and_what_is_lost():
    found = waveform()
    said = show_event._about(found, {"why": ["largest"]})
    assert said == "Kept as largest: 2.00 s at 100.0 Hz, in steps of 0.122 mg."
    found.counts[3] = None
    said = show_event._about(found, {"why": []})
    assert (
        said == "Kept as asked for: 2.00 s at 100.0 Hz, in steps of 0.122 mg, 1 sample of it lost."
    )
    told = show_event.document(
        {"night": "n", "onset_sample": 950, "waveform": 1}, {"why": [], "odr_hz": 104}, found
    )["waveform"]
    assert (told["first_sample"], told["start_s"], told["rate_hz"]) == (900, -0.5, 100.0)
    assert (told["lost_samples"], told["ug_per_lsb"], told["samples_mg"][3]) == (1, 122, None)
    assert told["samples_mg"][4] == [0.488, 0.0, 976.0]
