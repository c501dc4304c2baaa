"""How long a band runs, and why: the power budget as formulas with named inputs.

Touches nothing; `python hardware/power_budget.py` prints the table. Speaks mA, mAh, s, Hz, bytes.

Nothing here was measured on a band. Inputs are typical figures that people published for such
boards, or estimates; each board's own stand in boards/*.json, each chip's in chips/*.json, with a
source and a tag (F read there, M from memory, C computed). Measure yours and put it in.

Two ways to the charge of a day: `average_ma` and its kin from a Design, and `day_mah` from a
ledger of one whole day (day_ledger.py), such as the virtual band keeps.
`python hardware/power_budget.py LEDGER.json` prints what such a day costs.
"""

import json
import math
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from day_ledger import DAY_S, check_ledger, ledger_of_band  # noqa: F401  the last for callers

HERE = Path(__file__).parent
BOARDS = HERE / "boards"
CHIPS = HERE / "chips"
CLOCKS_PER_BYTE = 9  # I2C: eight bits and the acknowledge
USABLE = 0.8  # of a cell: ageing, cut-off voltage, cold
WATERMARK = 244  # firmware/config.py; a test holds both equal
WATERMARK_FIFO = 512  # samples of the FIFO that it was chosen for


@dataclass(frozen=True)
class Design:
    """One way to build and run a band."""

    odr_hz: float = 104.0
    watermark: int = 416  # samples between drains
    fifo_words: int = 512
    word_bytes: int = 7
    chunk_words: int = 64
    i2c_hz: float = 400_000.0
    chunk_overhead_s: float = 0.0005
    sample_s: float = 50e-6  # detector and unpacking; see computing.json; bytecode 500 us
    drain_s: float = 0.0  # the Python of a drain, around the machine code
    wake_s: float = 0.005
    active_ma: float = 46.0
    sleep_ma: float = 1.3
    boot_mc: float = 0.0  # charge of a start out of deep sleep; 0: light sleep
    imu_ma: float = 0.17  # accelerometer, high performance
    aux_ma: float = 0.07  # pull-ups, divider, regulator of the breakout
    flash_ma: float = 30.0
    flash_sync_s: float = 0.1
    flash_syncs_per_h: float = 60.0
    quiescent_ma: float = 0.0  # the board's own regulator
    night_h: float = 9.0
    radio_ma: float = 90.0
    radio_min: float = 10.0  # a day


def drain_period_s(d):
    """T = W / ODR."""
    return d.watermark / d.odr_hz


def wire_s(d):
    """Time of one drain on the wire, without the overhead of its transfers."""
    return CLOCKS_PER_BYTE * d.word_bytes * d.watermark / d.i2c_hz


def read_s(d):
    """The same with the overhead of each transfer."""
    return wire_s(d) + math.ceil(d.watermark / d.chunk_words) * d.chunk_overhead_s


def active_s(d):
    """Time awake in each period: wake, read, detect."""
    return d.wake_s + read_s(d) + d.drain_s + d.watermark * d.sample_s


def average_ma(d):
    """Mean current of a recording band, without its radio.

    Raises ValueError where a drain takes longer than the samples of a period.
    """
    period_s, busy_s = drain_period_s(d), active_s(d)
    if busy_s >= period_s:
        raise ValueError("the band is awake all the time: no sleep between drains")
    busy = busy_s - (d.wake_s if d.boot_mc else 0)  # the start's charge includes the waking
    charge = d.active_ma * busy + d.sleep_ma * (period_s - busy_s) + d.boot_mc
    return charge / period_s + d.imu_ma + d.aux_ma + flash_ma(d) + d.quiescent_ma


def flash_ma(d):
    """Mean current of writing the log: n syncs an hour, each so long at so much more current."""
    return d.flash_syncs_per_h / 3600 * d.flash_sync_s * d.flash_ma


def night_mah(d):
    """Charge of one night without the radio."""
    return average_ma(d) * d.night_h


def radio_mah(d):
    """Charge of a day's syncing."""
    return d.radio_ma * d.radio_min / 60


def needed_mah(d, nights):
    """Cell that lasts so many nights."""
    return nights * (night_mah(d) + radio_mah(d)) / USABLE


def nights_of(d, cell_mah):
    """Whole nights that a cell lasts."""
    return math.floor(USABLE * cell_mah / (night_mah(d) + radio_mah(d)))


def margin_s(d):
    """How long flash or radio may hold the processor before the FIFO overwrites samples."""
    return (d.fifo_words * 32 / 33 - d.watermark) / d.odr_hz - read_s(d)


def breakeven_s(boot_mc, light_ma, deep_ma):
    """Drain period beyond which deep sleep, with a start each time, costs less."""
    return boot_mc / (light_ma - deep_ma)


def i2c_max_bytes(timeout_s, i2c_hz):
    """Longest transfer within the port's time limit."""
    return math.floor(timeout_s * i2c_hz / CLOCKS_PER_BYTE)


def load_board(name):
    """Return the description of a board, boards/NAME.json."""
    return json.loads((BOARDS / f"{name}.json").read_text(encoding="utf-8"))


def load_chip(name):
    """Return the description of a chip, chips/NAME.json."""
    return json.loads((CHIPS / f"{name}.json").read_text(encoding="utf-8"))


def figure(thing, key, which="value"):
    """Return one figure of a board or chip: its "value", or its "low" or "high" where known."""
    return thing[key].get(which, thing[key]["value"])


def load_computing():
    """Return computing.json: what computing takes, counted where that can be, else estimated."""
    return json.loads((HERE / "computing.json").read_text(encoding="utf-8"))


def computing_s(which="value"):
    """Return (s a sample in machine code, s a drain in Python) while the radio is off."""
    data = load_computing()
    hz = data["cpu_mhz"]["value"] * 1e6
    sample = data["instructions_a_sample"]["value"] * figure(data, "cycles_an_instruction", which)
    drain = data["bytecodes_a_drain"]["value"] * figure(data, "cycles_a_bytecode", which)
    return sample / hz, drain / hz


def watermark_for(chip):
    """Return the samples between drains that a chip's FIFO allows: the same part of it as ours."""
    return min(WATERMARK, WATERMARK * chip["fifo_samples"]["value"] // WATERMARK_FIFO)


def design_of(board, which="value", chip=None):
    """Return the firmware's design on a board; which: "value", or "high" for the worst figures.

    chip: a description of chips/; None: the LSM6DSOX, as `Design` has it.
    """
    sample_s, drain_s = computing_s(which)
    design = Design(
        watermark=WATERMARK,
        sample_s=sample_s,
        drain_s=drain_s,
        active_ma=figure(board, "active_ma", which)
        * figure(load_computing(), "slow_current_part", which),
        sleep_ma=figure(board, "light_sleep_ma", which),
    )
    if chip is None:
        return design
    return replace(
        design,
        odr_hz=float(chip["rate_hz"]["value"]),
        watermark=watermark_for(chip),
        fifo_words=chip["fifo_samples"]["value"],
        word_bytes=chip["fifo_word_bytes"]["value"],
        imu_ma=figure(chip, "accel_ma", which),
        aux_ma=figure(board, "aux_ma", which),
    )


def day_mah(board, chip, ledger, which="value"):
    """Return what a day costs, {line: mAh}, its sum under "total".

    board, chip: descriptions. ledger: see above. which: "value", or "high" for the worst figures.
    Raises ValueError for a ledger that is not a day's.
    """
    check_ledger(ledger)
    d = design_of(board, which, chip)
    radio_s = ledger["radio_idle_s"] + ledger["radio_connected_s"]
    imu_off_s = ledger["day_s"] - ledger["imu_on_s"]
    seconds_ma = {
        "awake, radio off": (ledger["awake_s"] - radio_s) * d.active_ma,
        "radio on, waiting": ledger["radio_idle_s"] * figure(board, "radio_idle_ma", which),
        "radio on, connected": ledger["radio_connected_s"]
        * figure(board, "radio_connected_ma", which),
        "light sleep": ledger["light_sleep_s"] * d.sleep_ma,
        "deep sleep": ledger["deep_sleep_s"] * figure(board, "deep_sleep_ma", which),
        "sensor": ledger["imu_on_s"] * d.imu_ma + imu_off_s * figure(chip, "off_ma", which),
        "flash": ledger["flash_writes"] * d.flash_sync_s * d.flash_ma,
        "starts": ledger["starts"] * figure(board, "boot_mc", which),
        "always: dividers, regulators": ledger["day_s"] * d.aux_ma,
    }
    lines = {name: charge / 3600 * DAY_S / ledger["day_s"] for name, charge in seconds_ma.items()}
    return {**lines, "total": sum(lines.values())}


def cell_mah(total_mah, nights):
    """Return the cell that lasts so many days of `total_mah`."""
    return nights * total_mah / USABLE


def days_of(total_mah, mah):
    """Return the whole days of `total_mah` that a cell lasts."""
    return math.floor(USABLE * mah / total_mah)


def ledger_of(design, night_h, radio_idle_s, radio_connected_s, starts=0, rests_deep=True):
    """Return the ledger of a day made by the formulas, until a band has kept one.

    night_h: hours recorded; nobody's radio is on then. The rest is sleep but for the radio, light
    where the board's button ends no deep one.
    """
    recorded_s = night_h * 3600
    radio_s = radio_idle_s + radio_connected_s
    busy_s = recorded_s * active_s(design) / drain_period_s(design)
    rest_s = DAY_S - recorded_s - radio_s
    return {
        "day_s": DAY_S,
        "awake_s": busy_s + radio_s,
        "radio_idle_s": radio_idle_s,
        "radio_connected_s": radio_connected_s,
        "light_sleep_s": recorded_s - busy_s + (0 if rests_deep else rest_s),
        "deep_sleep_s": rest_s if rests_deep else 0,
        "imu_on_s": recorded_s,
        "flash_writes": round(night_h * design.flash_syncs_per_h),
        "starts": starts,
    }


def main():
    """Print what the boards' figures add up to."""
    print("Estimated, not measured: inputs in boards/*.json, formulas in this file.")
    print(f"{'build':<34}{'mA':>7}{'mAh/night':>11}{'+ sync':>8}{'cell':>6}{'nights':>8}")
    for path in sorted(BOARDS.glob("*.json")):
        board = load_board(path.stem)
        for which, label in (("value", "typical"), ("high", "worst found")):
            design = design_of(board, which)
            for speed, sample_s in (("machine code", design.sample_s), ("bytecode", 500e-6)):
                case = replace(design, sample_s=sample_s)
                cell = board["cell_mah"]["value"]
                print(
                    f"{board['name'] + ', ' + label:<34}{average_ma(case):>7.2f}"
                    f"{night_mah(case):>11.1f}{radio_mah(case):>8.1f}{cell:>6}"
                    f"{nights_of(case, cell):>8}  {speed}"
                )
    print(f"stall that loses nothing: {margin_s(design):.2f} s")


def print_ledger(path):
    """Print what the day of a ledger, a JSON file, costs on each board: typical and worst."""
    rows = json.loads(Path(path).read_text(encoding="utf-8"))
    print("Estimated, not measured: inputs in boards/*.json and chips/*.json.")
    for board_path in sorted(BOARDS.glob("*.json")):
        board = load_board(board_path.stem)
        chip = load_chip(board.get("inside", {"chip": "lsm6dsox"})["chip"])
        ledger = ledger_of_band(rows, design_of(board, "value", chip)) if "all_s" in rows else rows
        typical, worst = (day_mah(board, chip, ledger, which) for which in ("value", "high"))
        print(f"\n{board['name']:<32}{'typical':>9}{'worst':>9}  mAh a day")
        for line in typical:
            print(f"  {line:<30}{typical[line]:>9.2f}{worst[line]:>9.2f}")
        cells = [cell_mah(cost["total"], 7) for cost in (typical, worst)]
        print(f"  {'cell for 7 nights, mAh':<30}{cells[0]:>9.0f}{cells[1]:>9.0f}")


if __name__ == "__main__":
    main() if len(sys.argv) == 1 else print_ledger(sys.argv[1])
