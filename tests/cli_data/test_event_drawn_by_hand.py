"""One event in a terminal: its line, its curves, the ruler below them, and its picture."""

import pytest
from notturno.cli import show_event
from notturno.errors import UserError
from notturno.nights.waveform import Waveform

NOW_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


def waveform(samples=208, first=1000):
    return Waveform(first, [(k % 7, 0, 8000) for k in range(samples)], 104.0, 122)


def an_event(onset=1052, samples=13):
    made = {"night": "n", "kind": "jerk", "onset_sample": onset, "duration_samples": samples}
    made |= {"onset_utc_ms": None, "onset_s": 61.6, "duration_s": 0.125, "peak_mg": 80}
    return made | {"no": 3, "waveform": {}, "device_id": "a"}


def test_an_event_as_json_begins_before_its_onset():
    snippet = {"why": ["first"], "odr_hz": 104.0}
    found = show_event.document(an_event(), snippet, waveform())
    assert found["waveform"]["start_s"] == -0.5 and found["waveform"]["first_sample"] == 1000
    assert (found["waveform"]["rate_hz"], found["waveform"]["lost_samples"]) == (104.0, 0)
    assert "waveform" not in found["event"] and found["event"]["no"] == 3


@pytest.mark.parametrize(("others", "kept"), [((), "none"), ((5, 7), "5, 7")])
def test_an_event_without_a_waveform_says_which_have_one(others, kept):
    events = [an_event() | {"waveform": None}, *(an_event() | {"no": no} for no in others)]
    with pytest.raises(UserError, match=f"of event 3: .*Kept of this night: {kept}[.]$"):
        show_event.show_event(events, 3, {"a": "UTC"}, None, False)


def test_an_event_in_a_line_and_why_it_was_kept():
    assert show_event._what(an_event(), "UTC") == "jerk, +62 s, 0.12 s, peak 80 mg"
    dated = an_event() | {"onset_utc_ms": NOW_MS}
    assert show_event._what(dated, "Europe/Rome") == "jerk, 22:30:00, 0.12 s, peak 80 mg"
    assert show_event._about(waveform(), {"why": []}) == (
        "Kept as asked for: 2.00 s at 104.0 Hz, in steps of 0.122 mg."
    )
    lost = Waveform(0, [None, (0, 0, 0)], 104.0, 122)
    assert ", 1 sample of it lost." in show_event._about(lost, {"why": ["first", "strong"]})


@pytest.mark.parametrize(
    ("onset", "samples", "first", "last"),
    [
        (1052, 13, 25, 31),  # 52 and 65 of 208 samples, over a hundred characters
        (900, 50, 0, 0),  # over before the first sample
        (1150, 500, 72, 99),  # goes on behind the last
        (1208, 1, 99, 99),
    ],
)
def test_the_ruler_lies_below_the_event(onset, samples, first, last):
    ruler, times, note = show_event._time_axis(waveform(), an_event(onset, samples), 100)
    assert len(ruler) - len(ruler.lstrip()) == 6 + first and len(ruler) == 6 + last + 1
    begin, end = (1000 - onset) / 104, (1207 - onset) / 104
    assert times.split() == [f"{begin:.2f}", "s", f"{end:.2f}", "s"] and len(times) == 106
    assert note.startswith("      = the event")


@pytest.mark.parametrize(
    ("columns", "samples", "utf8", "wide"),
    [
        (10, 208, True, 34),
        (80, 208, True, 73),
        (300, 250, True, 114),
        (80, 60, True, 30),  # two dots a character
        (80, 60, False, 60),
        (80, 61, True, 30),
    ],
)
def test_a_drawing_is_as_wide_as_terminal_and_samples_allow(
    monkeypatch, columns, samples, utf8, wide
):
    """With its label of six: from 40 to 120 characters, a column less than the terminal has."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(show_event, "speaks_utf8", lambda stream: utf8)
    lines = show_event.drawing(waveform(samples), an_event())
    assert lines[1] == "x     0 to 1 mg" and len(lines) == 4 * 5 + 3
    assert len(lines[-2]) == 6 + wide
    assert all(line.startswith(" " * 6) for line in lines[2:5] if line)


def test_a_picture_of_an_event_is_an_svg(tmp_path):
    with pytest.raises(UserError, match="is no .svg file"):
        show_event._draw(str(tmp_path / "x.png"), waveform(), an_event(), "t", "d")
    show_event._draw(str(tmp_path / "x.SVG"), waveform(), an_event(), "t", "d")
    text = (tmp_path / "x.SVG").read_text(encoding="utf-8")
    # From sample 52 to 65 of the 207 steps across 992 units.
    assert f'x="{(4 + 52 * 992 / 207) / 10:.2f}%"' in text
    assert f'width="{13 * 992 / 207 / 10:.2f}%"' in text
