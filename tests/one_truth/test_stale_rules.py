"""Nights made by older rules: read as of today without a byte written, made anew by a writer."""

import sys
import zipfile
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.nights import verdict
from notturno.scoring import versions
from notturno.store import FILE_NAME, Store, staleness
from notturno_core import wire
from surfaces import keep, printed, rows, text

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
FORM_1 = Path(__file__).resolve().parents[1] / "store" / "form_1.zip"
RIGHT = b"VB\0\0\0\0\0\2".hex()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "data"
    for device, name, side in ((DEVICE, "left", "L"), (RIGHT, "right", "R")):
        pen = Pen()
        pen.time(0, EVENING)
        pen.night(1000, 120, [(10.0 + i, {}) for i in range(40)])
        pen.time(125 * 60_000, EVENING + 125 * 60_000)
        keep(folder, pen.frames, device, LOG_ID)
        text(folder, "bands", "name", device, name, "--side", side)
    return folder


def new_rules(monkeypatch):
    """Rules of another version, by which two hours are too short for a rate."""
    monkeypatch.setattr(versions, "NIGHT", "night-next")
    monkeypatch.setattr(verdict, "MIN_RATE_H", 3.0)


def trace(folder):
    return folder.stat().st_mtime_ns, {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()
    }


def by_today(folder):
    whole = printed(folder, "nights")
    every = [*whole["nights"], *whole["person_nights"]]
    assert len(every) == 3
    for row in every:
        assert row["rules_version"].startswith("night-next")
        assert row["refusal"]["code"] == "too_short" and row["jerks_per_h"] is None
        assert row["jerks"] in (40, 80)


def test_reading_says_what_todays_rules_say_and_writes_nothing(folder, monkeypatch):
    assert all(row["refusal"] is None for row in rows(folder).values())
    new_rules(monkeypatch)
    before = trace(folder)
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    (folder / FILE_NAME).chmod(0o444)
    try:
        by_today(folder)
        assert "too short" not in text(folder, "show").lower() or "no rate" in text(folder, "show")
        assert "no rate" in text(folder, "show")
        assert trace(folder) == before
    finally:
        folder.chmod(mode)


def test_a_command_that_writes_brings_the_file_up_to_date(folder, monkeypatch):
    new_rules(monkeypatch)
    before = (folder / FILE_NAME).read_bytes()
    text(folder, "tag", "drug", "2026-01-12")
    assert (folder / FILE_NAME).read_bytes() != before
    with Store.open(folder, create=False) as store:
        assert not staleness.stale(store._db)
    by_today(folder)
    monkeypatch.undo()
    assert all(row["refusal"] is None for row in rows(folder).values())  # older again: made anew


def test_a_night_that_lacks_a_column_is_stale(folder, monkeypatch):
    with Store.open(folder, create=False) as store:
        assert not staleness.stale(store._db)
        for others in ({**versions.BY_KEY, "new": None}, {"night": None}):
            monkeypatch.setattr(versions, "BY_KEY", others)
            assert staleness.stale(store._db)


@pytest.mark.parametrize("name", ["closed", "killed"])
@pytest.mark.parametrize("written", [True, False])
def test_data_of_form_1_give_the_nights_of_a_fresh_store(tmp_path, name, written):
    with zipfile.ZipFile(FORM_1) as archive:
        archive.extractall(tmp_path)
    old, fresh = tmp_path / name, tmp_path / "fresh"
    if written:
        Store.open(old).close()
    with Store.open(old, create=False) as store:
        logs = {(s["device_id"], s["log_id"]): s["zone"] for s in store.sessions()}
        for (device, log_id), zone in logs.items():
            frames = list(store.frames(device, log_id, 0, 1 << 40))
            assert {wire.frame_at(f, 0, len(f))[1] for f in frames} >= {wire.REC_SESSION}
            keep(fresh, frames, device, log_id, zone)
    assert len(rows(old)) == 2 and rows(old) == rows(fresh)
