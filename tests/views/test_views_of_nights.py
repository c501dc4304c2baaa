"""What is made ready to be shown agrees with the row of the night, and says what is usual."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.errors import UserError
from notturno.store import Store
from notturno.views import usual, verdict
from notturno.views.events import numbered, one
from notturno.views.many import hours_of_nights, ppv_of_labels
from notturno.views.night import night_view
from notturno_core import wire

RIGHT = b"VB\0\0\0\0\0\2".hex()
EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"
DAY_MS = 86_400_000


def fill(store, nights, minutes=240, zone=ROME):
    """Store nights with so many jerks each, one every three minutes from minute 20 on."""
    pen = Pen()
    pen.time(1000, EVENING)
    for day, jerks in enumerate(nights):
        pen.night(2000 + day * DAY_MS, minutes, [(20.5 + 3 * k, {}) for k in range(jerks)])
    store.add(store.begin_sync(DEVICE, LOG_ID, zone, "0.1.0", EVENING), pen.frames)
    return [name for name in store.night_names()]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def test_the_hours_of_the_clock_add_up_to_the_nights_row(store):
    (night,) = fill(store, [12])
    (band,) = night_view(store, night)["bands"]
    hours = band["hours"]
    assert [row["hour"] for row in hours] == [22, 23, 24, 25, 26]
    assert sum(row["events"] for row in hours) == band["row"]["jerks"] == 12
    assert sum(row["countable_h"] for row in hours) == pytest.approx(band["row"]["countable_h"])
    assert [row["whole"] for row in hours] == [False, True, True, True, False]
    assert hours[1]["start_ms"] - EVENING == pytest.approx(30 * 60_000, abs=100)
    assert hours[0]["per_countable_h"] == pytest.approx(4 / 0.4997, rel=0.01)  # 4 in 30 min
    spans = band["spans"]
    assert band["dated"] and band["span"] == band["in_bed"]
    recorded_h = sum(end - start for start, end in spans["recorded"]) / 3.6e6
    assert recorded_h == pytest.approx(band["row"]["recorded_h"], abs=1e-3)


def test_a_night_is_told_beside_what_was_usual(store):
    names = fill(store, [12, 14, 13, 12, 60])
    first = night_view(store, names[0])["bands"][0]
    assert first["verdict"]["code"] == "first" and first["verdict"]["usually_per_h"] is None
    fourth = night_view(store, names[3])["bands"][0]["verdict"]
    assert fourth["code"] == "like_others" and fourth["jerks"] == 12
    assert fourth["usually_per_h"] == pytest.approx(13 / 4, rel=0.03)
    last = night_view(store, names[4])["bands"][0]
    assert last["verdict"]["code"] == "restless"
    assert last["usual"]["jerks_per_h"]["nights"] == 4


def test_a_night_that_may_not_be_read_says_so_and_is_not_usual_for_others(store):
    names = fill(store, [12, 14, 13, 12, 12])
    store.edit(names[1], None, {"exclude": "flu"})
    refused = night_view(store, names[1])["bands"][0]["verdict"]
    assert refused["code"] == "refused" and "flu" in refused["reason"]
    assert night_view(store, names[4])["bands"][0]["usual"]["jerks_per_h"]["nights"] == 3
    store.edit(names[2], None, {"exclude": "flu"})
    assert night_view(store, names[4])["bands"][0]["verdict"]["code"] == "first"


def test_both_legs_have_what_is_usual_of_both_legs(store):
    names = fill(store, [12, 14, 13, 12, 60])
    pen = Pen()
    pen.time(1000, EVENING)
    for day, jerks in enumerate([6, 6, 6, 6, 2]):  # a minute after the other leg's
        pen.night(2000 + day * DAY_MS, 240, [(21.5 + 3 * k, {}) for k in range(jerks)])
    store.add(store.begin_sync(RIGHT, LOG_ID + 1, ROME, "0.1.0", EVENING), pen.frames)
    store.name_band(DEVICE, "left", limb="calf", side="L")
    store.name_band(RIGHT, "right", limb="calf", side="R")
    fourth = night_view(store, names[3])
    (told,) = fourth["person_verdict"]
    assert told["jerks"] == fourth["person"][0]["jerks"] == 18
    assert told["code"] == "like_others" and told["usually_per_h"] == pytest.approx(
        19 / 4, rel=0.03
    )
    last = night_view(store, names[4])
    assert last["person_verdict"][0]["code"] == "restless"
    assert [one["verdict"]["code"] for one in last["bands"]] == ["restless", "quiet"]
    assert last["person_usual"][0]["jerks_per_h"]["nights"] == 4
    assert night_view(store, names[0])["person_verdict"][0]["code"] == "first"
    one_leg = night_view(store, names[3], DEVICE)
    assert one_leg["person_usual"] == one_leg["person_verdict"] == []


def test_a_band_on_a_table_sees_no_sleep(store):
    pen = Pen()
    pen.time(1000, EVENING)
    hour = round(60 * 60 * 104.0)
    lies = {"kind": wire.EVENT_NOT_WORN, "duration_samples": 2 * hour}
    pen.night(2000, 300, [(120.0, lies)])
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0", EVENING), pen.frames)
    (band,) = night_view(store, store.night_names()[0])["bands"]
    ((begins, ends),) = band["spans"]["not_worn"]
    assert ends - begins == pytest.approx(2 * 3_600_000, abs=1000)
    asleep = band["spans"]["asleep"]
    assert sum(end - start for start, end in asleep) == pytest.approx(3 * 3_600_000, rel=0.02)
    assert all(end <= begins or start >= ends for start, end in asleep)


def test_what_another_detector_found_is_not_usual(store):
    names = fill(store, [12, 14, 13])
    pen = Pen(first_seq=9000, boot_id=2)
    pen.time(1000, EVENING + 3 * DAY_MS)
    pen.night(2000, 240, [(20.5, {})], detector_version=2)
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.2.0", EVENING), pen.frames)
    newest = store.night_names()[-1]
    assert newest not in names
    assert night_view(store, newest)["bands"][0]["verdict"]["code"] == "first"


def test_a_night_without_a_clock_counts_from_its_start(store):
    pen = Pen()
    pen.night(2000, 240, [(20.5, {}), (100.5, {})])
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0", EVENING), pen.frames)
    (band,) = night_view(store, store.night_names()[0])["bands"]
    assert not band["dated"] and band["span"][0] == 0
    assert [row["hour"] for row in band["hours"]] == [0, 1, 2, 3]
    assert [row["events"] for row in band["hours"]] == [1, 1, 0, 0]
    assert band["verdict"]["code"] in ("first", "refused")
    assert band["events"][0]["start_ms"] == pytest.approx(20.5 * 60_000, abs=50)


def test_a_night_that_begins_behind_midnight_has_the_hours_of_that_night(store):
    """Half past ten in Rome is half past six in Tokyo: its morning, numbered from 24 on."""
    fill(store, [3], zone="Asia/Tokyo")
    (band,) = night_view(store, store.night_names()[0])["bands"]
    assert band["hours"][0]["hour"] == 24 + 6


def test_the_profile_is_over_the_nights_that_count(store):
    fill(store, [12] * 6 + [60])
    rows = store.nights()
    found = hours_of_nights(store, rows)
    assert found["nights"] == 7
    full = next(row for row in found["hours"] if row["hour"] == 23)
    assert full["nights"] == 7 and full["p50"] == pytest.approx(8, rel=0.01)
    assert full["p90"] > full["p50"]
    store.edit(rows[6]["night"], None, {"exclude": "flu"})
    assert hours_of_nights(store, store.nights())["nights"] == 6


def test_an_hour_of_which_hardly_anything_was_countable_is_no_rate_of_that_night(store):
    fill(store, [12] * 6, minutes=213)  # from 22:30 on: three minutes of the hour from 2 on
    hours = {row["hour"]: row for row in hours_of_nights(store, store.nights())["hours"]}
    assert hours[25]["nights"] == 6
    assert hours[26]["nights"] == 0 and "refused" in hours[26]["p50"]


def test_ppv_is_of_the_counted_events_that_bear_a_label(store):
    fill(store, [6, 6, 6])
    for night in store.night_names():
        for event in numbered(store, night):
            said = "not_me" if event["no"] == 6 else "me"
            store.label(DEVICE, LOG_ID, event["seq"], said)
    found = ppv_of_labels(store)
    assert found["labels"] == {"me": 15, "not_me": 3}
    assert (found["all"]["own"], found["all"]["labelled"], found["all"]["nights"]) == (15, 18, 3)
    assert found["by_kind"]["jerk"]["ppv"] == pytest.approx(15 / 18)
    assert found["by_kind"]["lm"]["labelled"] == 0
    sizes = {row["from_mg"]: row["labelled"] for row in found["by_size"]}
    assert sizes == {0: 0, 20: 0, 60: 18, 200: 0}
    assert ppv_of_labels(store, since=store.night_names()[2])["all"]["labelled"] == 6


def test_a_label_of_what_does_not_count_is_told_apart(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 240, [(20.5, {"flags": wire.FLAG_SMALL}), (30.5, {})])
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0", EVENING), pen.frames)
    for event in numbered(store, store.night_names()[0]):
        store.label(DEVICE, LOG_ID, event["seq"], "me")
    found = ppv_of_labels(store)
    assert (found["all"]["labelled"], found["not_counted"]) == (1, 1)


def test_jerks_are_parted_by_size_at_20_60_and_200_mg(store):
    pen = Pen()
    pen.time(1000, EVENING)
    peaks = (19, 20, 59, 60, 199, 200, 3000)
    pen.night(2000, 240, [(20.5 + k, {"peak_mg": mg}) for k, mg in enumerate(peaks)])
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0", EVENING), pen.frames)
    for event in numbered(store, store.night_names()[0]):
        store.label(DEVICE, LOG_ID, event["seq"], "me")
    sizes = [(row["from_mg"], row["labelled"]) for row in ppv_of_labels(store)["by_size"]]
    assert sizes == [(0, 1), (20, 2), (60, 2), (200, 2)]


def test_an_event_that_is_not_there_is_told_with_those_that_are(store):
    (night,) = fill(store, [5])
    events = numbered(store, night)
    assert [event["no"] for event in events] == [1, 2, 3, 4, 5]
    assert one(events, 5) is events[4]
    with pytest.raises(UserError, match=r"no event 6 .* they go from 2 to 5\."):
        one(events[1:], 6)
    with pytest.raises(UserError, match=r"no event 1 .* there is none\."):
        one([], 1)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("America/Anchorage", 12), ("Pacific/Honolulu", 24 + 11), ("UTC", 21), ("Asia/Kolkata", 27)],
)
def test_the_hours_of_a_night_go_from_noon_to_noon(store, zone, hour):
    """It begins at 21:30:01 UTC."""
    fill(store, [3], zone=zone)
    (band,) = night_view(store, store.night_names()[0])["bands"]
    assert band["hours"][0]["hour"] == hour
    full_hour_ms = EVENING + (0 if zone == "Asia/Kolkata" else -30 * 60_000)
    assert band["hours"][0]["start_ms"] == pytest.approx(full_hour_ms, abs=2)
    assert band["hours"][1]["start_ms"] - band["hours"][0]["start_ms"] == 3_600_000


def test_labels_are_counted_from_an_evening_to_an_evening_both_of_them_too(store):
    fill(store, [2, 3, 4])
    nights = store.night_names()
    for night in nights:
        for event in numbered(store, night):
            store.label(DEVICE, LOG_ID, event["seq"], "me")

    def labelled(*asked):
        return ppv_of_labels(store, *asked)["all"]["labelled"]

    assert labelled() == 9
    assert (labelled(nights[1]), labelled(None, nights[1])) == (7, 5)
    assert labelled(nights[1], nights[1]) == 3
    sizes = ppv_of_labels(store)["by_size"]
    assert [row["to_mg"] for row in sizes] == [20, 60, 200, None]


class Asked:
    """A store that tells what it is asked for, and gives rows."""

    def __init__(self, rows=()):
        self.rows, self.nights_asked = list(rows), []

    def nights(self, **asked):
        self.nights_asked.append(asked)
        return self.rows

    def person_nights(self, names):
        self.names = names
        return self.rows


def test_what_is_usual_is_asked_of_90_nights_up_to_the_evening_before():
    row = {"date": "2026-03-01", "device_id": "ab"}
    store = Asked()
    usual.of_night(store, row, ())
    usual.of_person(store, row, ())
    before = {"last": 90, "until": "2026-02-28"}
    assert store.nights_asked == [before | {"device_id": "ab"}, before]
    undated = Asked()
    usual.of_night(undated, row | {"date": None}, ())
    usual.of_person(undated, row | {"date": None}, ())
    assert undated.nights_asked == [] and undated.names == []


REFUSED, LITTLE = {"refused": "Too short."}, {"refused": "Too few nights."}
USUAL = {"jerks_per_h": {"typical": 3.5, "tonight": "high"}}


@pytest.mark.parametrize(
    ("changes", "is_usual", "told"),
    [
        ({}, USUAL, ("restless", 3.5, None)),
        ({}, {"jerks_per_h": {"typical": 3.5, "tonight": "within"}}, ("like_others", 3.5, None)),
        ({}, {"jerks_per_h": {"typical": 3.5, "tonight": "low"}}, ("quiet", 3.5, None)),
        ({}, {"jerks_per_h": LITTLE}, ("first", None, "Too few nights.")),
        ({"refusal": REFUSED}, USUAL, ("refused", None, "Too short.")),
        ({"refusal": REFUSED, "state": "running"}, USUAL, ("running", None, "Too short.")),
        (
            {"jerks_per_h": None, "refusals": {"jerks_per_h": LITTLE}},
            USUAL,
            ("refused", None, "Too few nights."),
        ),
        (
            {"jerks_per_h": None, "refusal": REFUSED, "refusals": {"jerks_per_h": LITTLE}},
            USUAL,
            ("refused", None, "Too short."),
        ),
        ({"jerks_per_h": None}, USUAL, ("refused", None, None)),
    ],
)
def test_a_night_in_one_word(changes, is_usual, told):
    row = {"jerks": 9, "jerks_per_h": 2.5, "refusal": None, "refusals": {}, "state": "complete"}
    found = verdict.of_night(row | changes, is_usual)
    assert (found["code"], found["usually_per_h"], found["reason"]) == told
    assert found["jerks"] == 9
