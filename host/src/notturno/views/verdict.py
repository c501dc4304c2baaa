"""A night in one word: the code of the sentence that stands first, and the figures in it. Pure."""

from notturno.scoring.manynights import usual

MEASURE = "jerks_per_h"
QUIET, LIKE_OTHERS, RESTLESS = "quiet", "like_others", "restless"
FIRST, REFUSED, RUNNING = "first", "refused", "running"
_PLACES = {usual.LOW: QUIET, usual.WITHIN: LIKE_OTHERS, usual.HIGH: RESTLESS}


def of_night(row: dict, is_usual: dict) -> dict:
    """Return `code`, `jerks`, `jerks_per_h`, `usually_per_h` and `reason` of a night.

    row: of the nightly table; is_usual: `usual.of_night`. code: QUIET, LIKE_OTHERS or RESTLESS
    against what was usual; FIRST where nothing is usual yet; RUNNING or REFUSED where the night
    may not be read as a rate: then `reason` is the refusal's sentence and there is no rate.
    """
    found = {"jerks": row["jerks"], "jerks_per_h": row[MEASURE], "usually_per_h": None}
    if row["refusal"] is not None or row[MEASURE] is None:
        refusal = row["refusal"] or row["refusals"].get(MEASURE)
        code = RUNNING if row["state"] == "running" else REFUSED
        reason = None if refusal is None else refusal["refused"]
        return {"code": code, **found, "reason": reason}
    before = is_usual[MEASURE]
    if "refused" in before:
        return {"code": FIRST, **found, "reason": before["refused"]}
    code = _PLACES[before["tonight"]]
    return {"code": code, **found, "usually_per_h": before["typical"], "reason": None}
