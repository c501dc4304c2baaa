"""A sync's progress and a band's clock in the dashboard's words."""

import json
from types import SimpleNamespace

import pytest
from notturno.dashboard import of_bands, of_night, syncing


class Ended:
    """A process that has ended, in place of one."""

    def __init__(self, returncode, out=b"", err=b""):
        self.returncode, self.said = returncode, (out, err)

    def communicate(self, timeout):
        assert timeout == 1800  # half an hour, for a log of months over a weak radio
        return self.said

    def poll(self):
        return self.returncode


def job(monkeypatch, returncode, out=b"", err=b""):
    made = syncing._Job(before=5)
    ended = Ended(returncode, out, err)
    monkeypatch.setattr(syncing.subprocess, "Popen", lambda *a, **k: ended)
    made.run(["x"])
    return made


@pytest.mark.parametrize(
    ("new", "warnings", "said"),
    [
        (0, [], "Done: 0 new records."),
        (1, [], "Done: 1 new record."),
        (2, ["A.", "B."], "Done: 2 new records. A.  B."),
    ],
)
def test_an_end_is_said(monkeypatch, new, warnings, said):
    out = json.dumps({"new_records": new, "warnings": warnings}).encode()
    done = job(monkeypatch, 0, out)
    assert (done.state, done.new, str(done.words())) == (syncing.DONE, new, said)


@pytest.mark.parametrize(
    ("err", "said"),
    [
        (b"", "The sync failed: "),
        (b"notturno: No band.\n", "The sync failed: No band."),
        (b"first\nnotturno: last\n\n", "The sync failed: last"),
        (b"x" * 500, "The sync failed: " + "x" * 400),
    ],
)
def test_a_failure_says_its_last_line_and_of_a_long_one_the_beginning(monkeypatch, err, said):
    done = job(monkeypatch, 1, b"{}", err)
    assert (done.state, str(done.words())) == (syncing.FAILED, said)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (0, "Looking for the band ..."),
        (1, "Fetching: 1 new record"),
        (9, "Fetching: 9 new records"),
    ],
)
def test_what_is_under_way_is_said(new, said):
    running = syncing._Job(0)
    running.new = new
    assert (running.state, str(running.words())) == (syncing.RUNNING, said)


def test_what_is_fetched_is_counted_from_the_begin_and_never_back(monkeypatch, tmp_path):
    asked = SimpleNamespace(folder=tmp_path)
    runner = syncing.Runner()
    assert runner.state(asked) == {"state": syncing.IDLE, "new_records": 0, "words": ""}
    runner._jobs[tmp_path] = syncing._Job(before=5)
    for there, new in ((5, 0), (12, 7), (11, 7), (20, 15)):
        monkeypatch.setattr(syncing, "_records", lambda asked, there=there: there)
        assert runner.state(asked)["new_records"] == new


@pytest.mark.parametrize(
    ("clock", "error_ms", "said"),
    [
        ("unknown", None, "was not set in its last night"),
        ("estimated", 1600, "set once in its last night: right to 2 s"),
        ("measured", 400, "right to 0 s in its last night"),
        ("measured", None, "right to 0 s in its last night"),
        ("measured", 90_400, "right to 90 s in its last night"),
    ],
)
def test_a_clock_is_right_to_whole_seconds(clock, error_ms, said):
    assert str(of_bands._clock({"clock": clock, "clock_error_ms": error_ms})) == said


@pytest.mark.parametrize(
    ("label", "said"),
    [(None, ""), ("", ""), ("me", "me"), ("not_me", "not me"), ("awake", "was awake")],
)
def test_labels_in_words(label, said):
    assert str(of_night.label_text(label)) == said


def event(**values):
    made = {"no": 3, "device_id": "b", "kind": "jerk", "peak_mg": 90, "duration_s": 0.4}
    made |= {"left_out": None, "label": None, "waveform": True, "onset_s": 60.0}
    return made | {"onset_utc_ms": None, "start_ms": 60_000} | values


@pytest.mark.parametrize(
    ("values", "counts", "label"),
    [
        ({}, True, ""),
        ({"label": "me"}, True, "me"),
        ({"left_out": "in_awake"}, False, ""),
        ({"kind": "posture"}, False, ""),
    ],
)
def test_a_movements_row(monkeypatch, values, counts, label):
    bands = [
        {"row": {"device_id": d, "zone": "UTC", "band": d.upper()}, "dated": False} for d in "ab"
    ]
    from notturno.dashboard import say

    monkeypatch.setattr(say, "time_of", lambda event, zone: f"at {zone}")
    row = of_night._row(event(**values), {"bands": bands}, several=True)
    assert (row["counts"], row["label"], row["band"], row["time"]) == (
        counts,
        label,
        "B",
        "at None",
    )
    assert of_night._row(event(**values), {"bands": bands}, several=False)["band"] == ""
    assert (row["left_out"] == "") is (values.get("left_out") is None)
