"""A ledger of one whole day: what a band did, in seconds and counts. The input of `day_mah`.

Touches nothing. A ledger is a dict:
    day_s            86400
    awake_s          the processor runs, radio or not
    light_sleep_s, deep_sleep_s    the rest of the day
    radio_idle_s     of awake_s: the radio is on and nobody is connected
    radio_connected_s    of awake_s: a host is connected
    imu_on_s         the sensor samples
    flash_writes     syncs of the log
    starts           starts out of deep sleep, or after a reset
"""

DAY_S = 86400
ROUNDING_S = 60.0  # by which the parts of a ledger may miss the whole day


def check_ledger(ledger):
    """Raise ValueError unless the parts of a ledger are a day, and the radio's part of awake."""
    parts_s = ledger["awake_s"] + ledger["light_sleep_s"] + ledger["deep_sleep_s"]
    if abs(parts_s - ledger["day_s"]) > ROUNDING_S:
        raise ValueError(f"awake and asleep are {parts_s:.0f} s, not {ledger['day_s']:.0f}")
    if ledger["radio_idle_s"] + ledger["radio_connected_s"] > ledger["awake_s"] + ROUNDING_S:
        raise ValueError("the radio was on while the band slept")
    if min(ledger.values()) < 0 or ledger["imu_on_s"] > ledger["day_s"]:
        raise ValueError("a time is negative, or longer than the day")


def ledger_of_band(rows, design):
    """Return the ledger of what a virtual band has spent (`VirtualBand.ledger.rows()`).

    A virtual band computes in no time: what waking and detecting take, by the design, is moved
    from its light sleep to its time awake. Its time on the bus is in awake_s already.
    """
    samples = rows["imu_on_s"] * design.odr_hz
    drains_s = rows["light_sleeps"] * (design.wake_s + design.drain_s)
    busy_s = drains_s + samples * design.sample_s
    busy_s = min(busy_s, rows["light_sleep_s"])
    kept = (
        "radio_idle_s",
        "radio_connected_s",
        "deep_sleep_s",
        "imu_on_s",
        "flash_writes",
        "starts",
    )
    return {
        "day_s": rows["all_s"],
        "awake_s": rows["awake_s"] + busy_s,
        "light_sleep_s": rows["light_sleep_s"] - busy_s,
        **{key: rows[key] for key in kept},
    }
