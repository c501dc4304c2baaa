"""`notturno score` over many nights: the run, and what came of it.

The work is done in notturno.labs; results.py prints.
"""

from notturno.cli import results
from notturno.words import _

SCHEMA = "score-nights-1"
SHOWN = (
    ("person", "person"),
    ("night", "night"),
    ("lms", "LM"),
    ("clm_wasm2016", "CLM W"),
    ("plm_wasm2016", "PLM W"),
    ("plms_per_h_wasm2016", "PLMS/h W"),
    ("plm_aasm3", "PLM A"),
    ("plms_per_h_aasm3", "PLMS/h A"),
    ("asleep_h", "asleep h"),
)


def score(paths, out, settings, rules, like, jobs, force, as_json):
    """Score some paths into a folder, or one that is read and forgotten; print what came of it."""
    from notturno.labs import run as labs

    def work(folder, processes, bar):
        return labs.score(paths, folder, settings, rules, like, processes, force, bar)

    def lines(done, folder):
        return ([] if like is None else profile_lines(like)) + _came(done, folder)

    run = results.Many(_("Scoring"), work, SCHEMA, SHOWN, _counts, lines)
    results.run(run, out, jobs, as_json)


def _counts(done):
    return {"resumed_batches": done.resumed, "batches": done.batches}


def _came(done, out):
    if done.whole:
        return [results.already_there(out)]
    if out is None:
        return []
    lines = [
        _("{nights} nights, {events} movements in {out}.").format(
            nights=done.rows["nights"], events=done.rows["events"], out=out
        )
    ]
    if done.resumed:
        lines.append(
            _("{resumed} of {batches} parts were there from a run before.").format(
                resumed=done.resumed, batches=done.batches
            )
        )
    return lines


def profile_lines(name):
    """Return lines that say in what a chosen profile differs from our own conventions."""
    from notturno.scoring.movements.profiles import PROFILES, default_of

    first = _("The rules are read as by {title}; ours in brackets:")
    return [first.format(title=PROFILES[name].title)] + [
        f"  {key}={value} ({default_of(key)})"
        for key, (value, _why) in PROFILES[name].settings.items()
    ]
