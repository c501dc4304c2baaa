"""POWER.md: what a day costs on each board, and what must hold for seven nights of a cell.

Pure; data in, Markdown out. Speaks mA, mAh, minutes. Every figure is computed from published or
estimated inputs: nothing was measured on a band.
"""

import math
from dataclasses import replace

import power_budget as pb

from rendering.data import BOARDS, BUILDS, CHIPS, HARDWARE, read
from rendering.markdown import filled, table

DAY = HARDWARE / "day.json"  # a ledger of the virtual band, where somebody has kept one
NIGHT_H = 9.0
SYNC_MIN = 3.0  # a day with the radio on: half a minute of it a host is connected
CONNECTED_S = 30
NIGHTS, GOAL_MAH = 7, 230
FAST_I2C_HZ = 1_000_000.0
SMALLEST_MA, LONGEST_WATERMARK = 1.0, 416


def day(board, chip, which="value", radio_min=SYNC_MIN, **changes):
    """Return {line: mAh} of a day: one night, one sync, and rest in the sleep that the board can.

    changes: active_ma, light_sleep_ma, aux_ma of the board, or a field of the Design.
    """
    figures = {k: v for k, v in changes.items() if k in board}
    board = {**board, **{k: {"value": v} for k, v in figures.items()}}
    design = pb.design_of(board, which, chip)
    fields = {k: v for k, v in changes.items() if k not in figures}
    design = replace(design, **fields)
    radio_s = radio_min * 60
    connected_s = min(CONNECTED_S, radio_s)
    ledger = pb.ledger_of(
        design, NIGHT_H, radio_s - connected_s, connected_s, rests_deep=rests_deep(board)
    )
    return pb.day_mah(board, chip, ledger, which)


def rests_deep(board):
    """Can a person end this board's deep sleep? Else it rests in light sleep."""
    return "no_deep_wake" not in board["pins"]["BUTTON"]


def always_recording(board, chip, which="value"):
    """Return {line: mAh} of a day that records all the time, with one press: 10 min of radio."""
    ledger = pb.ledger_of(pb.design_of(board, which, chip), 24 - 1 / 6, 600, 0)
    return pb.day_mah(board, chip, ledger, which)


def needed(lines):
    """Return the cell for seven nights, mAh."""
    return pb.cell_mah(lines["total"], NIGHTS)


def limit(least, most, cell_of, tries=40):
    """Return the greatest x between the bounds for which cell_of(x) is within the goal, or None.

    cell_of grows with x.
    """
    if cell_of(least) > GOAL_MAH:
        return None
    if cell_of(most) <= GOAL_MAH:
        return most
    for _ in range(tries):
        middle = (least + most) / 2
        least, most = (middle, most) if cell_of(middle) <= GOAL_MAH else (least, middle)
    return least


def levers(board, chip):
    """Return [(what, how it is now, what it must be, note)], each alone, the rest typical."""

    def cell(**changes):
        return needed(day(board, chip, **changes))

    radio = limit(0, SYNC_MIN, lambda x: cell(radio_min=x))
    active = limit(SMALLEST_MA, board["active_ma"]["value"], lambda x: cell(active_ma=x))
    light = limit(0.1, board["light_sleep_ma"]["value"], lambda x: cell(light_sleep_ma=x))
    mark = cell(watermark=LONGEST_WATERMARK)
    fast = cell(i2c_hz=FAST_I2C_HZ)
    aux = cell(aux_ma=0.0)
    design = pb.design_of(board, chip=chip)
    computing_s = design.drain_s + design.watermark * design.sample_s
    half = {"drain_s": design.drain_s / 2, "sample_s": design.sample_s / 2}
    return [
        ("radio a day", f"{SYNC_MIN:g} min", _at_most(radio, "min"), "off once the host confirms"),
        (
            "current awake",
            f"{board['active_ma']['value']:g} mA",
            _at_most(active, "mA"),
            "at 160 MHz; recording runs at 80, taken to need four fifths (computing.json)",
        ),
        (
            "current in light sleep",
            f"{board['light_sleep_ma']['value']:g} mA",
            _at_most(light, "mA"),
            "the chip alone takes 0.24 mA; the rest is the board",
        ),
        (
            "samples between drains",
            f"{pb.WATERMARK}",
            _gives(f"{LONGEST_WATERMARK}", mark),
            "and leaves 0.7 s for flash and radio",
        ),
        (
            "I2C",
            "400 kHz",
            _gives("1 MHz", fast),
            "two thirds of the time awake is the bus; from memory, with 2.2 kOhm; not tried",
        ),
        (
            "computing a drain",
            f"{1e3 * computing_s:.1f} ms",
            _gives("half of it", cell(**half)),
            "counted instructions and bytecodes; what one takes is an estimate (computing.json)",
        ),
        (
            "dividers and regulators",
            f"{board['aux_ma']['value']:g} mA",
            _gives("0", aux),
            "a breakout without regulator, fed by 3V3",
        ),
    ]


def together(board, chip):
    """Return [(what holds, lines)]: ways to the goal, typical figures."""
    return [
        ("as above", day(board, chip)),
        (
            "fetched on the charger, whose current pays for the radio",
            day(board, chip, radio_min=0),
        ),
        (
            "radio half a minute: a press, a sync, off once the host confirms",
            day(board, chip, radio_min=0.5),
        ),
        ("radio 1 min a day", day(board, chip, radio_min=1)),
        (
            "radio 1 min, 320 samples between drains",
            day(board, chip, radio_min=1, watermark=320),
        ),
        (
            "radio 1 min, 320 samples, awake 34 mA (a XIAO in C, Seeed forum 276916)",
            day(board, chip, radio_min=1, watermark=320, active_ma=34.0),
        ),
        (
            "radio 3 min, awake 34 mA, I2C at 1 MHz",
            day(board, chip, active_ma=34.0, i2c_hz=FAST_I2C_HZ),
        ),
    ]


def _gives(what, mah):
    alone = "" if mah <= GOAL_MAH else "not alone: "
    return f"{alone}{what} gives {mah:.0f} mAh"


def _at_most(x, unit):
    if x is None:
        return "not alone"
    return f"at most {math.floor(100 * x) / 100:g} {unit}"


def band_day(kept: dict | None) -> str:
    """Return the section on a day that the virtual band has kept itself; nothing without one.

    kept: {"what": how the day went, "rows": `VirtualBand.ledger.rows()`, "unfetched": the same
    of a day on which nobody fetched the night; may be missing}, as in day.json.
    """
    if kept is None:
        return ""
    costs = [kept_day(kept["rows"], which) for which in ("value", "high")]
    rows = [(line, *(f"{cost[line]:.2f}" for cost in costs)) for line in costs[0]]
    rows.append((f"**cell for {NIGHTS} days**", *(f"**{needed(cost):.0f}**" for cost in costs)))
    lines = table("line | typical, mAh a day | worst", rows)
    said = f"## A day that the virtual band has kept\n{kept['what']} {_AIR}\n\n{lines}\n"
    if "unfetched" in kept:
        total = kept_day(kept["unfetched"], "value")["total"]
        said += f"\nA day on which nobody fetches the night costs {total:.1f} mAh, typical: the "
        said += "band must find by itself that nobody wears it.\n"
    return said + "\n"


_AIR = f"The virtual air carries a night in seconds; {CONNECTED_S} s of it are charged."


def kept_day(rows: dict, which: str) -> dict:
    """Return {line: mAh} of a day that was kept, on R1's board and chip, "value" or "high"."""
    board, chip = BOARDS["xiao_esp32s3"], CHIPS["lsm6dsox"]
    ledger = pb.ledger_of_band(rows, pb.design_of(board, which, chip))
    virtual_s = ledger["radio_connected_s"]
    more_s = max(0.0, CONNECTED_S - virtual_s) if virtual_s else 0.0
    for name, sign in (("radio_connected_s", 1), ("awake_s", 1), ("deep_sleep_s", -1)):
        ledger[name] += sign * more_s
    return pb.day_mah(board, chip, ledger, which)


def page() -> str:
    """Return POWER.md."""
    board, chip = BOARDS["xiao_esp32s3"], CHIPS["lsm6dsox"]
    typical, worst = day(board, chip), day(board, chip, "high")
    lines = [(name, f"{typical[name]:.2f}", f"{worst[name]:.2f}") for name in typical]
    cells = [f"**{needed(cost):.0f}**" for cost in (typical, worst)]
    lines.append((f"**cell for {NIGHTS} nights**", *cells))
    return filled(
        "power",
        night_h=f"{NIGHT_H:g}",
        sync_min=f"{SYNC_MIN:g}",
        nights=NIGHTS,
        goal=GOAL_MAH,
        lines=table("line | typical, mAh | worst, mAh", lines),
        always=f"{always_recording(board, chip)['total']:.1f}",
        levers=table("what | now | for the goal | ", levers(board, chip)),
        together=table(
            f"what holds | mAh a day | cell for {NIGHTS} nights | nights of 250 mAh",
            (_together_row(what, cost) for what, cost in together(board, chip)),
        ),
        band_day=band_day(read(DAY) if DAY.exists() else None),
        builds=table(
            "build | cell, mAh | samples between drains | rests in | "
            "mAh a day, typical | nights | worst | nights",
            map(_build_row, BUILDS.values()),
        ),
    )


def _together_row(what, cost):
    reached = " (reached)" if needed(cost) <= GOAL_MAH else ""
    return (
        what,
        f"{cost['total']:.1f}",
        f"{needed(cost):.0f}{reached}",
        pb.days_of(cost["total"], 250),
    )


def _build_row(build):
    board, chip = BOARDS[build["board"]], CHIPS[build["chip"]]
    mah = board["cell_mah"]["value"]
    rest = "deep" if rests_deep(board) else "light"
    columns = [build["title"], mah, pb.watermark_for(chip), rest]
    for which in ("value", "high"):
        total = day(board, chip, which)["total"]
        columns += [f"{total:.1f}", pb.days_of(total, mah)]
    return columns
