"""Other scorers' readings of the rules, by name: which conventions they choose otherwise.

`notturno score --like somas` sets them; each differs from our default and says why. What such a
program does that no text asks for (an artefact of its code) is not followed, and listed.
`python -m notturno.scoring.movements.profiles` prints PROFILES.md. Pure.
"""

from typing import NamedTuple

from notturno.errors import UserError
from notturno.scoring.movements.conventions import CONVENTIONS, NUMBERS


class Profile(NamedTuple):
    """title, source: what it is and where it was read; settings: {convention: (value, why)};
    not_followed: sentences."""

    title: str
    source: str
    settings: dict
    not_followed: tuple


PROFILES = {
    "somas": Profile(
        "SOMAS, Sleep Open-source Muscle activity Analysis System (Innsbruck), WASM 2016",
        "github.com/macesari/SOMAS, code/get_PLM_indices_WASM.m (version 1.0, August 2025), read",
        {
            "bilateral_chain": ("linked", "pairs of a left and a right LM, all that overlap"),
            "imi_upper": ("excluded", "a series goes on at intervals of 10 s to under 90 s"),
            "after_short_imi": (
                "not_near_any_lm",
                "no series begins with an LM under 10 s behind the LM before, CLM or not",
            ),
            "plm_nonresp": ("rebuilt_without_any", "every LM with breathing goes, CLM or not"),
            "arousal_link": ("up_to_0_5_s", "0.5 s between arousal and LM is near enough"),
            "periodicity_form": ("movements", "PLMS over CLM in sleep"),
            "log_imi_set": ("lm_before", "from the LM before, 10 s to under 90 s"),
            "periodicity_min_lm_per_h": ("0", "it has no floor below which none is given"),
        },
        (
            "The last LM of a list is never in a series: its loop ends one short.",
            "After LM with breathing are taken out, its marks of CLM stay at their old places.",
            "LM of one leg that touch, or lie within 1 ms, are one: it works on vectors of 1 kHz.",
            "Its short-interval and isolated movements are of all LM; ours are of CLM.",
        ),
    ),
    "matplm": Profile(
        "MATPLM (Johns Hopkins), WASM 2016",
        "github.com/rlslabgit/MATPLM, current_version: helper_functions/candidate_lms.m, "
        "periodic_lms.m, getInput2.m (2017); github.com/pskeba1/MATPLM-Score, score_plm.m, read",
        {
            "bilateral_chain": (
                "any_leg",
                "the running end takes up the next LM of any leg; one leg alone is not joined",
            ),
            "bilateral_link": ("up_to_0_5_s", "LM 0.5 s apart are joined"),
            "respiratory_window": (
                "end_within_0_5_s",
                "its settings lb1 and ub1 are 0.5 s around the end of the event",
            ),
            "arousal_link": (
                "end_within_0_5_s",
                "its settings lb2 and ub2 are 0.5 s around the end of the arousal",
            ),
        },
        (
            "The last LM of each leg is not tested for its 10 s.",
            "Ends of events are rounded to whole seconds.",
            "A break that stands at a CLM with breathing goes with it when series are built anew.",
            "Movements of a scored list count however short they are (MATPLM-Score).",
            "Its times run 86500 s a day, so that after 8 hours a movement stands 33 s late "
            "beside stages and breathing (MATPLM-Score, score_plm.m).",
            "Its arousals are looked for in the list of breathing (MATPLM-Score).",
        ),
    ),
}


def settings_of(name: str) -> dict[str, str]:
    """Return {convention: value} of a profile; raises UserError for an unknown name."""
    if name not in PROFILES:
        raise UserError(
            "There is no profile {name!r}; choose one of: {names}.",
            name=name,
            names=", ".join(PROFILES),
        )
    return {key: value for key, (value, _) in PROFILES[name].settings.items()}


def told(name: str) -> dict:
    """Return a profile as settings.json tells it: its source and each difference from ours."""
    profile = PROFILES[name]
    return {
        "name": name,
        "title": profile.title,
        "source": profile.source,
        "differs": {
            key: {"value": value, "ours": default_of(key), "why": why}
            for key, (value, why) in profile.settings.items()
        },
        "not_followed": list(profile.not_followed),
    }


def default_of(key: str) -> str:
    """Return our own choice for a convention, as a text."""
    return CONVENTIONS[key].options[0] if key in CONVENTIONS else f"{NUMBERS[key][0]:g}"


def page() -> str:
    """Return the profiles as Markdown."""
    lines = [
        "# Other scorers' readings",
        "",
        "`notturno score --like NAME` sets the conventions below; `--set` goes before them. Both",
        "bear on WASM 2016, so that these rules alone are scored unless `--rules` says otherwise.",
        "`tests/labs` holds each against a scorer written from this reading in another way.",
        "",
        "This page is made from `profiles.py`: `python -m notturno.scoring.movements.profiles`.",
    ]
    for name, profile in PROFILES.items():
        lines += ["", f"## `--like {name}`", "", f"{profile.title}. Source: {profile.source}.", ""]
        lines += ["| convention | ours | there | what it does |", "|---|---|---|---|"]
        lines += [
            f"| `{key}` | `{default_of(key)}` | `{value}` | {why} |"
            for key, (value, why) in profile.settings.items()
        ]
        lines += ["", "Not followed, as no text asks for it:", ""]
        lines += [f"- {sentence}" for sentence in profile.not_followed]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
