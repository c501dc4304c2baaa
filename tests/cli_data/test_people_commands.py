"""bands, edit, diary, stimuli, tag: what people say, as they type it."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.cli.people_words import ago_text
from notturno.errors import UserError
from notturno.store import Store, bands
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
NIGHT = "2026-01-12"
OTHER = "564200000000000f"
COMMANDS = (["bands"], ["bands", "name"], ["edit"], ["diary"], ["diary", "add"])
COMMANDS += (["diary", "list"], ["diary", "remove"], ["diary", "import"], ["diary", "stats"])
COMMANDS += (["stimuli"], ["tag"])


def fill(folder, device=DEVICE, nights=2, events=((5.0, {}),)):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(nights):
        pen.night(2000 + day * 86_400_000, 90, list(events))
    folder.mkdir(exist_ok=True)
    with Store.open(folder) as store:
        store.add(store.begin_sync(device, LOG_ID, "Europe/Rome", "0.1.0", EVENING), pen.frames)
        info = {"next_seq": pen.seq + 1, "first_seq": 1, "state": wire.STATE_DOCKED}
        info |= {"tick_ms": 1, "boot_id": 1, "battery_mv": 3900}
        store.note_band(device, LOG_ID, info, "0.1.0", EVENING)


@pytest.fixture
def folder(tmp_path):
    fill(tmp_path / "data")
    return tmp_path / "data"


def run(folder, *arguments):
    """Return what a command printed; a UserError comes out as it is."""
    done = CliRunner().invoke(cli, [*map(str, arguments), "--data-dir", str(folder)])
    if isinstance(done.exception, UserError):
        raise done.exception
    assert done.exception is None, done.output
    return done.output


def as_json(folder, *arguments):
    return json.loads(run(folder, *arguments, "--json"))


@pytest.mark.parametrize("command", COMMANDS)
def test_short_help_works(command):
    done = CliRunner().invoke(cli, [*command, "-h"])
    assert done.exit_code == 0 and "--data-dir" in done.output


READING = (["bands"], ["diary"], ["diary", "list"], ["diary", "stats"], ["tag"])
READING += (["edit", "--list"],)


@pytest.mark.parametrize("command", READING)
def test_what_only_reads_makes_nothing(tmp_path, command):
    run(tmp_path / "none", *command)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [["bands", "name", "56", "a"], ["edit", "--bed", "22:00"], ["stimuli", __file__]],
)
def test_what_cannot_be_done_without_nights_makes_nothing(tmp_path, command):
    with pytest.raises(UserError):
        run(tmp_path / "none", *command)
    assert list(tmp_path.iterdir()) == []


# --- bands -------------------------------------------------------------------------------------


def test_bands_lists_what_is_known_of_each(folder, monkeypatch):
    monkeypatch.setattr(bands, "now_utc_ms", lambda: EVENING + 3 * 86_400_000)
    document = as_json(folder, "bands")
    (band,) = document["bands"]
    assert document["schema"] == "bands-1"
    wanted = {"device_id", "name", "limb", "side", "seen_utc_ms", "age_of_newest_s", "battery_mv"}
    assert wanted | {"battery_pct", "firmware", "nights"} <= set(band)
    assert band["age_of_newest_s"] == 2 * 86_400 - 90 * 60 - 1
    text = run(folder, "bands")
    assert "46 hours ago" in text and "3900 mV, ~64 %" in text and "simulated" in text
    assert "1 record lay on the band" in text


def test_a_band_is_named_and_found_by_its_name(folder):
    fill(folder, OTHER)
    said = run(folder, "bands", "name", OTHER, "calf-left", "--limb", "calf", "--side", "l")
    assert "calf-left" in said and "calf, left" in said
    (band,) = as_json(folder, "bands", "name", "calf-left", "calf-right", "--side", "R")["bands"]
    assert (band["device_id"], band["side"], len(band["placements"])) == (OTHER, "R", 2)
    run(folder, "bands", "name", "calf-right", "c", "--side", "R", "--from", "2026-01-13")
    (_, since) = as_json(folder, "bands")["bands"][0]["placements"]
    noon = datetime.fromtimestamp(since["from_utc_ms"] / 1000)
    assert noon == datetime(2026, 1, 13, 12)
    run(folder, "bands", "name", "c", "c", "--side", "R", "--always")
    assert len(as_json(folder, "bands")["bands"][0]["placements"]) == 1
    for arguments in (["--always"], ["--always", "--from", NIGHT, "--side", "L"]):
        with pytest.raises(UserError):
            run(folder, "bands", "name", "c", "c", *arguments)


def test_an_age_is_told_or_a_dash():
    assert [ago_text(s) for s in (None, 3600, 86_400)] == ["-", "60 minutes ago", "24 hours ago"]


# --- edit --------------------------------------------------------------------------------------


def test_a_night_is_edited_listed_and_taken_back(folder):
    said = run(folder, "edit", NIGHT, "--bed", "22:40", "--wake", "6:55")
    assert "bed 22:40, wake 06:55" in said
    document = as_json(folder, "edit", "--night", NIGHT, "--exclude", "slept elsewhere")
    assert document["schema"] == "edits-1"
    assert document["in_force"]["exclude"] == "slept elsewhere"
    assert as_json(folder, "edit", NIGHT, "--include")["in_force"]["exclude"] is None
    assert as_json(folder, "edit", NIGHT, "--undo")["in_force"]["exclude"] == "slept elsewhere"
    listed = run(folder, "edit", "--list")
    assert "exclude: slept elsewhere" in listed and "include" in listed
    edits = as_json(folder, "edit", NIGHT, "--list")["edits"]
    assert [bool(edit["removed_utc_ms"]) for edit in edits] == [False, False, True]
    assert as_json(folder, "edit", "2026-01-13", "--list")["edits"] == []
    with pytest.raises(UserError, match="2026-03-01"):
        run(folder, "edit", "2026-03-01", "--list")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say what to correct"),
        (["--undo"], "Nothing of the night"),
        (["--undo", "--bed", "22:40"], "Say what to correct"),
        (["--include", "--exclude", "x"], "not both"),
        (["--exclude", " "], "why"),
        (["--bed", "25:00"], "no time of day"),
        (["--zone", "Europe/Roma"], "Europe/Rome"),
        (["--zone", "rome"], "Europe/Rome"),
        (["--zone", "Europe"], "no time zone"),
        (["--bed", "22:40", "--night", "2026-02-01"], "not stored"),
        (["--bed", "22:40", "--band", "wrist"], "no band wrist"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(folder, arguments, words):
    with pytest.raises(UserError, match=words):
        run(folder, "edit", *arguments)
    with Store.open(folder, create=False) as store:
        assert store.edits() == []


def test_a_night_is_edited_as_all_bands_recorded_it_or_as_one_did(folder):
    fill(folder, OTHER)
    run(folder, "bands", "name", OTHER, "left")
    run(folder, "edit", NIGHT, "--bed", "22:40")
    run(folder, "edit", NIGHT, "--wake", "06:00", "--band", "left")
    edits = as_json(folder, "edit", NIGHT, "--list")["edits"]
    assert sorted(e["device_id"] for e in edits if e["bed"]) == sorted([DEVICE, OTHER])
    assert [e["device_id"] for e in edits if e["wake"]] == [OTHER]
    run(folder, "edit", NIGHT, "--undo")  # of one band
    run(folder, "edit", NIGHT, "--undo")  # of both
    edits = as_json(folder, "edit", NIGHT, "--list")["edits"]
    assert len(edits) == 3 and all(edit["removed_utc_ms"] is not None for edit in edits)


# --- tags --------------------------------------------------------------------------------------


def test_a_tag_is_ended_and_its_dates_must_be_possible(folder):
    run(folder, "tag", "drug", "2026-01-12")
    assert "2026-01-20" in run(folder, "tag", "drug", "--until", "2026-01-20")
    assert as_json(folder, "tag")[0]["last_night"] == "2026-01-20"
    run(folder, "tag", "later", "2026-02-01", "--until", "2026-02-03")
    assert as_json(folder, "tag")[1]["last_night"] == "2026-02-03"
    for arguments in (["x", "1026-01-01"], ["x", "2999-01-01"], ["drug", "--until", "2026-01-22"],
                      ["x", "2026-01-01", "2026-01-02", "--until", "2026-01-03"],
                      ["--until", "2026-01-03"]):  # fmt: skip
        with pytest.raises(UserError):
            run(folder, "tag", *arguments)
    run(folder, "tag", "--remove", "drug")
    assert [tag["name"] for tag in as_json(folder, "tag")] == ["later"]


# --- diary -------------------------------------------------------------------------------------


def test_an_entry_is_added_listed_and_removed(folder):
    dose = ["--what", "clonazepam", "--amount", "0.5", "--unit", "mg", "--at", "22:10"]
    assert "clonazepam 0.5 mg at 22:10" in run(folder, "diary", "add", NIGHT, *dose)
    run(folder, "diary", "add", "--what", "stress", "--note", "work")
    run(folder, "diary", "add", "--night", NIGHT, "--what", "tea", "--amount", "1,5")
    document = as_json(folder, "diary", "list")
    assert document["schema"] == "diary-1"
    first, tea, stress = document["entries"]
    assert (first["amount"], first["unit"], first["at"]) == (0.5, "mg", "22:10")
    assert tea["amount"] == 1.5
    tonight = (datetime.now() - timedelta(hours=12)).date()
    assert abs((datetime.fromisoformat(stress["night"]).date() - tonight).days) <= 1
    assert "0.5 mg" in run(folder, "diary") and "work" in run(folder, "diary", "list")
    run(folder, "diary", "remove", stress["entry_id"])
    with pytest.raises(UserError, match="no diary entry"):
        run(folder, "diary", "remove", stress["entry_id"])
    assert len(as_json(folder, "diary", "list")["entries"]) == 2


def test_a_diary_file_is_imported_once_and_whole(folder, tmp_path):
    file = tmp_path / "diary.csv"
    file.write_text(f"night,what,amount\n{NIGHT},tea,1\n{NIGHT},coffee,x\n")
    with pytest.raises(UserError, match="Line 3"):
        run(folder, "diary", "import", file)
    assert as_json(folder, "diary", "list")["entries"] == []
    file.write_text(f"night,what,amount\n{NIGHT},tea,1\n")
    assert as_json(folder, "diary", "import", file) == {
        "schema": "diary-1", "added": 1, "there_already": 0,
    }  # fmt: skip
    assert "0 entries added, 1 of the file already there" in run(folder, "diary", "import", file)


def test_what_goes_along_with_the_diary_is_said(tmp_path):
    folder, rates = tmp_path / "data", [1, 8, 2, 7, 3, 6, 4, 9]
    pen = Pen()
    pen.time(1000, EVENING)
    for day, jerks in enumerate(rates):
        pen.night(2000 + day * 86_400_000, 90, [(5.0 + i, {}) for i in range(jerks)])
    folder.mkdir()
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
    for day, jerks in enumerate(rates):
        night = (datetime(2026, 1, 12) + timedelta(days=day)).date().isoformat()
        run(folder, "diary", "add", night, "--what", "coffee", "--amount", jerks)
        run(folder, "diary", "add", night, "--what", "note")
    document = as_json(folder, "diary", "stats")
    found = document["bands"][0]["by_name"]["coffee"]
    assert found["rank_correlation"] > 0.99 and found["p"] < 0.01 and found["nights"] == 8
    assert document["entries_without_amount"] == 8
    text = run(folder, "diary", "stats")
    assert "rank correlation +1.00 in 8 nights" in text and "8 entries without" in text


# --- stimuli -----------------------------------------------------------------------------------

EVERY_S = [180 * i + (i * i * 7) % 60 for i in range(1, 28)]


@pytest.fixture
def answered(tmp_path):
    """A night in which a jerk follows each of uneven stimuli by 0.2 s."""
    fill(tmp_path / "data", nights=1, events=[((s + 0.2) / 60, {}) for s in EVERY_S])
    return tmp_path / "data"


def write(folder, form):
    start = datetime.fromtimestamp((EVENING + 1000) / 1000, UTC)
    lines = {
        "onset_s": [f"{s}" for s in EVERY_S],
        "utc": [(start + timedelta(seconds=s)).isoformat() for s in EVERY_S],
        "local": [f"{start + timedelta(hours=1, seconds=s):%H:%M:%S.000}" for s in EVERY_S],
    }[form]
    file = folder.parent / f"{form}.csv"
    file.write_text(f"{form},kind\n" + "".join(f"{line},sound\n" for line in lines))
    return file


@pytest.mark.parametrize("form", ["onset_s", "utc", "local"])
def test_jerks_that_follow_stimuli_are_found_whatever_says_the_time(answered, form):
    document = as_json(answered, "stimuli", write(answered, form), "--night", NIGHT)
    test = document["bands"][0]["test"]
    assert (test["stimuli"], test["answered"], test["stimuli_left_out"]) == (27, 27, 0)
    assert test["p"] < 0.01 and abs(test["delay_ms"] - 200) < 20
    with Store.open(answered, create=False) as store:
        kept = store.stimuli(NIGHT)
    assert [(each["onset_us"], each["kind"]) for each in kept] == [
        (s * 1_000_000, "sound") for s in EVERY_S
    ]
    assert kept[0]["utc_ms"] == EVENING + 1000 + EVERY_S[0] * 1000
    text = run(answered, "stimuli", write(answered, form), NIGHT)
    assert "27 of 27 stimuli answered" in text


def test_other_movements_than_jerks_can_be_tested(answered):
    found = as_json(answered, "stimuli", write(answered, "utc"), "--kind", "lms")
    assert "refused" in found["bands"][0]["test"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind\nsound\n", "one column of times"),
        ("utc,local\n1,2\n", "one column of times"),
        ("onset_s\n5\nsoon\n", "Line 3: soon"),
        ("local\n25:00:00\n", "Line 2: 25:00:00"),
        ("utc\n12:00\n", "Line 2"),
        ("when\n5\n", "first line"),
    ],
)
def test_a_wrong_file_of_stimuli_is_named_and_nothing_kept(answered, tmp_path, text, words):
    file = tmp_path / "wrong.csv"
    file.write_text(text)
    with pytest.raises(UserError, match=words):
        run(answered, "stimuli", file)
    with Store.open(answered, create=False) as store:
        assert store.stimuli() == []
