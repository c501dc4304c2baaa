"""What may be wrong with one band: its key, its last word, its battery. Pure; UTC in ms."""

from notturno.battery import battery_pct
from notturno.doctor.findings import LIVE_WORDS, LOOK, OK, WRONG, Finding, said, span_text
from notturno.times import DAY_MS
from notturno.words import _, counted

SILENT_MS = 3 * DAY_MS
STALE_MS = 36 * 3_600_000  # ours: with a newest record older than this a whole night is missing
LOW_PCT = 15


def named(band: dict) -> str:
    """Return what a band is called: its name, else its id; a virtual one is marked."""
    return (band["name"] or band["device_id"]) + ("*" if band["simulated"] else "")


def band(row: dict, key_error: str | None, has_key: bool, now_ms: int) -> list[Finding]:
    """Judge one band of the logbook, and its key here (what stood in the way of it, if any)."""
    name = named(row)
    found = [key(name, key_error, has_key, row["simulated"])]
    seen = row["seen_utc_ms"]
    if seen is None:
        found.append(Finding("contact", LOOK, _("never"), _("run  notturno sync"), name))
    else:
        state = LOOK if now_ms - seen > SILENT_MS else OK
        todo = (
            ""
            if state == OK
            else _("sync it; if it is not found, {live_words}").format(live_words=_(LIVE_WORDS))
        )
        found.append(
            Finding(
                "contact", state, _("{span} ago").format(span=span_text(now_ms - seen)), todo, name
            )
        )
    if row["waiting"]:
        many = counted(row["waiting"], "record")
        what = _("{many} lay on the band, not here, when it was seen").format(many=many)
        found.append(Finding("waiting", LOOK, what, _("run  notturno sync"), name))
    if "log_full" in (row["state_names"] or ()):
        todo = _("sync it now: it recorded nothing more")
        found.append(Finding("memory", LOOK, _("the band's was full"), todo, name))
    found.append(_newest(row, name, now_ms))
    found.append(_battery(row, name))
    return found


def key(name: str, error: str | None, has_key: bool, simulated: bool = False) -> Finding:
    """Judge the key of a band on this computer."""
    if error is not None:
        return said("key", error, name)
    if has_key:
        return Finding("key", OK, _("is here"), "", name)
    if simulated:
        todo = _("start it again with  notturno band  in this data folder")
        return Finding("key", LOOK, _("is not here"), todo, name)
    todo = _("fetch it by cable:  notturno bands key add --port PORT")
    return Finding("key", WRONG, _("is not here: this computer cannot read the band"), todo, name)


def _newest(row: dict, name: str, now_ms: int) -> Finding:
    newest = row["newest_utc_ms"]
    if newest is None:
        what = _("no record of a known time is stored")
        return Finding("newest record", LOOK, what, _("wear it for a night, then sync"), name)
    if row["simulated"]:
        return Finding("newest record", OK, _("of a simulated night"), "", name)
    age_ms = max(now_ms - newest, 0)
    if age_ms > STALE_MS:
        todo = _(
            "sync; if nothing comes, charge the band and wear it: it may have stopped recording"
        )
        return Finding(
            _("newest record"), LOOK, _("{age} old").format(age=span_text(age_ms)), todo, name
        )
    return Finding("newest record", OK, _("{age} old").format(age=span_text(age_ms)), "", name)


def _battery(row: dict, name: str) -> Finding:
    percent = battery_pct(row["battery_mv"])
    if percent is None:
        return Finding("battery", OK, _("is not measured"), "", name)
    found = _("~{percent} % when it was seen ({battery_mv} mV)").format(
        percent=percent, battery_mv=row["battery_mv"]
    )
    state = LOOK if percent < LOW_PCT else OK
    return Finding("battery", state, found, _("charge it today") if state == LOOK else "", name)
