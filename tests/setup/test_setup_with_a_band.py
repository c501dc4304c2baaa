"""`notturno setup` against a virtual band, by cable and by radio; and its strap check broken.

The still time and the pauses are shorter than a person's; the chip's rate is the named one, which
a band tells only after a minute.
"""

import functools
import json
import threading

import pytest
from click.testing import CliRunner
from notturno.cli import cli, setup_steps
from notturno.errors import UserError
from notturno.keys import keep_virtual
from notturno.sleeper.asked import AskedLimb
from notturno.store import Store
from notturno.strap import session
from notturno.virtualband import VirtualBand
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox
from notturno.virtualband.evening import Evening
from notturno.virtualband.world import StillSource

CUES = 3
SYNCS_MOST = 10
WORN = {"name": "calf-left", "limb": "calf", "side": "L", "zone": "Europe/Rome"}
NOTHING = {"image": None, "board": None, "yes": True, "movements": CUES, "still_s": 5.0}


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr("notturno.virtualband.prompt.RESTART_AFTER_S", 0.5)
    monkeypatch.setattr(session, "GAP_S", (3.5, 4.5))
    plan = functools.partial(session.Plan, settle_s=1.0, last_s=5.0, known_s=6.0)
    monkeypatch.setattr(session, "Plan", plan)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def band(home):
    world = Evening([StillSource()], AskedLimb(1), hours=0.01)
    chip = functools.partial(Lsm6dsox, odr_error=0.0)
    folder = home / "virtual-band"
    with VirtualBand(folder, world, prepare=keep_virtual(home), make_chip=chip) as made:
        made.wait_nights()
        yield made


def evening(band, home, **changes):
    how = {"port": None, "virtual": band.hci, "band": None, "timeout_s": 30.0, "asks": False}
    how |= {"quiet": False, "only": {"strap"}} | changes
    return setup_steps.Evening(str(home), **how, said=NOTHING | WORN)


@pytest.fixture(scope="module")
def came(band, home):
    """What the steps before the strap check came to: each test may be the first of its process."""
    path = evening(band, home, port=band.repl, only=set())
    return {step: getattr(path, step)() for step in ("flash", "check", "zone", "meet", "name")}


@pytest.fixture
def checked(came, band, home):
    """The last check that is kept, made where there is none."""
    if not checks(home):
        evening(band, home).strap()
    return checks(home)[-1]


def strap_steps(band, home, at, what):
    """Run the strap step; when its line that begins with `at` is said, call `what`."""
    path = evening(band, home)
    say = path.say

    def listening(text):
        say(text)
        if text.strip().startswith(at):
            what()

    path.say = listening
    return path.strap


def checks(home):
    with Store.open(home, create=False) as store:
        return store.strap_checks()


def test_the_whole_path_by_cable_and_radio(came, band, home):
    assert "starts version" in came["flash"].lines[0]
    assert came["check"].lines[0].endswith("all is well.")
    assert came["check"].data["check"]["device"] == band.device_id
    assert came["name"].lines == ["It is calf-left, worn at: calf, left."]
    found = evening(band, home).strap().data["strap_check"]
    assert (found["found"], found["cues"], found["false_rows"]) == (CUES, CUES, 0)
    assert (found["limb"], found["side"], found["simulated"]) == ("calf", "L", True)
    assert 0.3 < found["latency_median_s"] < 8 and found["peak_low_mg"] > 100
    assert "records by itself" in evening(band, home).tonight().lines[0]


def test_the_nights_after_it_say_which_check_came_before(checked, band, home):
    assert band.world.docked(band.now_s)  # the simulated person laid it down
    where = ["--data-dir", str(home)]
    for _ in range(SYNCS_MOST):  # until the band has noticed its dock, and closed the recording
        assert CliRunner().invoke(cli, ["sync", "--virtual", band.hci, *where]).exit_code == 0
        said = CliRunner().invoke(cli, ["nights", "--json", *where])
        night = json.loads(said.stdout)["nights"][-1]
        if night["strap_check"] and night["state"] == "complete":
            break
    assert night["strap_check"]["found"] == CUES, night
    assert night["zone"] == "Europe/Rome"
    # What was moved on demand counts as no jerk of the night.
    assert night["jerks"] == night["lms"] == 0 < night["jerks_all"] + night["lms_all"]


def test_ctrl_c_in_the_check_keeps_nothing_and_leaves_the_band_where_it_was(came, band, home):
    before = len(checks(home))

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        strap_steps(band, home, "now", stop)()
    assert len(checks(home)) == before and band.world.docked(band.now_s)


def test_a_radio_lost_in_the_check_is_a_sentence_and_the_check_can_be_made_again(came, band, home):
    before = len(checks(home))

    def cut():
        threading.Thread(target=band.power_cut).start()

    with pytest.raises(UserError, match="link to the band was lost.*bring it nearer"):
        strap_steps(band, home, "now  (2", cut)()
    assert len(checks(home)) == before and band.world.docked(band.now_s)
    assert evening(band, home).strap().data["strap_check"]["found"] == CUES
    assert len(checks(home)) == before + 1


def test_a_band_laid_down_in_the_middle_ends_the_check(came, band, home):
    before = len(checks(home))

    def laid_down():
        band.world.asked(session.WEARER_TAKE_OFF, band.now_s)

    with pytest.raises(UserError, match="stopped recording in the middle"):
        strap_steps(band, home, "now  (1", threading.Timer(0.5, laid_down).start)()
    assert len(checks(home)) == before


@pytest.mark.parametrize("port", ["socket://127.0.0.1:1", "/dev/no-such-port"])
def test_a_wrong_port_is_a_sentence(band, home, port):
    words = ["setup", "--yes", "--port", port, "--data-dir", str(home)]
    done = CliRunner().invoke(cli, words)
    assert isinstance(done.exception, UserError)
    assert port in str(done.exception) and "run  notturno setup  again" in str(done.exception)


def test_a_wrong_board_is_a_sentence_before_anything_is_copied(band, home):
    words = ["setup", "--yes", "--port", band.repl, "--board", "xiao_esp32s3"]
    done = CliRunner().invoke(cli, [*words, "--data-dir", str(home)])
    with pytest.raises(UserError, match="not a xiao_esp32s3.*Step flash"):
        raise done.exception
