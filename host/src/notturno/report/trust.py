"""The words of a report on how far it may be believed: errors, placement, method, limits, origin.

Takes the contents (`report.contents`) in JSON form; gives sections as `second_page` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.report.blocks import section, table, text
from notturno.report.figures_said import (
    DASH,
    day,
    is_refused,
    number,
    percent,
    reason,
    shown,
    span,
)
from notturno.report.naming import limb, named, place
from notturno.words import _, said

if TYPE_CHECKING:
    from notturno.words.written import Written

HASH_SIGNS = 16


def _section(title: Written | str, *texts: Written | str) -> dict:
    return section(title, *(text(words) for words in texts if words))


def errors(found: dict) -> dict:
    """Return how often the counts are wrong: by the person's labels, at rest, on trial."""
    return _section(
        _("How often the counts are wrong"),
        _labels(found["labels"]),
        _still(found["detector"]),
        _trial(found["detector"]),
    )


def _labels(labels: dict) -> Written | str:
    share = labels["by_kind"]["jerk"]
    if is_refused(share["ppv"]):
        if share["labelled"] == 0:
            return _("By the person's own labels: no jerk was labelled yet.")
        return _("By the person's own labels: {reason}").format(reason=reason(share["ppv"]))
    words = _(
        "By the person's own labels: {ppv} of {n} labelled jerks were theirs ({low} to {high}, "
        "95 % interval)"
    ).format(**_share(share))
    wrong = labels["wrong_jerks_per_h"]
    if is_refused(wrong):
        words += "."
    else:
        words += _("; at the typical rate {x} an hour are not ({span}).").format(
            x=number(wrong["wrong"]), span=span(wrong["low"], wrong["high"])
        )
    of_lms = labels["by_kind"]["lm"]
    if not is_refused(of_lms["ppv"]):
        words += " " + _("Of {n} limb movements {ppv} were theirs ({low} to {high}).").format(
            **_share(of_lms)
        )
    if by_size := _by_size(labels["by_size"]):
        words += " " + _("Of jerks by their peak: {parts}.").format(parts=by_size)
    return words + " " + _("Labels say nothing of movements that were missed.")


def _by_size(sizes: list[dict]) -> str:
    """Return the shares of the sizes that have enough labels; "" where none has."""
    parts = []
    for size in sizes:
        if is_refused(size["ppv"]):
            continue
        name = (
            _("{from_mg} mg and more") if size["to_mg"] is None else _("{from_mg} to {to_mg} mg")
        )
        what = name.format(from_mg=size["from_mg"], to_mg=size["to_mg"])
        share = _("{name} {ppv} of {n} ({low} to {high})")
        parts.append(share.format(name=what, **_share(size)))
    return "; ".join(parts)


def _share(share: dict) -> dict[str, str]:
    return {
        "ppv": percent(share["ppv"]),
        "n": number(share["labelled"], 0),
        "low": percent(share["ppv_low"]),
        "high": percent(share["ppv_high"]),
    }


def _still(detector: dict) -> str:
    still = detector["still"]
    return _(
        "A band that lies still on a table: {x} false jerks an hour in {h} simulated hours (95 % "
        "interval {span}). On the one real sleeping wrist in the open {asleep} jerks an hour were "
        "counted, of which nobody knows how many were real."
    ).format(
        x=number(still["false_jerks_per_h"]),
        h=number(still["hours"], 0),
        span=span(still["low"], still["high"]),
        asleep=number(detector["asleep_jerks_per_h"]),
    )


def _trial(detector: dict) -> str:
    jerks, periodic = detector["jerks"], detector["periodic"]
    words = _(
        "On trial with synthetic limbs it was not tuned on, among disturbances (partner, lorry, "
        "snoring, phone): {found} of the jerks found, {ppv} of those counted were right, {wrong} "
        "false an hour; of periodic movements, in the worst case, {plm} found and {plm_ppv} "
        "right, from which the bounds of the PLM indices follow (what is found of a series is "
        "close to 1 less what is missed of its movements). No recording of real sleep myoclonus "
        "with labels exists in the open: none of this is measured on patients."
    ).format(
        found=percent(jerks["found"]),
        ppv=percent(jerks["ppv"]),
        wrong=number(jerks["false_per_h"]),
        plm=percent(periodic["found"]),
        plm_ppv=percent(periodic["ppv"]),
    )
    if not detector["of_these_nights"]:
        words += " " + _("These nights were recorded by another version of the detector.")
    return words


def placement(found: dict, known: dict) -> dict:
    """Return where the band was worn, and what is known of its strap and its sensor."""
    worn = "; ".join(
        _("{place}: {n}").format(
            place=place(limb(row["limb"]) if row["limb"] else "", row["side"]),
            n=number(row["nights"], 0),
        )
        for row in found["worn"][:3]
    )
    texts = [_("Nights by place, as the person said: {worn}.").format(worn=worn)] if worn else []
    texts.append(
        _(
            "The strap's hold is not measured. Signs of it: {off} of {n} nights left out as not "
            "worn, {warned} with a warning that something contradicts physics."
        ).format(off=found["not_worn_nights"], n=found["nights"], warned=found["warned_nights"])
    )
    for band in found["bands"][:2]:
        if band["passed"] is None:
            texts.append(_("{band}: never tested itself.").format(band=named(band["band"])))
        elif band["passed"]:
            texts.append(_("{band}: its last self-test passed.").format(band=named(band["band"])))
        else:
            texts.append(
                _("{band}: its last self-test found: {what}").format(
                    band=named(band["band"]), what=shown(said(band["finding"]), 160)
                )
            )
    return _section(
        _("Placement and strap"),
        " ".join(texts),
        " ".join(_(sentence) for sentence in known["place"]),
    )


def method() -> dict:
    """Return how the figures were made, in plain words."""
    return _section(
        _("How it was measured"),
        _(
            "A motion sensor on the limb looked for movements all night. A jerk is a short sharp "
            "movement; a limb movement lasts 0.5 s or longer; periodic ones (PLM) come in series "
            "of four or more with 10 to 90 s (WASM 2016) or 5 to 90 s (AASM v3) from onset to "
            "onset. Rates divide by the time in which something could be counted; PLMS by the "
            "hours of sleep, which are estimated from the limb's rest."
        ),
    )


def limits(known: dict) -> dict:
    """Return what the band cannot say."""
    return _section(
        _("What it cannot say"),
        " ".join(_(sentence) for sentence in known["limits"]),
        _(
            "The rules for periodic movements are written for EMG of both legs. Movements that "
            "follow a pause in breathing are counted like others. Restless legs are a diagnosis "
            "by history, not by any count. The recommendation on movement sensors is of 2018."
        ),
    )


def causes(known: dict) -> dict:
    """Return the table of what can cause or worsen jerks, with a source a row."""
    used = list(dict.fromkeys(row["source"] for row in known["exposures"]))
    rows = [
        [
            "; ".join(_(name) for name in row["names"]),
            _(row["effect"]),
            f"[{used.index(row['source']) + 1}]",
        ]
        for row in known["exposures"]
    ]
    sources = "; ".join(f"[{i}] {known['sources'][key]}" for i, key in enumerate(used, 1))
    return section(
        _("What can cause or worsen jerks, for a physician to judge"),
        table([_("What"), _("What is reported"), _("Source")], rows, words=2, small=True),
        text(sources + ".", small=True),
    )


def origin(found: dict, digest: str) -> dict:
    """Return what made the figures, and the hash by which they can be checked."""
    made = found["provenance"]

    def listed(key: str) -> str:
        return ", ".join(str(value) for value in made[key]) or DASH

    given = [_("the band's own") if name == "band" else name for name in made["names_version"]]
    names = ", ".join(map(str, given)) or DASH
    hashes = ", ".join(value[:HASH_SIGNS] for value in made["settings_sha256"][:2]) or DASH
    detector = found["detector"]
    made_by = _(
        "notturno {version}; firmware {firmware}; detector {detector}; names {names}; rules "
        "{rules}; settings {hashes}; trial of detector {tried}, {tried_on}."
    ).format(
        version=found["notturno"],
        firmware=shown(listed("firmware"), 40),
        detector=shown(listed("detector_version"), 20),
        names=shown(names, 40),
        rules=shown(listed("rules_version"), 200),
        hashes=hashes,
        tried=detector["detector_version"],
        tried_on=day(detector["made_on"]),
    )
    check = _(
        "All figures of these pages are in the file report.json attached to this document, which "
        "is what notturno report --json prints; its SHA-256 is {digest}."
    ).format(digest=digest)
    known = found["knowledge"]
    purpose = " ".join(_(sentence) for sentence in (known["purpose"], *known["not_for"]))
    blocks = [text(words, small=True) for words in (purpose, made_by, check)]
    return section(_("What it is for, and where the figures come from"), *blocks)
