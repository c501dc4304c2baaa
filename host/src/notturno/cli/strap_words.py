"""A strap check in words, for the commands that show one. Touches nothing."""

from notturno.words import _, n_

GOOD_SHARE = 0.8  # of the cues; below it the strap is worth a look (ours)


def found_text(check: dict) -> str:
    """Return what a check found, in few words; of `store.strap` or `strap.matching`."""
    text = _(
        "{found} of {cues} movements found (95 % interval of the share: {low:.0f} to {high:.0f} %)"
    ).format(
        found=check["found"],
        cues=check["cues"],
        low=100 * check["found_low"],
        high=100 * check["found_high"],
    )
    if check["latency_median_s"] is not None:
        text += _(
            ", told {median_s:.1f} s after the cue (95th percentile {p95_s:.1f} s), peaks of "
            "{low_mg} to {high_mg} mg"
        ).format(
            median_s=check["latency_median_s"],
            p95_s=check["latency_p95_s"],
            low_mg=check["peak_low_mg"],
            high_mg=check["peak_high_mg"],
        )
    rows = check["false_rows"]
    return text + n_(
        ", {rows} false row in {still_s:.0f} s of rest",
        ", {rows} false rows in {still_s:.0f} s of rest",
        rows,
    ).format(rows=rows, still_s=check["still_s"])


def advice_text(check: dict) -> str | None:
    """Return what to do about a check; None where nothing is."""
    if check["found"] < GOOD_SHARE * check["cues"]:
        return _(
            "Close the strap a little tighter, the band flat on the limb that moves, and check it "
            "again:  notturno setup --only strap"
        )
    if check["false_rows"]:
        return _(
            "Something moved the band while you were still: see that nothing touches or shakes "
            "it, and check it again:  notturno setup --only strap"
        )
    return None
