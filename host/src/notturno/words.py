"""How a night is said in words, for every surface alike. Pure; the figures are made elsewhere."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, which is `one` in the singular and `many` (one + s) else."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def duration_text(seconds: float) -> str:
    """Return how long something lasted: to the hundredth below two minutes, else in minutes."""
    return f"{seconds:.2f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def age_text(seconds: float) -> str:
    """Return an age in the largest unit of which there are two or more, rounded down."""
    for unit, length_s in (("day", 86_400), ("hour", 3600)):
        if seconds >= 2 * length_s:
            return counted(int(seconds // length_s), unit)
    return counted(int(max(seconds, 0) // 60), "minute")


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
        return f"{jerks}, {lms}; no rate: {row['refusal']['refused'].rstrip('.')}"
    text = f"{jerks} ({row['jerks_per_h']:.1f} an hour), {lms} ({row['lms_per_h']:.1f} an hour)"
    plms = row["plms_per_h_wasm2016"]
    if plms is not None:
        return text + f", PLMS {plms:.1f} per hour of sleep"
    reason = reason_of(row, "plms_per_h_wasm2016")
    return text if reason is None else text + f", no rate of PLMS: {reason.rstrip('.')}"


def night_line(row: dict) -> str:
    """Return one line on a night: its state where it is not complete, hours, counts and rates."""
    simulated = ", simulated" if row["simulated"] else ""
    state = "" if row["state"] == "complete" else f"{row['state']}; "
    return (
        f"Night {row['night']} ({row['band']}{simulated}): {state}{row['recorded_h']:.1f} h "
        f"recorded, {row['countable_h']:.1f} h of them countable; {rates_text(row)}."
    )
