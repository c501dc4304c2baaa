"""What people say, at its bounds: tags, diary, edits, names of bands; each value by hand."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.errors import UserError
from notturno.store import Store, bands, dates, diary, stimuli

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME, NIGHT = "Europe/Rome", "2026-01-12"
OTHER = "564200000000000f"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def sync(store, device=DEVICE, log_id=LOG_ID, clock=True, later_ms=0):
    """66 records, 65 without a clock: time, session, settings, segment, event, 60 minutes, end."""
    pen = Pen()
    if clock:
        pen.time(1000, EVENING + later_ms)
    pen.night(2000 + later_ms, 60, [(5.0, {})])
    store.add(store.begin_sync(device, log_id, ROME, "0.1.0", EVENING), pen.frames)
    return pen


# --- tags --------------------------------------------------------------------------------------


def test_a_tag_of_one_night_ends_on_the_night_it_began(store):
    store.add_tag("fever", NIGHT, NIGHT)
    store.add_tag("drug", NIGHT)
    store.end_tag("drug", NIGHT)
    assert [(t["first_night"], t["last_night"]) for t in store.tags()] == [(NIGHT, NIGHT)] * 2
    with pytest.raises(UserError, match="swap them"):
        store.add_tag("x", NIGHT, "2026-01-11")


def test_of_two_spans_that_go_on_the_later_one_is_ended_and_no_other_tag(store):
    store.add_tag("drug", "2026-01-02")
    store.add_tag("drug", "2026-01-05")
    store.add_tag("drug", "2026-01-09", "2026-01-10")
    store.add_tag("other", "2026-01-07")
    store.end_tag("drug", "2026-01-08")
    ends = {tag["first_night"]: tag["last_night"] for tag in store.tags()}
    assert ends == {
        "2026-01-02": None,
        "2026-01-05": "2026-01-08",
        "2026-01-07": None,
        "2026-01-09": "2026-01-10",
    }


def test_what_could_have_been_meant_is_listed_once_or_said_to_be_none(store):
    with pytest.raises(UserError, match="the tags are: none yet"):
        store.remove_tag("drug")
    with pytest.raises(UserError, match="those that are: none yet"):
        store.end_tag("drug", NIGHT)
    store.add_tag("drug", "2026-01-02", "2026-01-03")
    store.add_tag("drug", "2026-01-05")
    store.add_tag("before", "2026-01-01", "2026-01-01")
    with pytest.raises(UserError, match="the tags are: before, drug[.]"):
        store.remove_tag("x")
    with pytest.raises(UserError, match="those that are: drug[.]"):
        store.end_tag("before", NIGHT)


# --- the diary ---------------------------------------------------------------------------------


def test_an_entry_is_trimmed_and_what_is_blank_is_nothing():
    assert diary.checked(f" {NIGHT} ", " tea ", " 1,5 ", " cup ", " 7:05 ", " hot ") == {
        "night": NIGHT, "what": "tea", "amount": 1.5, "unit": "cup", "at": "07:05", "note": "hot",
    }  # fmt: skip
    nothing = {"night": NIGHT, "what": "tea", "amount": None, "unit": "", "at": "", "note": ""}
    assert diary.checked(NIGHT, "tea") == nothing
    assert diary.checked(NIGHT, "tea", " ", " ", " ", " ") == nothing
    assert diary.checked(NIGHT, "tea", "", "", "", "") == nothing


@pytest.mark.parametrize("what", [None, "", "  "])
def test_an_entry_says_what_and_when(what):
    with pytest.raises(UserError, match="say what"):
        diary.checked(NIGHT, what)
    with pytest.raises(UserError, match="no date"):
        diary.checked(what, "tea")


@pytest.mark.parametrize("amount", ["inf", "-inf", "nan", "1.2.3", "one"])
def test_an_amount_is_a_finite_number(amount):
    with pytest.raises(UserError, match="is no amount"):
        diary.checked(NIGHT, "tea", amount)
    assert diary.checked(NIGHT, "tea", "-0.5")["amount"] == -0.5
    assert diary.checked(NIGHT, "tea", "0")["amount"] == 0.0


def test_an_entry_is_added_as_often_as_it_stands_in_the_list(store):
    tea, stress = diary.checked(NIGHT, "tea", "1"), diary.checked(NIGHT, "stress")
    store.add_diary(tea)
    assert store.import_diary([tea, tea, stress, tea]) == 3
    assert sorted(entry["what"] for entry in store.diary()) == ["stress", "tea", "tea", "tea"]
    assert store.import_diary([tea] * 4 + [stress] * 2) == 2


# --- edits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{"bed": "22:00"}, {"wake": "06:00"}])
def test_neither_a_bed_nor_a_wake_time_has_a_place_in_a_night_without_a_clock(store, said):
    sync(store, clock=False)
    with pytest.raises(UserError, match="give --exclude alone"):
        store.edit("undated-1", DEVICE, said)
    assert store.edits() == []
    assert store.edit("undated-1", DEVICE, {"exclude": "a table"}) == "undated-1"
    assert store.edits_in_force("undated-1", DEVICE)["exclude"] == "a table"


def test_what_was_said_last_of_both_bands_is_taken_back_together(store, one_now):
    sync(store)
    sync(store, OTHER)
    assert store.edit(NIGHT, None, {"bed": "22:40"}) == NIGHT
    one_now.utc_ms += 1
    store.edit(NIGHT, None, {"bed": "22:50"})
    one_now.utc_ms += 1
    store.edit(NIGHT, OTHER, {"wake": "06:00"})
    assert [e["device_id"] for e in store.edits(NIGHT)].count(OTHER) == 3
    assert store.undo_edit(NIGHT, DEVICE)["bed"] == "22:50"
    assert [store.edits_in_force(NIGHT, d)["bed"] for d in (DEVICE, OTHER)] == ["22:40", "22:50"]
    assert store.undo_edit(NIGHT, None)["wake"] == "06:00"
    assert store.edits_in_force(NIGHT, OTHER) == {
        "zone": None, "bed": "22:50", "wake": None, "exclude": None,
    }  # fmt: skip
    store.undo_edit(NIGHT, None)
    store.undo_edit(NIGHT, None)
    assert [store.edits_in_force(NIGHT, d)["bed"] for d in (DEVICE, OTHER)] == [None, None]


# --- bands -------------------------------------------------------------------------------------


def test_a_place_holds_from_its_moment_on_and_the_first_before_all():
    places = [
        {"from_utc_ms": 100, "limb": "calf", "side": "L"},
        {"from_utc_ms": 200, "limb": "ankle", "side": "R"},
    ]
    held = {at: bands.placement_at(places, at)["limb"] for at in (None, 0, 99, 199, 200, 201)}
    assert held == {
        None: "calf", 0: "calf", 99: "calf", 199: "calf", 200: "ankle", 201: "ankle",
    }  # fmt: skip


def test_a_band_is_meant_by_its_name_its_id_or_a_beginning_of_one_alone():
    known = {"564200000000000f": "left", "5642000000000001": "", "00aa000000000001": "right"}
    for said, meant in (
        (" left ", "564200000000000f"),
        ("5642000000000001", "5642000000000001"),
        ("00AA", "00aa000000000001"),
        ("Left", None),  # a name is meant as it is written
        ("", None),
        ("  ", None),
        ("7", None),
    ):
        assert bands.meant(known, said) == meant
    with pytest.raises(UserError, match="one of several"):
        bands.meant(known, "5642")
    # A whole name goes before the beginning of another's id.
    assert bands.meant(known | {"5642000000000001": "00aa"}, "00aa") == "5642000000000001"


@pytest.mark.parametrize(
    ("stored", "first_seq", "next_seq", "waiting"),
    [(True, 1, 200, 200 - 67), (False, 150, 200, 50), (True, 150, 200, 50), (True, 1, 30, 0)],
)
def test_what_waits_on_a_band_is_neither_here_nor_already_gone(
    store, stored, first_seq, next_seq, waiting
):
    if stored:
        assert sync(store).seq == 67  # the number after the last
    said = {"next_seq": next_seq, "first_seq": first_seq, "state": 0, "battery_mv": 3870}
    store.note_band(DEVICE, LOG_ID, said, "0.2.0", EVENING)
    (band,) = store.bands()
    assert band["waiting"] == waiting
    assert band["records"] == (66 if stored else 0)


def test_to_say_the_same_of_a_band_again_changes_nothing(store):
    sync(store)
    store.name_band(DEVICE, "a", utc_ms=1000)  # no place was said: none is kept
    assert store.bands()[0]["placements"] == []
    store.name_band(DEVICE, "a", limb=" calf ", utc_ms=2000)
    store.name_band(DEVICE, "a", limb="calf", side="", utc_ms=3000)
    assert [p["from_utc_ms"] for p in store.bands()[0]["placements"]] == [0]
    store.name_band(DEVICE, "a", limb="", utc_ms=4000)  # taken off is a change
    places = store.bands()[0]["placements"]
    assert [(p["from_utc_ms"], p["limb"]) for p in places] == [(0, "calf"), (4000, "")]
    for side in ("l", "left"):
        with pytest.raises(UserError, match="is no side"):
            store.name_band(DEVICE, "a", side=side)


@pytest.mark.parametrize("name", ["", " ", "a\x07b"])
def test_a_band_has_a_name_that_can_be_read(store, name):
    sync(store)
    with pytest.raises(UserError, match="a name that can be read"):
        store.name_band(DEVICE, name)


# --- logs that go ------------------------------------------------------------------------------


def test_a_log_that_goes_is_counted_and_the_others_are_told(store):
    sync(store)
    sync(store, log_id=0x77, later_ms=86_400_000)  # other records: no old log of the band
    store.name_band(DEVICE, "a")
    with pytest.raises(UserError, match="has no log 00000078; it has: 00000077, 00001234"):
        store.forget_log(DEVICE, 0x78)
    assert store.forget_log(DEVICE, 0x77) == {"device_id": DEVICE, "records": 66}
    assert store.count_records() == 66
    store.forget_log(DEVICE, LOG_ID)
    with pytest.raises(UserError, match="it has: none"):
        store.forget_log(DEVICE, LOG_ID)


# --- zones and dates -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["UTC", " Europe/Rome ", "UTC+05:30"])
def test_a_zone_that_is_known_is_taken(name):
    assert dates.zone_name(name) == name.strip()


def test_a_zone_that_is_not_known_is_refused_with_three_that_are_near():
    with pytest.raises(UserError) as said:
        dates.zone_name("rom")
    near = str(said.value).partition("near it are: ")[2].partition(". Write")[0].split(", ")
    assert len(near) == 3 and "Europe/Rome" in near
    with pytest.raises(UserError, match="New_York"):
        dates.zone_name("new york")
    with pytest.raises(UserError, match="that this machine knows[.] Write it as"):
        dates.zone_name("qqqqqq")


def test_without_a_day_of_its_own_a_date_is_held_against_today():
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).astimezone().date()
    for days, taken in ((300, True), (-300, True), (370, False)):
        text = (today + timedelta(days=days)).isoformat()
        if taken:
            assert dates.night_date(text) == text
        else:
            with pytest.raises(UserError, match="the date of no night"):
                dates.night_date(text)


# --- stimuli -----------------------------------------------------------------------------------


def read(text, start_utc_ms=EVENING):
    from zoneinfo import ZoneInfo

    found = stimuli.read_csv(text, ZoneInfo(ROME), start_utc_ms)
    return [(one["utc_ms"], one["onset_us"], one["kind"]) for one in found]


def test_a_file_of_stimuli_has_one_column_of_times():
    assert read("onset_s,kind\n1.5, tone \n\n2,\n") == [
        (EVENING + 1500, 1_500_000, "tone"),
        (EVENING + 2000, 2_000_000, ""),
    ]
    assert read("onset_s\n0.0004\n", None) == [(None, 400, "")]
    assert read("onset_s\n") == []
    assert read("utc\n2026-01-12T21:30:01Z\n") == [(EVENING + 1000, 1_000_000, "")]
    assert read("local;kind\n22:30:00,25;\n") == [(EVENING + 250, 250_000, "")]


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("kind\ntone\n", EVENING, "needs one column of times"),
        ("utc,onset_s\n1,2\n", EVENING, "needs one column of times"),
        ("utc\n2026-01-12T21:30:01Z\n", None, "clock of this night is not known"),
        ("local\n22:30:00\n", None, "the column local has no place"),
        ("onset_s\nsoon\n", None, "Line 2: soon is no time of the column onset_s"),
        ("onset_s,kind\n,tone\n", EVENING, "Line 2: nothing is no time"),
        ("local\n25:00:00\n", EVENING, "Line 2: 25:00:00 is no time"),
        ("utc\n12345678901\n", EVENING, "Line 2: 12345678901 is no time"),
        ("onset_s,onset_s\n1,2\n", EVENING, "each once"),
        ("", EVENING, "it says: nothing"),
    ],
)
def test_a_stimulus_that_cannot_be_placed_is_named(text, start, words):
    with pytest.raises(UserError, match=words):
        read(text, start)
