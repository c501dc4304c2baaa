"""How long a band runs, and why: the power budget as formulas with named inputs.

Touches nothing; `python hardware/power_budget.py` prints the table. Speaks mA, mAh, s, Hz, bytes.

Nothing here was measured on a band. Inputs are typical figures that people published for such
boards, or estimates; each board's own stand in boards/*.json with a source and a tag
(F read there, M from memory, C computed). Measure yours and put it in.
"""

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

BOARDS = Path(__file__).parent / "boards"
CLOCKS_PER_BYTE = 9  # I2C: eight bits and the acknowledge
USABLE = 0.8  # of a cell: ageing, cut-off voltage, cold


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
    sample_s: float = 50e-6  # detector and unpacking; machine code 50 us, bytecode 500 us
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
    return d.wake_s + read_s(d) + d.watermark * d.sample_s


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


def design_of(board, which="value"):
    """Return the firmware's design on a board; which: "value", or "high" for the worst figures."""

    def figure(key):
        return board[key].get(which, board[key]["value"])

    return Design(
        watermark=244,  # firmware/config.py; a test holds both equal
        active_ma=figure("active_ma"),
        sleep_ma=figure("light_sleep_ma"),
    )


def main():
    """Print what the boards' figures add up to."""
    print("Estimated, not measured: inputs in boards/*.json, formulas in this file.")
    print(f"{'build':<34}{'mA':>7}{'mAh/night':>11}{'+ sync':>8}{'cell':>6}{'nights':>8}")
    for path in sorted(BOARDS.glob("*.json")):
        board = load_board(path.stem)
        for which, label in (("value", "typical"), ("high", "worst found")):
            design = design_of(board, which)
            for speed, sample_s in (("machine code", 50e-6), ("bytecode", 500e-6)):
                case = replace(design, sample_s=sample_s)
                cell = board["cell_mah"]["value"]
                print(
                    f"{board['name'] + ', ' + label:<34}{average_ma(case):>7.2f}"
                    f"{night_mah(case):>11.1f}{radio_mah(case):>8.1f}{cell:>6}"
                    f"{nights_of(case, cell):>8}  {speed}"
                )
    print(f"stall that loses nothing: {margin_s(design):.2f} s")


if __name__ == "__main__":
    main()
