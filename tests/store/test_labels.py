"""What people say of single events stays with them, and goes when their log goes."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.errors import UserError
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"
OTHER = "564200000000000f"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def sync(store, device=DEVICE, log_id=LOG_ID, jerks=3):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 60, [(5.0 + k, {}) for k in range(jerks)])
    store.add(store.begin_sync(device, log_id, ROME, "0.1.0", EVENING), pen.frames)


def seqs(store, device=DEVICE):
    return [event["seq"] for event in store.events(device_id=device)]


def test_an_event_bears_what_was_last_said_of_it(store):
    sync(store)
    first, second, _ = seqs(store)
    store.label(DEVICE, LOG_ID, first, "not_me")
    store.label(DEVICE, LOG_ID, first, "me")
    store.label(DEVICE, LOG_ID, second, "awake")
    assert [event["label"] for event in store.events()] == ["me", "awake", None]
    assert [(row["seq"], row["said"]) for row in store.labels()] == [
        (first, "me"),
        (second, "awake"),
    ]
    assert [event["seq"] for event in store.labelled_events()] == [first, second]
    store.label(DEVICE, LOG_ID, first, None)
    assert [event["seq"] for event in store.labelled_events()] == [second]


def test_a_word_that_is_no_label_and_an_event_that_is_not_there_are_refused(store):
    sync(store)
    with pytest.raises(UserError, match="me, not_me, awake"):
        store.label(DEVICE, LOG_ID, seqs(store)[0], "mine")
    for device, log_id, seq in (
        (DEVICE, LOG_ID, 9999),
        (DEVICE, 7, seqs(store)[0]),
        (OTHER, LOG_ID, seqs(store)[0]),
    ):
        with pytest.raises(UserError, match="no event"):
            store.label(device, log_id, seq, "me")
    assert store.labels() == []


def test_labels_stay_when_rules_change_and_when_a_band_is_fetched_again(store):
    sync(store)
    store.label(DEVICE, LOG_ID, seqs(store)[1], "me")
    before = store.labels()
    store.edit("2026-01-12", None, {"bed": "22:40"})
    sync(store)
    assert store.labels() == before


def test_nothing_said_of_a_forgotten_band_falls_on_the_next_one(store):
    """SQLite gives the key of a log that is gone out again."""
    sync(store)
    store.label(DEVICE, LOG_ID, seqs(store)[0], "not_me")
    store.edit("2026-01-12", None, {"exclude": "flu"})
    store.forget_band(DEVICE)
    sync(store, OTHER, 77)
    assert [event["label"] for event in store.events()] == [None] * 3
    (row,) = store.nights(now_ms=EVENING)
    assert row["excluded"] is None
    assert store.labels() == [] and store.edits() == []


def test_what_was_said_of_a_young_log_goes_over_to_the_log_that_it_is(store):
    """A band that lost its meta file gives its log out under a new number."""
    sync(store, jerks=1)
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 60, [(5.0, {}), (6.0, {}), (7.0, {})])
    few = pen.frames[:2] + pen.frames[3:6]
    store.add(store.begin_sync(DEVICE, 99, ROME, "0.1.0", EVENING), few)
    young = [e for e in store.events() if e["log_id"] == 99]
    for event in young:
        store.label(DEVICE, 99, event["seq"], "me")
    store.add(store.begin_sync(DEVICE, 99, ROME, "0.1.0", EVENING), pen.frames)
    kept = {(row["log_id"], row["seq"]) for row in store.labels()}
    assert {seq for _, seq in kept} == {event["seq"] for event in young}
    assert len(kept) == len(young)
