"""A strap check in words, for the commands that show one. Touches nothing."""

GOOD_SHARE = 0.8  # of the cues; below it the strap is worth a look (ours)


def found_text(check: dict) -> str:
    """Return what a check found, in few words; of `store.strap` or `strap.matching`."""
    text = (
        f"{check['found']} of {check['cues']} movements found (95 % interval of the share: "
        f"{100 * check['found_low']:.0f} to {100 * check['found_high']:.0f} %)"
    )
    if check["latency_median_s"] is not None:
        text += (
            f", told {check['latency_median_s']:.1f} s after the cue (95th percentile "
            f"{check['latency_p95_s']:.1f} s), peaks of {check['peak_low_mg']} to "
            f"{check['peak_high_mg']} mg"
        )
    rows = "row" if check["false_rows"] == 1 else "rows"
    return text + f", {check['false_rows']} false {rows} in {check['still_s']:.0f} s of rest"


def advice_text(check: dict) -> str | None:
    """Return what to do about a check; None where nothing is."""
    if check["found"] < GOOD_SHARE * check["cues"]:
        return (
            "Close the strap a little tighter, the band flat on the limb that moves, and check it "
            "again:  notturno setup --only strap"
        )
    if check["false_rows"]:
        return (
            "Something moved the band while you were still: see that nothing touches or shakes "
            "it, and check it again:  notturno setup --only strap"
        )
    return None
