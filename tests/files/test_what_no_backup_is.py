"""Every reason for which a file is no backup, or none that is whole."""

import hashlib
import io
import json
import zipfile

import pytest
from notturno.errors import UserError
from notturno.files import backup

DB, DAMAGED = "notturno.sqlite3", "b.zip is damaged or cut off; use another copy."
BODY = b"a database"


def listed(body=BODY, **values):
    return {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} | values


def extracted(folder, manifest, members=None):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        if manifest is not None:
            archive.writestr("MANIFEST.json", json.dumps(manifest))
        for name, body in ({DB: BODY} if members is None else members).items():
            archive.writestr(name, body)
    stream.seek(0)
    return backup._extract(stream, folder, "b.zip")


def made(files=None, **values):
    return {"schema": "notturno-backup-1", "files": files or {DB: listed()}} | values


def test_a_whole_one_is_unpacked(tmp_path):
    manifest = made({DB: listed(), "keys.json": listed(b"{}"), "config.toml": listed(b"")})
    members = {DB: BODY, "keys.json": b"{}", "config.toml": b"", "other": b"is left where it is"}
    assert extracted(tmp_path, manifest, members) == manifest
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        DB: BODY,
        "keys.json": b"{}",
        "config.toml": b"",
    }


@pytest.mark.parametrize(
    ("manifest", "members", "said"),
    [
        (None, None, "b.zip is no backup of notturno."),
        (made(schema="another-1"), None, "b.zip is no backup of notturno."),
        (made(schema=1), None, "b.zip is no backup of notturno."),
        (
            made(schema="notturno-backup-2"),
            None,
            "b.zip was written by a newer notturno; update this one.",
        ),
        ([], None, DAMAGED),
        ({}, None, DAMAGED),
        ({"schema": "notturno-backup-1"}, None, DAMAGED),
        (made([DB]), None, DAMAGED),
        (made({DB: listed(bytes=len(BODY) + 1)}), None, DAMAGED),
        (made({DB: listed(bytes=len(BODY) - 1)}), None, DAMAGED),
        (made({DB: listed(bytes=-1)}), None, DAMAGED),
        (made({DB: listed(bytes=(64 << 30) + 1)}), None, DAMAGED),
        (made({DB: listed(bytes="10")}), None, DAMAGED),
        (made({DB: listed(sha256="0" * 64)}), None, DAMAGED),
        (made({DB: {"bytes": len(BODY)}}), None, DAMAGED),
        (made({DB: listed(), "../x": listed(b"x")}), {DB: BODY, "../x": b"x"}, DAMAGED),
        (made({DB: listed(), "keys.json": listed()}), None, DAMAGED),
        (made({"keys.json": listed(b"{}")}), {"keys.json": b"{}"}, DAMAGED),
    ],
)
def test_what_is_not_is_refused_in_one_sentence(tmp_path, manifest, members, said):
    with pytest.raises(UserError) as error:
        extracted(tmp_path, manifest, members)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "b.zip is no backup of notturno."),
        (b"%PDF-1.7", "b.zip is no backup of notturno."),
        (b"PK\x03\x04 cut off", DAMAGED),
    ],
)
def test_a_file_of_another_kind_and_one_cut_off_are_told_apart(tmp_path, body, said):
    with pytest.raises(UserError) as error:
        backup._extract(io.BytesIO(body), tmp_path, "b.zip")
    assert str(error.value) == said


@pytest.mark.parametrize("flaw", ["compression", "crc"])
def test_a_zip_that_cannot_be_read_is_damaged(tmp_path, flaw):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("MANIFEST.json", json.dumps(made()))
        archive.writestr(DB, BODY)
    raw = bytearray(stream.getvalue())
    if flaw == "crc":
        at = raw.index(BODY)
        raw[at] ^= 1
    else:
        at = raw.index(b"PK\x01\x02", raw.index(BODY))
        at = raw.index(b"PK\x01\x02", at + 1)
        raw[at + 10] = 99
    with pytest.raises(UserError) as error:
        backup._extract(io.BytesIO(bytes(raw)), tmp_path, "b.zip")
    assert str(error.value) == DAMAGED


@pytest.mark.parametrize(("more", "whole"), [(0, True), (1, False)])
def test_a_list_of_files_is_no_longer_than_a_megabyte(tmp_path, more, whole):
    said = json.dumps(made(note=(1 << 20) * "x"))
    manifest = made(note=(2 * (1 << 20) - len(said) + more) * "x")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MANIFEST.json", json.dumps(manifest))
        archive.writestr(DB, BODY)
    stream.seek(0)
    if whole:
        assert backup._extract(stream, tmp_path, "b.zip") == manifest
    else:
        with pytest.raises(UserError) as error:
            backup._extract(stream, tmp_path, "b.zip")
        assert str(error.value) == DAMAGED
