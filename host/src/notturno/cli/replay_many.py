"""`notturno replay` over many recordings: the run, and what came of it.

The work is done in notturno.loggers; results.py prints.
"""

from notturno.cli import results
from notturno.words import _

SCHEMA = "replay-nights-1"
SHOWN = (
    ("person", "person"),
    ("night", "night"),
    ("recorded_h", "recorded h"),
    ("countable_h", "countable h"),
    ("jerks", "jerks"),
    ("jerks_per_h", "jerks/h"),
    ("lms", "LM"),
    ("plms_per_h_wasm2016", "PLMS/h W"),
)


def replay(paths, out, engine, settings, side, jobs, force, as_json):
    """Replay some paths into a folder, or one that is read and forgotten; print what came."""
    from notturno.loggers import many

    def work(folder, processes, bar):
        return many.replay(paths, folder, engine, settings, side, processes, force, bar)

    run = results.Many(_("Replaying"), work, SCHEMA, SHOWN, _counts, _lines)
    results.run(run, out, jobs, as_json)


def _counts(done):
    return {"resumed_files": done.resumed, "files": done.files}


def _lines(done, out):
    if out is None:
        return []
    if done.whole:
        return [results.already_there(out)]
    lines = [
        _("{nights} nights, {events} events in {out}.").format(
            nights=done.rows["nights"], events=done.rows["events"], out=out
        )
    ]
    if done.resumed:
        lines.append(
            _("{resumed} of {files} files were there from a run before.").format(
                resumed=done.resumed, files=done.files
            )
        )
    return lines
