"""How a night is said in words, for every surface alike. Pure; the figures are made elsewhere."""

from notturno.times import DAY_S, HOUR_S
from notturno.words.catalogue import _, n_


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, which is `one` in the singular and `many` (one + s) else."""
    return f"{number} {n_(one, many or one + 's', number)}"


def duration_text(seconds: float) -> str:
    """Return how long something lasted: to the hundredth below two minutes, else in minutes."""
    if seconds < 120:
        return _("{seconds:.2f} s").format(seconds=seconds)
    return _("{minutes:.0f} min").format(minutes=seconds / 60)


def age_text(seconds: float) -> str:
    """Return an age in the largest unit of which there are two or more, rounded down."""
    days, hours = int(seconds // DAY_S), int(seconds // HOUR_S)
    if days >= 2:
        return counted(days, "day")
    if hours >= 2:
        return counted(hours, "hour")
    return counted(int(max(seconds, 0) // 60), "minute")


def reason_of(row: dict, key: str) -> str | None:
    """Return why a figure of a night's row is null; None where it is there or nothing is known."""
    from notturno.words.saying import said

    if row[key] is not None:
        return None
    refusal = row["refusals"].get(key) or row["refusal"]
    return None if refusal is None else said(refusal)


def rates_text(row: dict) -> str:
    """Return the main figures of a night in one line, or the reason why there is no rate."""
    from notturno.words.saying import said

    jerks = counted(row["jerks"], "single jerk")
    lms = counted(row["lms"], "limb movement")
    if row["refusal"] is not None:
        why = said(row["refusal"]).rstrip(".")
        return _("{jerks}, {lms}; no rate: {why}").format(jerks=jerks, lms=lms, why=why)
    text = _("{jerks} ({jerks_per_h:.1f} an hour), {lms} ({lms_per_h:.1f} an hour)").format(
        jerks=jerks, jerks_per_h=row["jerks_per_h"], lms=lms, lms_per_h=row["lms_per_h"]
    )
    plms = row["plms_per_h_wasm2016"]
    if plms is not None:
        return text + _(", PLMS {plms:.1f} per hour of sleep").format(plms=plms)
    reason = reason_of(row, "plms_per_h_wasm2016")
    if reason is None:
        return text
    return text + _(", no rate of PLMS: {why}").format(why=reason.rstrip("."))


def night_line(row: dict) -> str:
    """Return one line on a night: its state where it is not complete, hours, counts and rates."""
    simulated = _(", simulated") if row["simulated"] else ""
    state = "" if row["state"] == "complete" else f"{_(row['state'])}; "
    return _(
        "Night {night} ({band}{simulated}): {state}{recorded_h:.1f} h recorded, "
        "{countable_h:.1f} h of them countable; {rates}."
    ).format(
        night=row["night"],
        band=row["band"],
        simulated=simulated,
        state=state,
        recorded_h=row["recorded_h"],
        countable_h=row["countable_h"],
        rates=rates_text(row),
    )
