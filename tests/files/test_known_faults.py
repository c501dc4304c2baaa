"""Faults that comparable programs had: zones near GMT, drifting clocks, midnight, two at once."""

import csv
import errno
import json
import os
import threading
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.typed import exported
from lives import DEVICE, HOUR_MS, LOG_ID, Pen, utc_ms
from notturno.cli import cli
from notturno.errors import UserError
from notturno.files import backup, written
from notturno.store import FILE_NAME, Store
from whole import whole_or


def rows(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def week(folder, zone, start_utc_ms, days=7, ms_a_tick=1.0):
    """Make nights of six hours, a day apart, on a band whose tick lasts `ms_a_tick` real ms."""
    folder.mkdir()
    pen = Pen()
    pen.time(1000, start_utc_ms)
    for day in range(days):
        tick = round((2000 + day * 24 * HOUR_MS) / ms_a_tick)
        pen.night(tick, 360, [(30.0 * i + 5, {}) for i in range(12)])
        end = tick + 360 * 60_000 + 60_000
        pen.time(end, start_utc_ms + round((end - 1000) * ms_a_tick))
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, zone, "0.1.0", start_utc_ms), pen.frames)
    return folder


@pytest.mark.parametrize(
    ("zone", "start", "first", "offset"),
    [
        ("Europe/London", (2026, 7, 10, 22, 0), "2026-07-10", "+01:00"),
        ("Atlantic/Azores", (2026, 1, 11, 0, 0), "2026-01-10", "-01:00"),
        ("Pacific/Kiritimati", (2026, 1, 10, 9, 0), "2026-01-10", "+14:00"),
        ("Asia/Kathmandu", (2026, 1, 10, 16, 45), "2026-01-10", "+05:45"),
        ("America/St_Johns", (2026, 1, 11, 2, 0), "2026-01-10", "-03:30"),
        *whole_or(
            [
                ("Europe/London", (2026, 1, 10, 23, 0), "2026-01-10", "+00:00"),
                ("Africa/Abidjan", (2026, 1, 10, 23, 30), "2026-01-10", "+00:00"),
            ],
            [],
        ),
    ],
)
def test_no_night_is_lost_or_moved_in_any_zone(tmp_path, zone, start, first, offset):
    home = week(tmp_path / "home", zone, utc_ms(*start))
    out = exported(home, tmp_path / "csv", "csv")
    nights = [row["night"] for row in rows(out, "nights")]
    assert len(nights) == 7 and nights[0] == first
    assert [int(night[-2:]) for night in nights] == list(range(10, 17))
    counted = {night: 0 for night in nights}
    for row in rows(out, "events"):
        counted[row["night"]] += 1
        assert row["onset_local"].endswith(offset)
    assert set(counted.values()) == {12}  # also of the last day
    CliRunner().invoke(cli, ["export", "--format", "json", "--out", str(tmp_path / "all.json"),
                             "--data-dir", str(home)])  # fmt: skip
    arguments = ["import", str(tmp_path / "all.json"), "--json", "--data-dir", str(tmp_path / "n")]
    assert "equal" in json.loads(CliRunner().invoke(cli, arguments).stdout)["notes"][0]
    again = exported(tmp_path / "n", tmp_path / "again", "csv")
    assert (again / "events.csv").read_bytes() == (out / "events.csv").read_bytes()


@pytest.mark.parametrize("ms_a_tick", [0.995, 1.005])
def test_annotations_hold_their_moment_on_a_band_whose_clock_drifts(tmp_path, ms_a_tick):
    edfio = pytest.importorskip("edfio")
    start = utc_ms(2026, 1, 10, 22)
    home = week(tmp_path / "home", "Europe/Rome", start, 2, ms_a_tick)
    out = exported(home, tmp_path / "edf", "edf")
    with Store.open(home, create=False) as store:
        sessions = {session["night"]: session for session in store.sessions()}
        events = store.events()
    for path in sorted(out.glob("*.edf")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            marks = [m for m in edfio.read_edf(path).annotations if m.text.startswith("Jerk")]
        night = path.name[:10]
        begin = sessions[night]["start_utc_ms"]
        mine = [event for event in events if event["night"] == night]
        for event, mark in zip(mine, marks, strict=True):
            assert begin + mark.onset * 1000 == pytest.approx(event["onset_utc_ms"], abs=2)
        # 335 of the band's minutes are so many real ones.
        assert marks[-1].onset - marks[0].onset == pytest.approx(330 * 60 * ms_a_tick, rel=2e-4)


def test_of_two_exports_at_once_one_is_whole_and_the_other_is_told(tmp_path):
    told, gate = [], threading.Barrier(2)

    def write(text):
        try:
            with written.whole_file(tmp_path / "x.json") as stream:
                stream.write(text)
                gate.wait()
        except UserError as error:
            told.append(str(error))

    both = [threading.Thread(target=write, args=(text,)) for text in (b"a" * 9999, b"b" * 9999)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(told) == 1 and "is there already" in told[0]
    assert (tmp_path / "x.json").read_bytes() in (b"a" * 9999, b"b" * 9999)
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_what_breaks_off_leaves_what_was_there(tmp_path):
    (tmp_path / "x").write_text("before")
    with (
        pytest.raises(KeyboardInterrupt),
        written.whole_file(tmp_path / "x", force=True) as stream,
    ):
        stream.write(b"half")
        raise KeyboardInterrupt
    assert (tmp_path / "x").read_text() == "before"
    with pytest.raises(KeyboardInterrupt), written.whole_folder(tmp_path / "f") as folder:
        (folder / "half").write_text("x")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_new_folder_that_cannot_take_its_place_gives_it_back_to_the_old_one(
    tmp_path, monkeypatch
):
    with written.whole_folder(tmp_path / "x") as folder:
        (folder / "kept").write_text("old")
    refuse_renames_to(
        monkeypatch, tmp_path / "x", of=lambda source: "kept" not in names_in(source)
    )
    with (
        pytest.raises(UserError, match="cannot be written"),
        written.whole_folder(tmp_path / "x", force=True) as folder,
    ):
        (folder / "new").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x" / "kept").read_text() == "old"


def names_in(path):
    return [each.name for each in path.iterdir()]


def test_a_restore_that_cannot_take_its_place_leaves_the_old_database_whole(tmp_path, monkeypatch):
    """What SQLite had not yet put into the database lies in a file beside it."""
    with Store.open(tmp_path) as store:
        store.add_tag("before", "2026-01-12")
        backup.write(tmp_path / "all.nb", store, {}, None, now_utc_ms=0)
    beside = tmp_path / f"{FILE_NAME}-wal"
    beside.write_bytes(b"not yet in it")
    held = (tmp_path / FILE_NAME).read_bytes()
    refuse_renames_to(
        monkeypatch, tmp_path / FILE_NAME, of=lambda source: source.parent != tmp_path
    )
    with pytest.raises(UserError, match="nothing was changed"):
        backup.put_in_place(tmp_path / "all.nb", None, tmp_path, force=True, stamp="now")
    assert (tmp_path / FILE_NAME).read_bytes() == held
    assert beside.read_bytes() == b"not yet in it"
    assert sorted(names_in(tmp_path)) == ["all.nb", FILE_NAME, f"{FILE_NAME}-wal"]


def refuse_renames_to(monkeypatch, place, of):
    """Let the disk refuse to put a thing at a place, where `of` says so of its source."""
    rename = os.rename

    def refusing(source, target):
        if str(target) == str(place) and of(Path(source)):
            raise OSError(errno.EIO, "the disk took no more")
        rename(source, target)

    monkeypatch.setattr(os, "rename", refusing)


def test_a_link_is_replaced_and_what_it_points_at_stays(tmp_path):
    (tmp_path / "real").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UserError, match="is there already"), written.whole_file(tmp_path / "link"):
        pass
    with written.whole_file(tmp_path / "link", force=True) as stream:
        stream.write(b"new")
    assert (tmp_path / "real").read_text() == "mine"
    assert not (tmp_path / "link").is_symlink() and (tmp_path / "link").read_text() == "new"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    for context in (
        written.whole_file(tmp_path / "file" / "x"),
        written.whole_folder(tmp_path / "file" / "x"),
    ):
        with pytest.raises(UserError, match="cannot be written"), context:
            pass
    with pytest.raises(UserError, match="a folder"), written.whole_file(tmp_path, force=True):
        pass


def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path):
    """Renamed over /dev/null, as root, a file would stand there for every program."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(UserError, match="device or a pipe"), written.whole_file(path, force=True):
        pytest.fail("it was opened")
    assert path.is_fifo() and [one.name for one in tmp_path.iterdir()] == ["pipe"]
