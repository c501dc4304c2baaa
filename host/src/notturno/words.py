"""How a night is said in words, for every surface alike. Pure; the figures are made elsewhere."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: 1 jerk, 2 jerks."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def reason_of(row: dict, key: str) -> str | None:
    """Return why a figure of a night's row is null; None where it is there or nothing is known."""
    if row[key] is not None:
        return None
    refusal = row["refusals"].get(key) or row["refusal"]
    return None if refusal is None else refusal["refused"]


def rates_text(row: dict) -> str:
    """Return the main figures of a night in one line, or the reason why there is no rate."""
    jerks = counted(row["jerks"], "single jerk")
    lms = counted(row["lms"], "limb movement")
    if row["refusal"] is not None:
        return f"{jerks}, {lms}; no rate: {row['refusal']['refused']}"
    text = f"{jerks} ({row['jerks_per_h']:.1f} an hour), {lms} ({row['lms_per_h']:.1f} an hour)"
    plms = row["plms_per_h_wasm2016"]
    if plms is not None:
        text += f", PLMS {plms:.1f} per hour of sleep"
    return text
