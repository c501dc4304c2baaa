"""The page of one night: the verdict first, then figures beside what is usual, picture, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.charts.night import kind_text
from notturno.charts.page import night_figure
from notturno.charts.trend import heading
from notturno.dashboard import pages
from notturno.dashboard.say import _, n_, num, said
from notturno.errors import UserError
from notturno.nights.columns import BY_KEY, DEFAULT_MEASURES
from notturno.nights.counts import WORDS
from notturno.nights.state import to_tell
from notturno.views.night import night_view
from notturno.words import reason_of

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked
    from notturno.store import Store
    from notturno.words.written import Written

FIGURES = (
    *("recorded_h", "countable_h", "asleep_h", "awake_h", "not_worn_h", "gaps"),
    *("jerks", "lms", "rhythms", "postures", "largest_mg", "periodicity_index"),
)
KINDS = ("jerk", "lm", "rhythm")
A_PAGE = 100  # events


def last(asked: Asked) -> str:
    """Return the page of the newest night; of nothing stored, what to do first."""
    with asked.reading() as store:
        newest = store.newest_name()
        if newest is None:
            return pages.page(asked, "empty.html", _("No night is stored yet"))
        return _page(asked, store, newest, naps=False)


def one(asked: Asked) -> str:
    """Return the page of a night by its name."""
    with asked.reading() as store:
        return _page(asked, store, known_night(store, asked.path["night"]), naps=True)


def known_night(store: Store, name: str) -> str:
    """Return the name; raises UserError where no such night is stored."""
    if not store.is_stored(name):
        raise UserError(
            "The night {night} is not stored; choose one under Nights.", night=name[:40]
        )
    return name


def _page(asked: Asked, store: Store, night: str, naps: bool) -> str:
    view = night_view(store, night)
    several = len(view["bands"]) > 1
    bands = [_band(asked, i, one, several) for i, one in enumerate(view["bands"])]
    shown, more = _chosen(asked, _in_time(view))
    before, after = store.names_beside(night, naps)
    return pages.page(
        asked,
        "night.html",
        headline(view),
        night=night,
        bands=bands,
        persons=[_both(*one) for one in zip(view["person"], view["person_usual"], strict=True)],
        before=before,
        after=after,
        events=[_row(one, view, several) for one in shown],
        several=several,
        simulated=any(one["row"]["simulated"] for one in view["bands"]),
        **more,
    )


def headline(view: dict) -> str:
    """Return the sentence that stands first."""
    bands, person = view["bands"], view["person"]
    verdicts = [one["verdict"] for one in bands]
    codes = {one["code"] for one in verdicts}
    if len(bands) == 1 or (len(codes) == 1 and codes <= {"running", "refused"}):
        return verdict_text(verdicts[0])
    if not person or person[0]["refusal"] is not None or person[0]["jerks_per_h"] is None:
        return _("This night has no figure of both legs")
    row, found = person[0], view["person_verdict"][0]
    text = n_(
        "{night}: {n} jerk on both legs, {rate} an hour",
        "{night}: {n} jerks on both legs, {rate} an hour",
        row["jerks"],
    )
    name = _NIGHTS[found["code"]]()
    told = text.format(night=name, n=row["jerks"], rate=num(row["jerks_per_h"]))
    if found["usually_per_h"] is None:
        return told
    return told + _("; usually {usual}").format(usual=num(found["usually_per_h"]))


_NIGHTS = {
    "quiet": lambda: _("A quiet night"),
    "restless": lambda: _("A restless night"),
    "like_others": lambda: _("A night like others"),
    "first": lambda: _("The night"),
    "refused": lambda: _("The night"),
    "running": lambda: _("The night so far"),
}


def verdict_text(verdict: dict) -> str:
    """Return one band's verdict (`views.verdict`) as a sentence."""
    if verdict["code"] == "running":
        return _("This night is still running")
    if verdict["code"] == "refused":
        return _("This night gives no rate")
    n = verdict["jerks"]
    values = {"night": _NIGHTS[verdict["code"]](), "n": n, "rate": num(verdict["jerks_per_h"])}
    if verdict["usually_per_h"] is None:
        text = n_("{night}: {n} jerk, {rate} an hour", "{night}: {n} jerks, {rate} an hour", n)
        return text.format(**values)
    text = n_(
        "{night}: {n} jerk, {rate} an hour; usually {usual}",
        "{night}: {n} jerks, {rate} an hour; usually {usual}",
        n,
    )
    return text.format(**values, usual=num(verdict["usually_per_h"]))


def _band(asked: Asked, i: int, view: dict, several: bool) -> dict:
    row, verdict = view["row"], view["verdict"]
    return {
        "name": row["band"],
        "side": {"L": _("left"), "R": _("right")}.get(row["person_side"], ""),
        "sentence": verdict_text(verdict) if several else "",
        "why": said(verdict["reason"]) if verdict["reason"] else "",
        "rates": [_rate(row, key, view["usual"].get(key)) for key in DEFAULT_MEASURES],
        "figures": [_figure(row, key) for key in FIGURES],
        "left_out": _left_out(row),
        "notes": _notes(row),
        "naps": row["naps"],
        "picture": night_figure(view, f"night-{i}"),
        "row": row,
    }


def _rate(row: dict, key: str, usual: dict | None) -> dict:
    known = usual if usual is not None and "refused" not in usual else None
    return {
        "words": heading(key),
        "value": row[key],
        "why": "" if row[key] is not None else _why(row, key),
        "usual": known["typical"] if known else None,
        "low": known["low"] if known else None,
        "high": known["high"] if known else None,
        "nights": known["nights"] if known else 0,
        "place": known["tonight"] if known else None,
        "no_usual": "" if known or usual is None else said(usual),
    }


def _figure(row: dict, key: str) -> dict:
    column = BY_KEY[key]
    unit = "h" if column.kind == "hours" else column.unit if column.unit == "mg" else ""
    return {
        "words": _(column.words),
        "value": row[key],
        "digits": 2 if key == "periodicity_index" else 1,
        "unit": unit,
        "why": "" if row[key] is not None else _why(row, key),
    }


def _why(row: dict, key: str) -> str:
    reason = reason_of(row, key)
    return said(reason) if reason else ""


def _left_out(row: dict) -> list[tuple[Written | str, int]]:
    found: dict[str, int] = {}
    for key in ("jerks_left_out", "lms_left_out", "rhythms_left_out"):
        for why, count in (row[key] or {}).items():
            found[_(WORDS[why])] = found.get(_(WORDS[why]), 0) + count
    return list(found.items())


def _notes(row: dict) -> list[str]:
    notes = [said(text) for text in to_tell(row)]
    if row["state"] != "complete":
        notes.append(said(row["state_reason"]))
    if row["excluded"] is not None:
        notes.append(_("Left out by you: {reason}").format(reason=row["excluded"]))
    if row["clock"] == "unknown":
        notes.append(_("The band's clock was not set: times since its start."))
    elif row["clock_error_ms"] and row["clock_error_ms"] > 60_000:
        off = _("Times may be off by up to {minutes} min.")
        notes.append(off.format(minutes=num(row["clock_error_ms"] / 60_000, 0)))
    return list(dict.fromkeys(notes))


def _both(row: dict, usual: dict) -> dict:
    rates = [_rate(row, key, usual.get(key)) for key in DEFAULT_MEASURES]
    refused: dict[str, list] = {}
    for rate in rates:
        if rate["why"]:
            refused.setdefault(rate["why"], []).append(rate["words"])
    return {
        "row": row,
        "rates": rates,
        "refused": list(refused.items()),
        "notes": _notes(row) if row["state"] != "complete" else [],
    }


def _in_time(view: dict) -> list[dict]:
    events = [event for band in view["bands"] for event in band["events"]]
    return sorted(events, key=lambda event: event["no"])


def _row(event: dict, view: dict, several: bool) -> dict:
    from notturno.dashboard.say import time_of

    band = next(b for b in view["bands"] if b["row"]["device_id"] == event["device_id"])
    return {
        "no": event["no"],
        "time": time_of(event, band["row"]["zone"] if band["dated"] else None),
        "kind": event["kind"],
        "words": kind_text(event["kind"]),
        "peak_mg": event["peak_mg"],
        "duration_s": event["duration_s"],
        "left_out": "" if event["left_out"] is None else _(WORDS[event["left_out"]]),
        "counts": event["kind"] in KINDS and event["left_out"] is None,
        "label": event["label"] or "",
        "label_words": label_text(event["label"]),
        "waveform": event["waveform"],
        "band": band["row"]["band"] if several else "",
    }


def label_text(label: str | None) -> str:
    """Return how a label is said."""
    return _LABELS[label]() if label else ""


_LABELS = {
    "me": lambda: _("me"),
    "not_me": lambda: _("not me"),
    "awake": lambda: _("was awake"),
}


def _chosen(asked: Asked, events: list[dict]) -> tuple[list[dict], dict]:
    """Return (the events of one part of the list, what the template knows of the others)."""
    wanted = asked.query.get("kind", "moves")
    sieve = {
        "moves": lambda e: e["kind"] in KINDS,
        "jerk": lambda e: e["kind"] == "jerk" and e["left_out"] is None,
        "all": lambda e: True,
    }.get(wanted)
    if sieve is None:
        raise UserError("There is no such choice of events.")
    kept = [event for event in events if sieve(event)]
    pages_ = max(1, -(-len(kept) // A_PAGE))
    part = asked.query.get("part", "1")
    part = min(int(part), pages_) if part.isascii() and part.isdigit() and len(part) < 6 else 1
    part = max(part, 1)
    words = (
        ("jerk", _("counted jerks")),
        ("moves", _("all movements")),
        ("all", _("everything")),
    )
    return kept[(part - 1) * A_PAGE : part * A_PAGE], {
        "kinds": pages.choices(words, wanted),
        "wanted": wanted,
        "part": part,
        "parts": pages_,
        "count": len(kept),
    }
