"""A log for a helper tells versions, counts and findings, and not who somebody is."""

import errno
import getpass
import json
import os
import socket
import sys
import zipfile
from pathlib import Path

from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.doctor.bundle import without
from notturno.errors import UserError
from notturno.keys import KeyRing
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


def run(*arguments):
    return CliRunner().invoke(
        cli, ["doctor", "--virtual", "127.0.0.1:9", "--timeout", "0", *arguments]
    )


def test_nothing_in_it_tells_who_somebody_is(tmp_path):
    folder = tmp_path / "annas-nights"
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 240, [(20.5, {})])
    with Store.open(_made(folder)) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        store.name_band(DEVICE, "Annas Bein", limb="calf", side="L")
        store.add_tag("clonazepam", "2026-01-12")
        store.edit("2026-01-12", None, {"exclude": "private matter"})
    KeyRing(folder).add(DEVICE, bytes(32), "cable")
    file = tmp_path / "help.zip"
    result = run("--bundle", str(file), "--data-dir", str(folder))
    assert "Read it before you send it" in result.output
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        text = "".join(archive.read(name).decode() for name in names)
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
    assert names == ["README.txt", "doctor.json"]
    for secret in (
        "Anna",
        "Bein",
        DEVICE,
        "Rosa",
        "clonazepam",
        "private",
        "2026-01",
        str(folder),
    ):
        assert secret.lower() not in text.lower()
    for secret in (getpass.getuser(), socket.gethostname(), str(Path.home())):
        assert f'"{secret}' not in text and f"/{secret}" not in text
    found = json.loads(text[text.index("{") :])
    assert found["logbook"]["bands"][0]["nights"] == 1
    assert found["logbook"]["records"] == len(pen.frames)
    assert found["logbook"]["last_nights"][0]["refused"] == "excluded"
    assert {"bluetooth", "disk"} <= {one["check"] for one in found["findings"]}


def _made(folder):
    folder.mkdir()
    return folder


def test_it_is_written_without_a_logbook_and_never_over_a_file(tmp_path):
    file = tmp_path / "help.zip"
    run("--bundle", str(file), "--data-dir", str(tmp_path / "none"))
    assert zipfile.is_zipfile(file)
    before = file.read_bytes()
    again = run("--bundle", str(file), "--data-dir", str(tmp_path / "none"))
    assert isinstance(again.exception, UserError) and "there already" in str(again.exception)
    assert file.read_bytes() == before


def test_the_platforms_folder_does_not_take_the_programs_name_out(tmp_path):
    """Its folder is called notturno, and so is every command that the doctor names."""
    file, folder = tmp_path / "help.zip", _made(tmp_path / "notturno")
    Store.open(folder).close()
    run("--bundle", str(file), "--data-dir", str(folder))
    with zipfile.ZipFile(file) as made:
        text = made.read("doctor.json").decode()
    assert "notturno" in text and str(folder) not in text and "FOLDER flash" not in text
    assert "FOLDER can be read and written" in text


def test_secrets_go_as_whole_words():
    assert without("band a at /home/a, a cat", {"a": "X"}) == "band X at /home/X, X cat"
    assert without("seen 2026-01-12T22:30:05Z, 07:15", {}) == "seen DATE, TIME"
    assert without("id 564200000000000f of 0.1.0", {}) == "id ID of 0.1.0"


def test_a_full_disk_leaves_no_half_of_it(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "help.zip"
    with monkeypatch.context() as while_full:
        while_full.setattr(os, "fsync", full)
        refused = run("--bundle", str(file), "--data-dir", str(tmp_path / "none"))
    assert isinstance(refused.exception, UserError) and not list(tmp_path.iterdir())
    run("--bundle", str(file), "--data-dir", str(tmp_path / "none"))
    assert zipfile.is_zipfile(file)
