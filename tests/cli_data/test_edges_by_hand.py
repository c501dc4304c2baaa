"""What commands do at their edges: stopped by a person, on another system, into a terminal."""

import io
import json
import sys
from contextlib import asynccontextmanager, contextmanager, nullcontext
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from notturno import cli as package
from notturno.cli import (
    backup,
    band,
    bands_set,
    demo,
    doctor_bundle,
    flash,
    live,
    notify,
    progress,
    qr,
    service,
    speech,
    streams,
    sync,
    update,
)
from notturno.doctor import bundle
from notturno.doctor.findings import Finding
from notturno.errors import UserError
from notturno.words import speaking

# --- virtual bands -------------------------------------------------------------------------------


class Bands:
    """Stands for the virtual bands: how each was made; waiting for hosts ends as by Ctrl-C."""

    def __init__(self, monkeypatch):
        self.made, self.checked = [], 0
        monkeypatch.setattr(band, "make_world", lambda *what: what)
        monkeypatch.setattr(band, "first_evening_utc_s", lambda folders, nights: 7.0)
        monkeypatch.setattr("notturno.virtualband.calendar.start_utc_s", lambda *what: 5.0)
        monkeypatch.setattr("notturno.virtualband.air.Air", lambda port: nullcontext(port))
        monkeypatch.setattr("notturno.virtualband.band.VirtualBand", self.band)
        monkeypatch.setattr("notturno.keys.keep_virtual", lambda home: home)
        monkeypatch.setattr(band, "reach", lambda bands: f"reach {len(bands)}")

        class Pause:
            def wait(pause, s):
                if self.checked >= 2 * len(self.made):
                    raise KeyboardInterrupt

        monkeypatch.setattr(band.threading, "Event", Pause)

    @contextmanager
    def band(self, folder, world, **how):
        self.made.append((folder, world, how))

        def check():
            self.checked += 1

        names = dict.fromkeys(("hci", "repl", "pty", "flash"), "x")
        yield SimpleNamespace(wait_nights=lambda **how: None, check=check, **names)


def ran(command, *words):
    done = CliRunner().invoke(command, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def test_one_band_waits_until_ctrl_c_and_keeps_what_it_recorded(monkeypatch, tmp_path):
    bands = Bands(monkeypatch)
    done = ran(band.command, "--data-dir", tmp_path, "--seed", 4)
    ((folder, world, how),) = bands.made
    assert folder == tmp_path / "virtual-band" and world == (1, None, "fragmentary", (), 4)
    assert (how["seed"], how["repl_port"], how["start_utc_s"]) == (4, 0, None)
    lines = done.output.splitlines()
    assert lines[:2] == [
        "A virtual band (simulated limb, chip and radio; real firmware).",
        "reach 1",
    ]
    assert lines[2:4] == ["The nights are over; the band is on its dock.", "Ctrl-C ends it."]
    assert lines[-1] == "The band is switched off; its flash keeps what it recorded."


def test_two_bands_begin_together_each_with_a_folder_a_seed_and_a_port(monkeypatch, tmp_path):
    bands = Bands(monkeypatch)
    words = ("--bands", 2, "--seed", 4, "--nights", 3, "--repl-port", 9000, "--hours", 2)
    done = ran(band.command, "--data-dir", tmp_path, *words)
    assert [folder.name for folder, *_ in bands.made] == ["virtual-band", "virtual-band-2"]
    assert [world for _, world, _ in bands.made] == [
        (3, 2.0, "fragmentary", (), 4),
        (3, 2.0, "fragmentary", (), 5),
    ]
    assert [(h["seed"], h["repl_port"], h["start_utc_s"]) for *_, h in bands.made] == [
        (4, 9000, 7.0),
        (5, 9001, 7.0),
    ]
    assert done.output.startswith("2 virtual bands (simulated")
    assert "the bands are on their docks" in done.output
    assert done.output.endswith(
        "The bands are switched off; their flashes keep what they recorded.\n"
    )


@pytest.mark.parametrize("words", [("--start", "22:00"), ("--zone", "UTC")])
def test_an_evening_that_was_asked_for_is_the_first(monkeypatch, tmp_path, words):
    bands = Bands(monkeypatch)
    ran(band.command, "--data-dir", tmp_path, "--bands", 2, "--exit-after-nights", *words)
    assert [how["start_utc_s"] for *_, how in bands.made] == [5.0, 5.0]
    assert bands.checked == 0


def test_a_recording_each_is_a_night_each(monkeypatch, tmp_path):
    bands = Bands(monkeypatch)
    words = ("--recording", "a.npz", "--recording", "b.npz", "--exit-after-nights")
    ran(band.command, "--data-dir", tmp_path, *words)
    assert bands.made[0][1][0] == 2 and bands.made[0][1][3] == ("a.npz", "b.npz")


# --- a watch and a sync --------------------------------------------------------------------------


@pytest.mark.parametrize("listening", [True, False])
def test_a_watch_that_is_stopped_ends_with_what_was_seen(monkeypatch, tmp_path, listening):
    async def follow(radio, tell, begun, *how):
        if listening:
            begun("NT-1", {"state": 0, "device_id": b"\1\2"})
        raise KeyboardInterrupt

    class Radio:
        async def __aenter__(self):
            return None

        async def __aexit__(self, *_):
            return False

    monkeypatch.setattr("notturno.live.follow", follow)
    monkeypatch.setattr("notturno.link.open_radio", lambda virtual: Radio())
    done = CliRunner().invoke(live.command, ["--data-dir", str(tmp_path)])
    if listening:
        assert done.exit_code == 0 and "Watching the band NT-1 (0102)" in done.output
        assert "Stopped after 0 final rows, 0 of them revised" in done.output
    else:
        assert done.exit_code == 1 and "Stopped after" not in done.output


def result(name="a", warnings=()):
    made = {"device": name, "name": name, "new_records": 1, "new_events": 0, "total_records": 1}
    made |= {"nights": [], "committed_seq": 1, "failed": None, "warnings": list(warnings)}
    return SimpleNamespace(**made)


@pytest.mark.parametrize(("names", "prefix"), [(("a",), ""), (("a", "b"), "b: ")])
def test_a_sync_is_told_with_its_seconds_and_of_two_bands_whose_warning_it_is(
    monkeypatch, tmp_path, names, prefix
):
    results = [result(name) for name in names]
    results[-1].warnings = ["Mind that."]
    times = iter((100.0, 102.5))
    monkeypatch.setattr(sync.time, "monotonic", lambda: next(times))
    monkeypatch.setattr(sync, "run", lambda *a, **k: results)
    monkeypatch.setattr(sync, "open_for_reading", lambda where: nullcontext(None))
    monkeypatch.setattr(sync, "_with_nights", lambda store, result: ([], 5))
    monkeypatch.setattr(sync, "_complaints", lambda store, result: [{"text": "it is empty."}])
    told = []
    monkeypatch.setattr(sync, "print_result", lambda *what: told.append(what[1:]))
    done = ran(sync.command, "--data-dir", tmp_path)
    assert told == [([], 5, 2.5)] * len(names)
    assert f"notturno: {prefix}Mind that.\n" in done.stderr
    assert done.stdout.count("The band says: it is empty.") == len(names)
    assert "See more with" not in done.stdout


def test_a_desktop_is_told_of_a_failure_too(monkeypatch, tmp_path):
    shown = []

    def fails(*a, **k):
        raise UserError("No band.")

    monkeypatch.setattr(sync, "run", fails)
    monkeypatch.setattr(sync, "notify", shown.append)
    done = CliRunner().invoke(sync.command, ["--notify", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, UserError) and shown == ["No band."]
    CliRunner().invoke(sync.command, ["--data-dir", str(tmp_path)])
    assert shown == ["No band."]


# --- desktops, services, terminals ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "there", "took"), [(0, True, True), (1, True, False), (0, False, False)]
)
def test_a_word_on_the_desktop_is_taken_where_its_program_ends_well(
    monkeypatch, code, there, took
):
    asked = []

    def run(command, **how):
        asked.append(how)
        return SimpleNamespace(returncode=code)

    monkeypatch.setattr(notify, "command_for", lambda platform, text: ["say", text])
    monkeypatch.setattr(notify.shutil, "which", lambda name: name if there else None)
    monkeypatch.setattr(notify.subprocess, "run", run)
    assert notify.notify("text") is took
    assert [how["timeout"] for how in asked] == ([10] if there else [])


@pytest.mark.parametrize(
    ("platform", "on", "lines"),
    [
        ("darwin", True, [["launchctl", "load", "-w", "agent"]]),
        ("darwin", False, [["launchctl", "unload", "-w", "agent"]]),
        (
            "linux",
            True,
            [
                ["systemctl", "--user", "daemon-reload"],
                ["systemctl", "--user", "enable", "--now", "notturno-sync.timer"],
            ],
        ),
        ("linux", False, [["systemctl", "--user", "disable", "--now", "notturno-sync.timer"]]),
    ],
)
def test_a_system_is_told_in_its_own_words(monkeypatch, capsys, platform, on, lines):
    asked = []
    monkeypatch.setattr(service.sys, "platform", platform)
    monkeypatch.setattr(service, "_paths", lambda: ["agent", "other"])
    monkeypatch.setattr(service, "_refused", lambda line: asked.append(line) or "no")
    service._switch(on)
    assert asked == lines
    assert capsys.readouterr().err.splitlines() == [
        f"notturno: the system did not take it (no); type: {' '.join(line)}" for line in lines
    ]


def test_a_sync_is_asked_in_the_persons_zone_and_its_first_band_warns_of_it(monkeypatch, tmp_path):
    from notturno.store import Store

    asked = []

    async def sync_with(radio, store, zone, **how):
        asked.append((zone, how["name"], how["scan_timeout_s"], how["again"]))
        return [SimpleNamespace(warnings=[]), SimpleNamespace(warnings=[])]

    @asynccontextmanager
    async def radio(virtual):
        yield virtual

    monkeypatch.setattr("notturno.sync.sync", sync_with)
    monkeypatch.setattr("notturno.link.open_radio", radio)
    monkeypatch.setattr("notturno.nights.calendar.local_zone_name", lambda: "Europe/Rome")
    monkeypatch.setattr("notturno.nights.calendar.zone_note", lambda zone: f"of {zone}")
    first, second = sync.run(tmp_path, band="calf", timeout_s=3.0, quiet=True, refetch=True)
    assert (first.warnings, second.warnings) == (["of Europe/Rome"], [])
    with Store.open(tmp_path) as store:
        store.keep_zone("Asia/Kathmandu")
    first, _ = sync.run(tmp_path, quiet=True)
    assert first.warnings == ["of Asia/Kathmandu"]
    assert asked == [("Europe/Rome", "calf", 3.0, True), ("Asia/Kathmandu", None, 40.0, False)]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_code_without_utf8_is_painted_at_a_terminal_alone(monkeypatch, capsys, terminal):
    monkeypatch.setattr(qr, "matrix_of", lambda text: [[0, 1, 1, 0]])
    monkeypatch.setattr("notturno.cli.streams.speaks_utf8", lambda stream: False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    painted = []
    monkeypatch.setattr(
        qr.click, "style", lambda text, bg, **more: painted.append(bg) or f"<{bg}{text}>"
    )
    qr.print_qr("x")
    out = capsys.readouterr().out
    assert out == ("<231  ><16  ><16  ><231  >\n" if terminal else "  ####  \n")


def test_a_bar_that_was_started_late_is_stopped_with_its_work(monkeypatch):
    import rich.progress

    happened = []

    class Bar:
        def __init__(self, *columns, **how):
            pass

        def add_task(self, text, total):
            happened.append(("task", text, total))
            return 1

        def update(self, task, **how):
            happened.append(how)

        def start(self):
            happened.append("start")

        def stop(self):
            happened.append("stop")

    timers = []

    class Timer:
        def __init__(self, wait_s, what):
            timers.append((wait_s, what))

        def start(self):
            pass

        def cancel(self):
            happened.append("cancel")

    monkeypatch.setattr(rich.progress, "Progress", Bar)
    monkeypatch.setattr(progress.threading, "Timer", Timer)
    monkeypatch.setattr(progress.sys, "stderr", SimpleNamespace(isatty=lambda: True, write=print))
    with progress.progress_bar("work") as show:
        show(0.5)
        timers[0][1]()
        show(3, 4, "more")
    timers[0][1]()  # behind the end of the work: nothing begins any more
    assert happened == [
        ("task", "work", None),
        {"completed": 0.5, "total": 1.0, "description": None},
        "start",
        {"completed": 3, "total": 4, "description": "more"},
        *("cancel", "stop"),
    ]
    assert timers[0][0] == 1.0


def test_an_output_of_a_programs_own_is_left_alone(monkeypatch):
    own = io.StringIO()
    monkeypatch.setattr(streams.sys, "stdout", own)
    monkeypatch.setattr(streams.sys, "stderr", own)
    streams.prepare()
    assert sys.stdout is own
    text = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(streams.sys, "stdout", text)
    streams.prepare()
    made = sys.stdout
    monkeypatch.undo()
    made.write("睡")
    made.flush()
    assert text.buffer.getvalue() == b"\\u7761"


@pytest.mark.parametrize(
    ("message", "said"),
    [("No such option: --x", "Errore: L'opzione non esiste: --x"), ("", "Errore: ")],
)
def test_clicks_errors_are_said_in_italian(capsys, message, said):
    with speaking("it"):
        speech.show(click.UsageError(message))
    assert capsys.readouterr().err == said + "\n"


def test_the_command_line_is_read_behind_the_programs_name(monkeypatch):
    seen = []
    monkeypatch.setattr(package.sys, "argv", ["notturno", "a", "b"])
    monkeypatch.setattr(package.streams, "prepare", lambda: None)
    monkeypatch.setattr(package, "_code_of", lambda arguments: seen.append(arguments) or 3)
    with pytest.raises(SystemExit) as end:
        package.main()
    assert seen == [["a", "b"]] and end.value.code == 3


# --- a bundle, a backup --------------------------------------------------------------------------


def test_a_bundle_numbers_bands_and_knows_whose_folder_it_was(monkeypatch, tmp_path):
    store = SimpleNamespace(
        bands=lambda: [{"device_id": "a1", "name": "calf"}, {"device_id": "b2", "name": ""}],
        tags=lambda: [{"name": "drug"}],
    )
    monkeypatch.setattr(doctor_bundle, "open_for_reading", lambda folder: nullcontext(store))
    monkeypatch.setattr(doctor_bundle, "_of_logbook", lambda store: {"records": 1})
    monkeypatch.setattr(doctor_bundle, "_user", lambda: "anna")
    facts, secrets = doctor_bundle._facts(str(tmp_path / "mine"))
    assert (secrets["a1"], secrets["calf"], secrets["b2"]) == ("BAND 1", "BAND 1", "BAND 2")
    assert (secrets["drug"], secrets["anna"], secrets["mine"]) == ("TAG", "PERSON", "FOLDER")
    assert secrets[str(tmp_path / "mine")] == "FOLDER"
    assert facts["python"] == sys.version.split()[0] and facts["logbook"] == {"records": 1}
    _, secrets = doctor_bundle._facts(str(tmp_path / "notturno"))
    assert "notturno" not in secrets


def test_a_bundle_is_two_texts_without_a_secret():
    found = [Finding("key", "wrong", "of calf", "see calf", "calf"), Finding("x", "ok", "y")]
    texts = bundle.files(found, {"logbook": "of calf"}, {"calf": "BAND 1"})
    assert sorted(texts) == ["README.txt", "doctor.json"]
    told = json.loads(texts["doctor.json"])
    first, second = told["findings"]
    assert (first["band"], first["found"], first["todo"]) == (True, "of BAND 1", "see BAND 1")
    assert second["band"] is False and told["logbook"] == "of BAND 1"
    assert texts["doctor.json"].endswith("}\n") and told["schema"] == "bundle-1"
    assert texts["doctor.json"].startswith('{\n "findings": [\n  {\n   "band": ')


@pytest.mark.parametrize("words", [("--with-keys",), ("--force",)])
def test_a_drill_writes_no_backup(tmp_path, words):
    given = [str(tmp_path / "b.zip"), "--verify", *words]
    done = CliRunner().invoke(backup.command, given)
    assert "--verify writes no backup" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "secret"),
    [((), None), (("--passphrase",), "word"), (("--passphrase-file", "f"), "word")],
)
def test_a_backup_is_sealed_where_a_passphrase_is_given_or_asked_for(
    monkeypatch, tmp_path, words, secret
):
    seen = []
    monkeypatch.setattr(
        "notturno.files.backup.write",
        lambda file, store, keys, config, now_ms, secret, force: (
            seen.append((secret, now_ms)) or {"counts": {"nights": 2, "records": 1}}
        ),
    )
    monkeypatch.setattr(backup.of_passphrase, "new", lambda file: "word")
    monkeypatch.setattr("time.time", lambda: 1_768_253_400.25)
    store = SimpleNamespace(path=tmp_path)
    monkeypatch.setattr(backup, "open_for_reading", lambda folder: nullcontext(store))
    file = tmp_path / "b.zip"
    done = ran(backup.command, file, *words, "--data-dir", tmp_path)
    assert seen == [(secret, 1_768_253_400_250)]
    sealed = ", sealed" if secret else ""
    assert f"Kept: 2 nights, 1 record in {file}{sealed}.\n" in done.output
    assert "Without the bands' keys" in done.output
    store.path = tmp_path / "none"
    done = CliRunner().invoke(backup.command, [str(file), "--data-dir", str(tmp_path)])
    assert "There is nothing to keep yet" in str(done.exception)


# --- a program over the radio --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "files", "changed"),
    [(["a"], {"a", "b"}, True), ([], {"a"}, True), ([], {"a", "b"}, False)],
)
def test_a_program_is_sent_where_a_file_differs_or_one_is_too_many(
    monkeypatch, names, files, changed
):
    import asyncio

    from notturno.flashing import package as of_package
    from notturno.flashing import parcel

    class Link:
        device_id = "a1"

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return None

        def connect(self, found):
            return self

    link, sent = Link(), []

    async def answer(*what):
        return link

    async def manifest(link):
        return {"arch": "xtensawin", "files": dict.fromkeys(files), "version": 7}

    async def send(*what):
        sent.append(what[1:3])

    made = SimpleNamespace(files={"a": b"", "b": b""}, version="2", arch="xtensawin")
    monkeypatch.setattr("notturno.link.open_radio", lambda virtual: link)
    monkeypatch.setattr("notturno.link.proof.prove", answer)
    monkeypatch.setattr("notturno.sync.finding.find", answer)
    monkeypatch.setattr(parcel, "manifest_of", manifest)
    monkeypatch.setattr(parcel, "send", send)
    monkeypatch.setattr(parcel, "program_parcel", lambda made, manifest: (b"12345", names))
    monkeypatch.setattr(of_package, "build", lambda arch: made)
    done = asyncio.run(update._run(None, None, 1.0, {"a1": "k"}, print))
    assert (done["changed"], len(sent)) == (changed, int(changed))
    assert (done["files"], done["bytes"]) == ((len(names), 5) if changed else (0, 0))
    assert (done["version"], done["was"], done["device_id"]) == ("2", None, "a1")
    with pytest.raises(UserError, match="key"):
        asyncio.run(update._run(None, None, 1.0, {}, print))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (True, "The band a1 starts version 2 after 1: 3 files sent (12 kB).\n"),
        (False, "The band a1 has version 2 already.\n"),
    ],
)
def test_an_update_is_told_in_kilobytes(monkeypatch, tmp_path, changed, said):
    done = {"device_id": "a1", "version": "2", "was": "1", "files": 3, "bytes": 12_499}

    async def run(*what):
        return done | {"changed": changed}

    monkeypatch.setattr(update, "_run", run)
    assert ran(update.command, "--data-dir", tmp_path).output == said


# --- a demo, an image, a cable, a service --------------------------------------------------------


def test_a_demo_sleeps_three_nights_and_shows_them_by_the_commands_of_a_person(
    monkeypatch, tmp_path
):
    waited, shown = [], []

    @contextmanager
    def virtual(home, world, **how):
        waited.append((home, world, how["seed"]))
        yield SimpleNamespace(hci="h:1", wait_nights=lambda progress: waited.append(progress))

    monkeypatch.setattr("notturno.virtualband.VirtualBand", virtual)
    monkeypatch.setattr("notturno.keys.keep_virtual", lambda place: None)
    monkeypatch.setattr(demo, "demo_world", lambda hours: f"{hours} h")
    monkeypatch.setattr(demo, "over_nights", lambda show, nights: nights)
    monkeypatch.setattr(demo, "run", lambda command, *words: shown.append(words))
    place = tmp_path / "d"
    done = ran(demo.command, "--data-dir", place, "--hours", 2, "--seed", 5)
    assert waited == [(place / "virtual-band", "2.0 h", 5), 3]
    at = ("--data-dir", str(place))
    picture = place / "chart.html"
    assert shown == [
        ("sync", "--virtual", "h:1", *at),
        ("nights", *at),
        ("chart", "--force", "--out", str(picture), *at),
    ]
    assert f"notturno --data-dir {place} nights" in done.output
    assert f"The chart: {picture.resolve()}" in done.output


@pytest.mark.parametrize("quiet", [True, False])
def test_an_image_is_written_where_a_person_agrees_and_told(monkeypatch, capsys, quiet):
    from notturno.flashing import image

    checked = SimpleNamespace(path="x.bin", version="1.24", sha256="ab", words="MicroPython 1.24")
    done = []
    monkeypatch.setattr(image, "find", lambda *what: what)
    monkeypatch.setattr(image, "check", lambda *what: done.append(what) or checked)
    monkeypatch.setattr(image, "write", lambda *what: done.append(what))
    told = flash._write_image("P", "i", "ab", "esp", lambda what: done.append(what), quiet)
    assert told == {"file": "x.bin", "version": "1.24", "sha256": "ab"}
    assert done == [
        (("i", "esp"), "ab", "esp"),
        "All that is on the board at P goes, a band's records and key too",
        ("P", checked),
    ]
    said = "" if quiet else "MicroPython 1.24 is on the board at P.\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ("port", "wanted", "opened"), [(None, None, "auto"), ("P", "a1", "P"), ("P", "b2", "refused")]
)
@pytest.mark.parametrize("values", [None, {"odr_hz": 208}])
def test_settings_by_cable_are_those_of_the_band_at_the_port(
    monkeypatch, port, wanted, opened, values
):
    from notturno.flashing import board, line, settings

    ports, written = [], []

    @contextmanager
    def at(port):
        ports.append(port)
        yield SimpleNamespace(port="Q")

    found = SimpleNamespace(values={"x": 1})
    monkeypatch.setattr(line, "Line", at)
    monkeypatch.setattr(board, "look", lambda line: SimpleNamespace(id="a1"))
    monkeypatch.setattr(settings, "read", lambda line, board: found)
    monkeypatch.setattr(settings, "write", lambda *what: written.append(what[2]))
    if opened == "refused":
        with pytest.raises(UserError, match="The band at Q is a1, not calf"):
            bands_set._by_cable(port, "calf", wanted, lambda found: values)
        return
    told = bands_set._by_cable(port, "calf", wanted, lambda found: values)
    assert told == ("a1", found, values or {"x": 1}) and ports == [opened]
    assert written == ([] if values is None else [values])


def test_a_service_that_is_there_is_removed_and_one_that_is_not_is_said(monkeypatch, tmp_path):
    paths, told = [tmp_path / "a.service", tmp_path / "a.timer"], []
    paths[0].touch()
    monkeypatch.setattr(service, "_paths", lambda: paths)
    monkeypatch.setattr(service, "_switch", lambda on: told.append(on))
    monkeypatch.setattr(service, "_said", lambda line: "as the system says")
    assert ran(service.status).output.splitlines()[0] == f"Installed: {paths[0]}"
    assert ran(service.remove).output == f"Removed: {paths[0]}\n"
    assert told == [False] and not paths[0].exists()
    assert "No service is installed: notturno service install" in ran(service.status).output
    done = CliRunner().invoke(service.remove, [])
    assert "No service is installed" in str(done.exception)
