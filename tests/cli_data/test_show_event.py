"""show --event: one event's waveform, as text, as JSON and as a picture."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.charts import dots
from notturno.cli import cli, show_event
from notturno.store import Store
from notturno_core import wire
from raw_traces import payloads, ringing

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
NIGHT = "2026-01-12"
OTHER = b"VB\0\0\0\0\0\2".hex()
TRACE = ringing(208, 52)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder(tmp_path):
    """Two bands of one night, each with three events; the second one's has lost a record."""
    for device, kept in ((DEVICE, (0, 2)), (OTHER, (1,))):
        pen = Pen()
        pen.time(1000, EVENING)
        events = [(10.0 * (i + 1), {"layout": 2, "number": i}) for i in range(3)]
        pen.night(2000, 40, events, end=False)
        for number in kept:
            onset = 10 * (number + 1) * 60 * 104
            parts = payloads(TRACE, onset - 52, number, wire.SNIPPET_FIRST)
            for payload in parts[: 1 if device == OTHER else None]:
                pen.put(wire.REC_SNIPPET, payload)
        with Store.open(tmp_path) as store:
            sync = store.begin_sync(device, LOG_ID, "Europe/Rome", "0.1.0", EVENING)
            store.add(sync, pen.frames)
    return tmp_path


def run(folder, *arguments):
    return CliRunner().invoke(cli, [*map(str, arguments), "--data-dir", str(folder)])


def printed(folder, *arguments):
    done = run(folder, *arguments, "--json")
    assert done.exception is None, done.output
    return json.loads(done.output)


def test_the_list_numbers_the_events_and_says_which_kept_a_waveform(folder):
    whole = printed(folder, "show", NIGHT)["events"]
    assert [event["no"] for event in whole] == [1, 2, 3, 4, 5, 6]
    assert [event["waveform"] for event in whole] == [True, False, True, False, True, False]
    one = printed(folder, "show", NIGHT, "--band", OTHER, "--kind", "jerk")["events"]
    assert [event["no"] for event in one] == [4, 5, 6], "a number stays whatever is shown"
    lines = run(folder, "show", NIGHT).output.splitlines()
    (head,) = [line for line in lines if line.startswith("no.")]
    assert "time" in head
    assert [line.split()[0] for line in lines if "waveform kept" in line] == ["1", "3", "5"]


def test_json_gives_every_sample_and_its_rate(folder):
    said = printed(folder, "show", NIGHT, "--event", 3)
    assert (said["schema"], said["night"]) == ("event-1", NIGHT)
    assert (said["event"]["no"], said["event"]["number"], said["event"]["kind"]) == (3, 2, "jerk")
    found = said["waveform"]
    assert found["why"] == ["first of its kind"]
    assert found["first_sample"] == said["event"]["onset_sample"] - 52
    assert found["start_s"] == -0.5
    assert (found["rate_hz"], found["odr_hz"], found["ug_per_lsb"]) == (104.0, 104.0, 122)
    assert found["lost_samples"] == 0
    counts = np.array(found["samples_mg"]) / 0.122
    assert np.array_equal(np.round(counts).astype(int), TRACE)
    assert np.abs(counts - TRACE).max() < 1e-6


def test_what_a_lost_record_held_is_null_and_told(folder):
    found = printed(folder, "show", NIGHT, "--event", 5)["waveform"]
    lost = [xyz is None for xyz in found["samples_mg"]]
    assert found["lost_samples"] == sum(lost) > 0 and not lost[0] and lost[-1]
    assert f"{sum(lost)} samples of it lost" in run(folder, "show", NIGHT, "--event", 5).output


def panels(text):
    """Return {curve: its lines of dots} of a drawing."""
    lines = text.splitlines()
    found = {}
    for i, line in enumerate(lines):
        name = line.split(" ")[0]
        if name in ("x", "y", "z", "norm"):
            found[name] = lines[i + 1 : i + 4]
    return found


def tall(rows):
    """Return over how many rows of dots a curve reaches."""
    used = [
        4 * i + row
        for i, line in enumerate(rows)
        for row in range(4)
        if any(ord(c) & (dots.BRAILLE[0][row] | dots.BRAILLE[1][row]) for c in line.strip())
    ]
    return used[-1] - used[0] + 1


def test_the_text_says_what_it_is_and_draws_four_curves_on_one_scale(folder):
    text = run(folder, "show", NIGHT, "--event", 3).output
    lines = text.splitlines()
    assert lines[0] == f"Event 3 of {NIGHT}: jerk, 23:00:01, 0.12 s, peak 80 mg"
    assert lines[1] == "Kept as first of its kind: 2.00 s at 104.0 Hz, in steps of 0.122 mg."
    x_mg = TRACE[:, 0] * 0.122
    assert f"x     {x_mg.min():.0f} to {x_mg.max():.0f} mg" in lines
    drawn = panels(text)
    assert list(drawn) == ["x", "y", "z", "norm"]
    assert tall(drawn["x"]) == 12, "the largest curve fills its panel"
    assert 5 <= tall(drawn["y"]) <= 7
    ruler = lines[lines.index("      = the event; times are from its onset") - 2]
    width = len(drawn["x"][0]) - 6
    assert ruler.index("=") - 6 == pytest.approx(52 / 208 * width, abs=1)
    assert ruler.count("=") == pytest.approx(13 / 208 * width, abs=1.5)
    assert lines[-1] == "Not a diagnosis: show it to a doctor."


def test_a_terminal_without_utf8_gets_plain_dots(folder, monkeypatch):
    monkeypatch.setattr(show_event, "speaks_utf8", lambda stream: False)
    text = run(folder, "show", NIGHT, "--event", 3).output
    assert text.isascii() and ":" in text


@pytest.mark.parametrize("columns", [10, 80, 300])
def test_the_drawing_fits_its_terminal(folder, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = run(folder, "show", NIGHT, "--event", 3).output.splitlines()
    drawn = [line for line in lines if any(character > "\u2800" for character in line)]
    widest = max(map(len, drawn))
    assert widest <= max(40, min(columns - 1, 120))
    assert widest >= {10: 40, 80: 79, 300: 110}[columns]


def test_the_picture_holds_four_curves_and_the_event(folder, tmp_path):
    out = tmp_path / "event.svg"
    text = run(folder, "show", NIGHT, "--event", 3, "--out", out).output
    assert f"Drawn: {out}" in text and "⣀" not in text
    root = ElementTree.fromstring(out.read_text(encoding="utf-8"))
    curves = [path.get("d") for path in root.iter(f"{SVG}path") if path.get("class") == "curve"]
    assert len(curves) == 4
    assert all(len(curve.split("L")) == 208 for curve in curves)
    (shade,) = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "worn"]
    ends = (curves[0].lstrip("M").split("L")[i] for i in (0, -1))
    first_x, last_x = (float(end.split()[0]) for end in ends)  # of 1000 across
    a_sample = (last_x - first_x) / 207
    x, wide = (float(shade.get(name).rstrip("%")) * 10 for name in ("x", "width"))
    assert x == pytest.approx(first_x + 52 * a_sample, abs=0.2)
    assert wide == pytest.approx(13 * a_sample, abs=0.2)
    said = printed(folder, "show", NIGHT, "--event", 3, "--out", out)
    assert said["out"] == str(out) and len(said["waveform"]["samples_mg"]) == 208
    run(folder, "show", NIGHT, "--event", 5, "--out", out)
    assert "nan" not in out.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--event", 2], "kept no waveform of event 2.*Kept of this night: 1, 3, 5"),
        (["--event", 7], "no event 7 among those asked for; they go from 1 to 6"),
        (["--event", 0], "no event 0"),
        (["--event", 1, "--band", OTHER], "no event 1 among those asked for; they go from 4 to 6"),
        (["--out", "x.svg"], "--event"),
        (["--event", 3, "--out", "x.png"], "no .svg file"),
        (["--event", 3, "--out", "/no/such/folder/x.svg"], "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_said(folder, arguments, words):
    done = run(folder, "show", NIGHT, *arguments)
    assert done.exit_code != 0
    assert re.search(words, str(done.exception))


def test_of_a_coding_that_is_not_known_it_says_so(folder):
    pen = Pen(first_seq=5000)
    head = {"number": 1, "first_sample": 124_700, "samples": 200, "count": 200, "coding": 9}
    pen.put(wire.REC_SNIPPET, wire.pack(wire.SNIPPET_FIELDS, head) + bytes(40))
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
    done = run(folder, "show", NIGHT, "--event", 2)
    assert "coding 9" in str(done.exception) and "newer notturno" in str(done.exception)


def test_where_nothing_is_stored_there_is_nothing_to_draw(tmp_path):
    done = run(tmp_path, "show", "--event", 1)
    assert "there is none" in str(done.exception)


def test_dots_stand_where_the_values_are():
    assert dots.lines(list(range(8)), -0.5, 7.5, 4, 2) == ["⠀⠀⡠⠊", "⡠⠊⠀⠀"]
    assert dots.lines([0, None, None, 1.9], 0, 2, 4, 1, braille=False) == [".  '"]
    assert dots.lines([2, 0, 9, -9], 0, 2, 4, 1, braille=False) == ["'.'."], "edges hold"
    assert dots.lines([0, 2, 2, 0], 0, 2, 2, 1, braille=False) == ["::"], "all of a column"
    assert dots.lines([0, 5.9], 0, 6, 2, 3, braille=False) == [" :", " :", ".'"], "joined"
