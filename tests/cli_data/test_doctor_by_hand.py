"""What the doctor judges, over bands and folders made by hand: each bound and one beside it."""

from types import SimpleNamespace

import pytest
from notturno import doctor
from notturno.cli import doctor as doctor_command
from notturno.cli import doctor_bundle
from notturno.doctor import bundle
from notturno.doctor.findings import Finding

NO = {"refused": "Too few people.", "code": "too_few_people"}
NOW_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
H_MS = 3_600_000


# --- what the doctor judges ----------------------------------------------------------------------


def band(**values):
    made = {"name": "calf", "device_id": "a", "simulated": False, "seen_utc_ms": NOW_MS}
    made |= {"newest_utc_ms": NOW_MS, "waiting": 0, "state_names": None, "battery_mv": None}
    return made | values


def judged(**values):
    found = doctor.band(band(**values), None, True, NOW_MS)
    return {one.check: one for one in found}


@pytest.mark.parametrize(
    ("values", "check", "state", "said"),
    [
        ({}, "contact", "ok", "0 minutes ago"),
        ({"seen_utc_ms": NOW_MS - 72 * H_MS}, "contact", "ok", "3 days ago"),
        ({"seen_utc_ms": NOW_MS - 72 * H_MS - 1}, "contact", "look", "3 days ago"),
        ({"seen_utc_ms": None}, "contact", "look", "never"),
        ({"newest_utc_ms": NOW_MS - 36 * H_MS}, "newest record", "ok", "36 hours old"),
        ({"newest_utc_ms": NOW_MS - 36 * H_MS - 1}, "newest record", "look", "36 hours old"),
        ({"newest_utc_ms": NOW_MS + 99_000}, "newest record", "ok", "0 minutes old"),
        ({"newest_utc_ms": None}, "newest record", "look", "no record of a known time is stored"),
        ({"newest_utc_ms": 0, "simulated": True}, "newest record", "ok", "of a simulated night"),
        (
            {"waiting": 1},
            "waiting",
            "look",
            "1 record lay on the band, not here, when it was seen",
        ),
        ({"state_names": ["log_full"]}, "memory", "look", "the band's was full"),
        ({}, "battery", "ok", "is not measured"),
        ({"battery_mv": 4200}, "battery", "ok", "~100 % when it was seen (4200 mV)"),
        ({"battery_mv": 3300}, "battery", "look", "~0 % when it was seen (3300 mV)"),
        ({}, "key", "ok", "is here"),
    ],
)
def test_a_band_is_judged_by_its_last_word(values, check, state, said):
    one = judged(**values)[check]
    assert (one.state, one.found) == (state, said)
    assert bool(one.todo) is (state != "ok")


def test_what_a_band_does_not_say_is_no_finding():
    assert set(judged()) == {"key", "contact", "newest record", "battery"}
    assert set(judged(state_names=["docked"])) == set(judged())
    assert doctor.named(band(name="", simulated=True)) == "a*" and doctor.named(band()) == "calf"


@pytest.mark.parametrize(("percent", "state"), [(14, "look"), (15, "ok")])
def test_below_fifteen_percent_a_battery_is_to_be_charged(percent, state, monkeypatch):
    from notturno.doctor import bands

    monkeypatch.setattr(bands, "battery_pct", lambda mv: percent)
    assert judged(battery_mv=3600)["battery"].state == state


@pytest.mark.parametrize(
    ("error", "has_key", "simulated", "state"),
    [(None, True, False, "ok"), (None, False, False, "wrong"), (None, False, True, "look")]
    + [("It is open; close it.", False, False, "wrong")],
)
def test_a_key_is_judged_by_where_it_is(error, has_key, simulated, state):
    one = doctor.key("calf", error, has_key, simulated)
    assert one.state == state
    if error:
        assert (one.found, one.todo) == ("It is open", "close it")


def test_the_air_is_judged_by_who_is_heard():
    (wrong,) = doctor.radio([], "No adapter; plug one in.", None)
    assert (wrong.state, wrong.found, wrong.todo) == ("wrong", "No adapter", "plug one in")
    silent, may = doctor.radio([], None, None)
    assert (silent.state, silent.found) == ("look", "it works, but no band is heard")
    assert may.state == "ok"
    heard, _ = doctor.radio(["a\x1bb", "x" * 50], None, "h:1")
    assert heard.found == f"the virtual radio at h:1 works; in reach: a?b, {'x' * 40}"


def test_the_worst_of_findings_and_none():
    found = [Finding("a", state, "") for state in ("ok", "look", "ok")]
    assert doctor.worst(found) == "look" and doctor.worst([]) == "ok"
    assert doctor.worst([*found, Finding("a", "wrong", "")]) == "wrong"


def test_a_zones_note_is_to_look_at_and_packages_are_never_wrong():
    (one,) = doctor.clock(NOW_MS, "UTC", "Your zone is unknown; set it.", [])
    assert (one.state, one.found, one.todo) == ("look", "Your zone is unknown", "set it")
    (none,) = doctor.packages({})
    (missing,) = doctor.packages({"x": ("the cable", "pip install x")})
    assert none.found == "all are installed" and missing.todo == "pip install x"
    assert (none.state, missing.state) == ("ok", "ok")
    assert missing.found == "x is missing, which the cable needs"


@pytest.mark.parametrize(
    ("ahead_ms", "said"), [(180_000, "3 minutes"), (2 * H_MS, "2 hours"), (48 * H_MS, "2 days")]
)
def test_how_far_a_clock_was_set_back_is_told_in_its_largest_unit(ahead_ms, said):
    (one,) = doctor.clock(NOW_MS, "UTC", None, [band(seen_utc_ms=NOW_MS + ahead_ms)])
    assert one.found.startswith(f"it was synced {said} from now") and one.band == "calf"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("of 2026-01-12T22:30:05.25+01:00.", "of DATE."),
        ("at 22:30 and 06:05:10", "at TIME and TIME"),
        ("id 564200000000000f and deadbeef", "id ID and deadbeef"),
        ("log 0000abcd, 0abcdef", "log ID, 0abcdef"),
        ("Anna's band anna-2, ANNA", "PERSON's band PERSON-2, PERSON"),
        ("joanna", "joanna"),
    ],
)
def test_a_bundle_says_of_nobody_who_it_was(text, told):
    assert bundle.without(text, {"anna": "PERSON", "": "x"}) == told


def test_a_longer_secret_goes_before_the_one_within_it():
    assert bundle.without("a b", {"a": "1", "a b": "2"}) == "2"


def test_the_logbook_of_a_bundle_counts_faults_and_names_refusals():
    night = {"state": "complete", "recorded_h": 8.0, "countable_h": 7.0, "gap_h": 0.0, "gaps": 0}
    night |= {"clock": "measured", "refusal": None, "rules_version": 3}
    asked = []

    def nights(last):
        asked.append(last)
        return [night, night | {"refusal": NO, "rules_version": 2}, night]

    store = SimpleNamespace(
        bands=lambda: [band(firmware="0.1", nights=3)],
        faults=lambda: [{"name": "gap"}, {"name": "gap"}, {"name": "x"}],
        nights=nights,
        count_records=lambda: 9,
    )
    found = doctor_bundle._of_logbook(store)
    assert (found["records"], found["faults"], asked) == (9, {"gap": 2, "x": 1}, [30])
    assert [one["refused"] for one in found["last_nights"]] == [None, "too_few_people", None]
    assert found["rules"] == [2, 3] and found["bands"][0]["nights"] == 3
    assert doctor_bundle._version("no-such-package-there") is None


@pytest.mark.parametrize("error", [ValueError("a\nb"), ValueError("x" * 200)])
def test_what_a_systems_bluetooth_raises_is_told_in_a_line(monkeypatch, error):
    def fails(virtual):
        raise error

    monkeypatch.setattr("notturno.link.open_radio", fails)
    heard, said = doctor_command.listen(None, 1.0)
    whole = f"ValueError: {error}".splitlines()[0]
    assert heard == [] and said.startswith(f"Bluetooth failed ({whole[:120]});")


def test_what_a_stranger_sent_is_shown_as_forty_plain_characters():
    from notturno.doctor.findings import readable

    assert readable("a\x1b[2J\n\u00e9") == "a?[2J?\u00e9"
    assert readable("a" * 40) == "a" * 40 == readable("a" * 41)


# --- facts of this computer ----------------------------------------------------------------------


def facts_of(path):
    from notturno.doctor import machine

    return machine.folder_facts(path, "n.sqlite", "sync.lock")


def test_a_folder_with_its_logbook_can_be_read_written_and_locked(tmp_path):
    (tmp_path / "n.sqlite").touch()
    facts = facts_of(tmp_path)
    assert facts.exists and facts.is_folder and facts.readable and facts.writable
    assert facts.database and facts.database_writable and not facts.sync_running
    assert facts.locks == "free" and facts.free_bytes > 0


def test_an_empty_folder_a_file_and_nothing_hold_no_logbook(tmp_path):
    (tmp_path / "file").touch(mode=0o755)
    empty = facts_of(tmp_path)
    assert (empty.database, empty.database_writable, empty.locks) == (False, False, "free")
    file = facts_of(tmp_path / "file")
    assert file.exists and not file.is_folder and not file.readable and not file.database
    assert (file.database_writable, file.locks, file.writable) == (False, "unknown", True)
    none = facts_of(tmp_path / "not" / "yet")
    assert not none.exists and none.writable and not none.database and none.free_bytes > 0


def test_a_folder_that_may_not_be_looked_into_cannot_be_read_nor_written(tmp_path, monkeypatch):
    import os

    def may(path, how):
        return not how & (os.R_OK | os.X_OK)

    monkeypatch.setattr(os, "access", may)
    facts = facts_of(tmp_path)
    assert facts.is_folder and not facts.readable and not facts.writable


def test_the_lock_of_a_logbook_is_sqlites_reserved_byte_and_no_more(tmp_path, monkeypatch):
    """By SQLite's os.h: the pending byte is at 2^30, the reserved one behind it."""
    import fcntl

    asked = []
    (tmp_path / "n.sqlite").touch()
    monkeypatch.setattr(fcntl, "lockf", lambda _handle, *how: asked.append(how))
    facts_of(tmp_path)
    assert asked == [(fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 2**30 + 1)]


def test_who_holds_a_lock_is_busy_and_a_running_sync_is_told(tmp_path):
    import fcntl

    (tmp_path / "n.sqlite").touch()
    (tmp_path / "sync.lock").touch()
    with open(tmp_path / "sync.lock") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        facts = facts_of(tmp_path)
    assert facts.sync_running and facts.locks == "free"
    assert not facts_of(tmp_path).sync_running


@pytest.mark.parametrize(
    ("number", "state"), [("EACCES", "busy"), ("EAGAIN", "busy"), ("ENOLCK", "none")]
)
def test_a_lock_that_cannot_be_had_is_held_or_unknown_to_the_disk(
    tmp_path, monkeypatch, number, state
):
    import errno
    import fcntl

    def refuses(*what):
        raise OSError(getattr(errno, number), "x")

    (tmp_path / "n.sqlite").touch()
    monkeypatch.setattr(fcntl, "lockf", refuses)
    assert facts_of(tmp_path).locks == state
    monkeypatch.undo()
    monkeypatch.setattr(fcntl, "flock", refuses)
    facts = facts_of(tmp_path)
    assert facts.locks == ("none" if state == "none" else "free")
    assert facts.sync_running is (state == "busy")


def test_where_no_folder_is_at_all_nothing_can_be_made_and_no_room_is_told(tmp_path, monkeypatch):
    """As on a drive that is not there."""
    from pathlib import Path

    monkeypatch.setattr(Path, "is_dir", lambda self: False)
    facts = facts_of(tmp_path / "x")
    assert (facts.is_folder, facts.writable, facts.free_bytes) == (False, False, None)
