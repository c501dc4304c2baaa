"""The service that syncs each morning: files that the system itself finds well written."""

import plistlib
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from notturno.cli import cli, notify
from notturno.cli import service as command
from notturno.errors import UserError
from notturno.homes import service

ODD = ["/opt/a b/notturno", "sync", "--data-dir", '/home/x/50 % "mine" $HOME\\']


def test_the_units_say_what_runs_and_when():
    units = service.systemd_units(["/usr/bin/notturno", "sync", "--notify"], (7, 5))
    assert "ExecStart=/usr/bin/notturno sync --notify\n" in units[service.SERVICE]
    assert "Type=oneshot" in units[service.SERVICE]
    assert "TimeoutStartSec=30min\n" in units[service.SERVICE]  # a week's nights take a while
    assert "OnCalendar=*-*-* 07:05:00\n" in units[service.TIMER]
    assert "Persistent=true" in units[service.TIMER]  # a computer that slept makes up for it
    assert "WantedBy=timers.target" in units[service.TIMER]


def test_odd_folders_are_quoted_as_systemd_wants_it():
    text = service.systemd_units(ODD, (8, 0))[service.SERVICE]
    (line,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert line == (
        'ExecStart="/opt/a b/notturno" sync --data-dir "/home/x/50 %% \\"mine\\" $$HOME\\\\"'
    )
    with pytest.raises(UserError, match="no service can be given"):
        service.systemd_units(["/bin/x\nExecStart=/bin/evil"], (8, 0))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_finds_the_units_well_written(tmp_path):
    program = tmp_path / "a b" / "notturno"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name, text in service.systemd_units([str(program), *ODD[1:]], (7, 30)).items():
        (tmp_path / name).write_text(text)
    units = [str(tmp_path / name) for name in (service.SERVICE, service.TIMER)]
    # As a system's unit: a user's manager is not there in every container; the syntax is one.
    verify = ["systemd-analyze", "--man=no", "verify"]
    done = subprocess.run([*verify, *units], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if "notturno-sync" in line]
    assert ours == []
    (tmp_path / service.TIMER).write_text("[Timer]\nOnCalendar=noon or so\n")
    done = subprocess.run([*verify, units[1]], capture_output=True, text=True)
    assert "calendar" in done.stderr  # so it looks at all


def test_the_agent_is_a_property_list():
    found = plistlib.loads(service.launchd_agent(ODD, (6, 45), "/tmp/log"))
    assert found["ProgramArguments"] == ODD
    assert found["StartCalendarInterval"] == {"Hour": 6, "Minute": 45}
    assert found["Label"] == service.LABEL and found["StandardErrorPath"] == "/tmp/log"


@pytest.mark.parametrize("text", ["24:00", "7", "07:60", "noon", "7:5"])
def test_no_time_of_day_is_refused(text):
    with pytest.raises(UserError, match="07:30"):
        service.time_of_day(text)


def run(*arguments):
    result = CliRunner().invoke(cli, ["service", *arguments])
    if isinstance(result.exception, UserError):
        result.exception.add_note(result.output)
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A Linux home of its own, whose systemd refuses."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "platform", "linux")
    told = []

    def refused(line, **_):
        told.append(line)
        return subprocess.CompletedProcess(line, 1, "", "Failed to connect to bus\n")

    monkeypatch.setattr(command.subprocess, "run", refused)
    return tmp_path / "config" / "systemd" / "user", told


def test_print_installs_nothing(home, tmp_path):
    units, told = home
    out = run("install", "--print", "--at", "7:15", "--data-dir", str(tmp_path / "d"))
    assert "OnCalendar=*-*-* 07:15:00" in out and f"--data-dir {tmp_path / 'd'}" in out
    assert not units.exists() and told == []


def test_install_status_remove(home, tmp_path):
    units, told = home
    with pytest.raises(UserError, match="Nothing is synced by itself") as refused:
        run("install", "--data-dir", str(tmp_path / "d"))
    (out,) = refused.value.__notes__
    assert "Each morning" not in out  # which the system has not promised
    assert sorted(path.name for path in units.iterdir()) == [service.SERVICE, service.TIMER]
    assert "Failed to connect to bus" in out  # and what a person has to type instead
    assert "systemctl --user enable --now notturno-sync.timer" in out
    assert told[0] == ["systemctl", "--user", "daemon-reload"]
    assert str(units / service.TIMER) in run("status")
    run("remove")
    assert list(units.iterdir()) == []
    with pytest.raises(UserError, match="No service is installed"):
        run("remove")
    assert "No service is installed" in run("status")


def test_what_the_system_has_taken_is_promised(home, tmp_path, monkeypatch):
    taken = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(command.subprocess, "run", lambda *_, **__: taken)
    out = run("install", "--at", "7:15", "--data-dir", str(tmp_path / "d"))
    assert f"Each morning at 7:15 your bands are synced into {tmp_path / 'd'}." in out


def test_a_notification_is_an_argument_and_never_a_script():
    text = '"; do shell script "rm -rf ~"'
    assert notify.command_for("linux", text)[-1] == text
    assert notify.command_for("linux", "--help")[-3:] == ["--", "notturno", "--help"]
    mac = notify.command_for("darwin", text)
    assert mac[-2] == text and text not in mac[2]
    assert notify.command_for("win32", text) is None


def test_where_nothing_shows_it_nothing_fails(monkeypatch):
    monkeypatch.setattr(notify.shutil, "which", lambda _: None)
    assert notify.notify("a night") is False
