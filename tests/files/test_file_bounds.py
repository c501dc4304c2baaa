"""The bounds of the room, each held from both sides."""

import io
import json

import pytest
from click.testing import CliRunner
from lives import HOUR_MS, NIGHT, utc_ms
from notturno.cli import cli
from notturno.cli import passphrase as of_passphrase
from notturno.errors import UserError
from notturno.files import backup, lab, lossless, placing, sealing, sleeps
from notturno.store import Store


@pytest.mark.parametrize(
    ("minutes", "kept"), [(9, False), (11, True), (23 * 60 + 50, True), (24 * 60 + 10, False)]
)
def test_a_sleep_lasts_ten_minutes_to_a_day(minutes, kept):
    start = utc_ms(2026, 3, 28, 22)
    moments = (sleeps.moment(at) for at in (start, start + minutes * 60_000))
    found = sleeps.of_devices("x", [sleeps.OfDevice("", 0, "row 1", *moments, "UTC")])
    assert bool(found.found) is kept and bool(found.refused) is not kept


def test_half_of_the_shorter_span_is_shared():
    assert placing.shared((0, 100), (50, 1000)) == 0.5
    assert placing.shared((0, 100), (100, 200)) == placing.shared((5, 5), (0, 9)) == 0.0
    assert placing.shared((0, 100), (20, 60)) == 1.0
    assert placing.shared((0, 100), (150, 200)) == placing.shared((150, 200), (0, 100)) == 0.0


@pytest.mark.parametrize(("part", "placed"), [(0.45, False), (0.55, True)])
def test_a_sleep_belongs_to_a_night_with_half_of_it(own_life, part, placed):
    with Store.open(own_life) as store:
        store.undo_edit(NIGHT, None)
        begin = store.nights(night=NIGHT)[0]["start_utc_ms"]
        start = round(begin - (1 - part) * 4 * HOUR_MS)
        sleep = {"source": "x", "file": "x", "zone": "UTC", "start_utc_ms": start}
        store.add_sleeps([sleep | {"end_utc_ms": start + 4 * HOUR_MS}])
        edited, kept, without = placing.as_edits(store, "x")
    assert (edited, kept, without) == (([NIGHT], [], 0) if placed else ([], [], 1))


def test_a_guess_at_a_passphrase_costs_what_it_should():
    assert (1 << sealing.LOG2_N) * sealing.R * 128 == 128 << 20  # bytes of memory
    for log2_n, r, p in ((21, 8, 1), (17, 17, 1), (17, 8, 5), (9, 8, 1), (17, 0, 1), (17, 8, 0)):
        head = sealing.HEAD.pack(sealing.MAGIC, log2_n, r, p, bytes(16), bytes(7))
        with pytest.raises(UserError, match="more work"):
            sealing._cipher(head, "x")


@pytest.mark.parametrize(("length", "taken"), [(7, False), (8, True)])
def test_a_passphrase_has_eight_characters(tmp_path, length, taken):
    (tmp_path / "secret").write_text("x" * length)
    if taken:
        assert of_passphrase.new(str(tmp_path / "secret")) == "x" * length
    else:
        with pytest.raises(UserError, match="8 characters"):
            of_passphrase.new(str(tmp_path / "secret"))


@pytest.mark.parametrize("size", [0, 1, sealing.PIECE - 1, sealing.PIECE, sealing.PIECE + 1])
def test_every_length_is_sealed_and_opened(tmp_path, monkeypatch, size):
    monkeypatch.setattr(sealing, "LOG2_N", 10)
    data = bytes(i % 251 for i in range(size))
    with open(tmp_path / "x", "wb") as stream:
        sealer = sealing.Sealer(stream, "a passphrase")
        for at in range(0, size, 4097):
            sealer.write(data[at : at + 4097])
        sealer.close()
    with open(tmp_path / "x", "rb") as stream:
        assert b"".join(sealing.opened(stream, "a passphrase", "x")) == data
    pieces = max(-(-size // sealing.PIECE), 1)
    assert (tmp_path / "x").stat().st_size == sealing.HEAD.size + size + pieces * sealing.TAG


def test_two_backups_of_the_same_share_no_bytes(life, tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "LOG2_N", 10)
    with Store.open(life, create=False) as store:
        for name in "ab":
            backup.write(tmp_path / name, store, {}, None, 5, "a passphrase")
    one, other = ((tmp_path / name).read_bytes()[sealing.HEAD.size :] for name in "ab")
    assert one[:4096] != other[:4096]


def test_a_minute_is_a_sixtieth_of_a_hertz(life, tmp_path):
    arguments = ["export", NIGHT, "--format", "bids", "--out", str(tmp_path / "b")]
    assert CliRunner().invoke(cli, [*arguments, "--data-dir", str(life)]).exit_code == 0
    (sidecar,) = (tmp_path / "b").rglob("*_motion.json")
    said = json.loads(sidecar.read_text())
    assert said["SamplingFrequency"] * 60 == pytest.approx(1)
    assert said["RecordingDuration"] == pytest.approx(7 * 3600)


def test_only_the_first_twenty_reasons_are_shown(own_life, tmp_path):
    lines = [f"2026-03-{day:02} 23:00,2026-03-{day:02} 22:00" for day in range(1, 24)]
    (tmp_path / "s.csv").write_text("bed,wake\n" + "\n".join(lines) + "\n")
    arguments = ["import", str(tmp_path / "s.csv"), "--data-dir", str(own_life)]
    said = CliRunner().invoke(cli, arguments).stderr
    assert said.count("left out:") == 20 and "and 3 more" in said


def test_a_file_that_was_sealed_once_opens_always():
    """Written by 0.1.0: of each version that reads the form, whatever it writes itself."""
    kept = bytes.fromhex(
        "4e4f54545345414c0a0801000102030405060708090a0b0c0d0e0f6465666768696a56"
        "24cc5fd293ccf0654d740e457d9744bf4bf68b5bcd54"
    )
    assert b"".join(sealing.opened(io.BytesIO(kept), "a passphrase", "x")) == b"a night"


@pytest.mark.parametrize(("before", "is_one"), [(0, True), (4070, True), (4071, False)])
def test_an_export_says_so_within_4096_bytes(before, is_one):
    mark = b'"schema":"notturno-export-'
    assert len(mark) == 26 and lossless.is_one(b" " * before + mark) is is_one


@pytest.mark.parametrize(("before", "is_one"), [(0, True), (1979, True), (1980, False)])
def test_remlogic_says_so_within_2000_signs(before, is_one):
    title = "RemLogic Event Export"
    assert len(title) == 21 and lab.is_remlogic(" " * before + title + "\n\nx") is is_one
    assert lab.is_remlogic("Time [hh:mm:ss]\tEvent\n")
