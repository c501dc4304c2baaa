"""Keep what a virtual band did in one whole day: hardware/day.json, an input of POWER.md.

Run from the checkout: python host/tools/keep_day.py [FILE]. Runs the real firmware in the virtual
band for 24 h of virtual time (a few minutes): a night of 9 h on a simulated limb, in the morning
the button held and a real `notturno sync` over the virtual radio, then a table. The limb, the
clock and the radio's air are simulated; what a second of each costs is no part of this.
"""

import json
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner
from notturno.cli import sync
from notturno.keys import keep_virtual
from notturno.sleeper import night_world
from notturno.virtualband import VirtualBand
from notturno.virtualband.wholeday import BEGIN_S, NIGHT_S, WholeDay
from notturno.virtualband.world import DAY_S

ROOT = Path(__file__).resolve().parents[2]
PROFILE, SEED = "mixed", 6
PRESSED_S = 4.0  # after the button: the radio is on
LONGEST_SYNC_S = 240.0
TIMEOUT_S = 1800.0
WHAT = (
    "The real firmware in the virtual band, 24 h of virtual time, never charged: worn for 9 h (a "
    "simulated limb that moves now and then), in the morning the button held and `notturno sync` "
    "over the virtual radio, then a table until the evening's press. Its seconds and counts were "
    "kept; the limb is simulated, the currents are estimated."
)


def ledger_of_day(folder: Path, fetched: bool = True, night_s: float = NIGHT_S) -> dict:
    """Return the rows of a ledger of a day from the second minute of a night on.

    folder: empty; holds flash and logbook. Raises RuntimeError where the sync has failed.
    """
    world = WholeDay(night_world(PROFILE, SEED, night_s / 3600 + 0.2), fetched, night_s)
    book = folder / "book"
    with VirtualBand(
        folder / "band", world, seed=SEED, prepare=keep_virtual(book), hold_at_s=BEGIN_S
    ) as band:
        band.run_until(BEGIN_S, TIMEOUT_S)
        before = band.ledger.rows()
        band.run_until(world.morning_s + PRESSED_S, TIMEOUT_S)
        if fetched:
            band.clock.pace("host", True)
            at = ["--virtual", band.hci, "--data-dir", str(book), "--json"]
            done = CliRunner().invoke(sync.command, at)
            band.clock.pace("host", False)
            if done.exit_code:
                raise RuntimeError(done.output)
            if band.now_s > world.morning_s + LONGEST_SYNC_S:
                raise RuntimeError("the sync took too long for a day that is typical")
        band.run_until(BEGIN_S + DAY_S, TIMEOUT_S)
        after = band.ledger.rows()
    return {name: round(after[name] - before[name], 3) for name in after}


def kept() -> dict:
    """Return what day.json holds: {"what": in words, "rows", "unfetched": two ledgers}."""
    days = {}
    for name, fetched in (("rows", True), ("unfetched", False)):
        with tempfile.TemporaryDirectory() as folder:
            days[name] = ledger_of_day(Path(folder), fetched=fetched)
    return {"what": WHAT, **days}


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "hardware" / "day.json"
    out.write_text(json.dumps(kept(), indent=1) + "\n", encoding="utf-8")
    print(out)


if __name__ == "__main__":
    main()
