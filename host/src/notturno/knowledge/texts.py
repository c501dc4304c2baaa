"""What this is: sections of statements for the page and the report. Pure data.

source: a key of `exposures.SOURCES`; "" where the statement is about this band itself.
"""

from typing import NamedTuple


class Statement(NamedTuple):
    """One sentence or two, and where they come from."""

    text: str
    source: str = ""


class Section(NamedTuple):
    """A title and its statements; `code` names it for programs."""

    code: str
    title: str
    statements: tuple


SECTIONS = (
    Section(
        "what",
        "What a jerk in sleep is",
        (
            Statement(
                "A myoclonic jerk is a sudden, brief, shock-like movement that nobody wills: a "
                "muscle contracts, or lets go, for a fraction of a second.",
                "janssen2017",
            ),
            Statement(
                "Sleep starts are such jerks while falling asleep, sometimes with a feeling of "
                "falling. Most people know them; they are harmless.",
                "mayo",
            ),
            Statement(
                "Healthy sleepers move too: of 100, 18 had more than 15 periodic movements an "
                "hour of sleep. No number of jerks is ill by itself.",
                "frauscher2014",
            ),
        ),
    ),
    Section(
        "doctor",
        "When to see a doctor soon",
        (
            Statement("Jerks that are frequent and stay, or become more.", "mayo"),
            Statement(
                "Jerks by day too, or so strong that they hinder eating, speaking or walking.",
                "mayo",
            ),
            Statement(
                "Acting out dreams: hitting, kicking, shouting or falling out of bed.",
                "howell2015",
            ),
            Statement(
                "Jerks that began or grew after a new medicine or another dose. Ask before you "
                "change anything yourself.",
                "janssen2017",
            ),
            Statement(
                "At once, by emergency call: jerks with fever, confusion, loss of consciousness, "
                "a bitten tongue, or a stiff or weak side of the body.",
            ),
        ),
    ),
    Section(
        "place",
        "Where the band sits matters",
        (
            Statement(
                "A band feels only the limb that it is worn on. The other leg, the arms, the face "
                "and the trunk are not seen.",
            ),
            Statement(
                "In one study a sensor at the big toe found 94 of 100 leg movements, at the ankle "
                "67: compare only nights with the band at the same place, equally tight.",
                "neurolres2008",
            ),
            Statement(
                "A limb under a heavy blanket or the body moves less, and a partner or a pet on "
                "the same mattress moves it too.",
            ),
        ),
    ),
    Section(
        "blind",
        "What the band cannot see",
        (
            Statement(
                "No muscle currents (EMG), no brain waves, no breathing, no sleep stages. "
                "Twitches that move no limb are not there for it.",
            ),
            Statement(
                "Sleep is estimated from stillness: lying awake without moving counts as sleep.",
            ),
            Statement(
                "Whether a movement was yours only you, or a video, can say: labels on single "
                "movements are the one measure of how often the band is right.",
            ),
        ),
    ),
    Section(
        "lab",
        "How a night in the laboratory differs",
        (
            Statement(
                "A sleep laboratory measures muscles, brain, breathing and heart at once and sees "
                "the cause of a movement, for one night in a foreign bed. The band sees one limb, "
                "at home, for many nights: nights differ so much that one alone says little.",
            ),
            Statement(
                "The American Academy of Sleep Medicine recommends against movement sensors in "
                "place of EMG for finding periodic limb movement disorder.",
            ),
        ),
    ),
)
