"""What a person has changed on a band, by cable: read, checked, put in place in one step.

Touches a band through its prompt. Names and limits are the band's own (notturno_core.limits); a
detector's setting is named detector.NAME.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from notturno_core import limits

from notturno import firmware_files
from notturno.errors import Phrase, UserError
from notturno.flashing import plain
from notturno.flashing.board import SLOTS, Board, text_of
from notturno.flashing.line import BandError, Line
from notturno.flashing.package import constants_in
from notturno.flashing.sending import put_in_place

BAD = "settings.bad"
SCAN_S = 30.0
# What `notturno_core.limits.problem` says, for the catalogues: the band knows no templates.
PROBLEMS = (
    "DETECTOR is no mapping of names to numbers",
    "the detector has no setting {name}",
    "{name} must be a whole number from {low} to {high}",
    "{name} must be a text of at most {most} characters",
    "{name} must be one or more of {words}",
    "{name} must be one of {choices}",
)


@dataclass(frozen=True)
class OnBand:
    """values: what was changed; defaults: what holds else, of the program that is on the band.

    unknown: names that this version of notturno has not; aside: a file that was not right.
    """

    values: dict
    defaults: dict
    unknown: list[str]
    aside: bool


def read(line: Line, board: Board) -> OnBand:
    """Return the settings of the band at `line`; raises UserError where it has no program."""
    try:
        folder = SLOTS[board.current] or "/"
        defaults = line.ask(f"defaults({folder!r}, {limits.NAMES!r})")
        defaults |= {n: tuple(v) for n, v in defaults.items() if n in limits.WORDS}
    except BandError:
        raise UserError(
            "What is at {port} has no notturno on it; put it there first:  "
            "notturno flash --port {port}",
            port=line.port,
        ) from None
    data = text_of(line, plain.SETTINGS)
    values, unknown, aside = {}, [], BAD in board.root
    if data is not None:
        try:
            values, unknown = limits.checked(json.loads(data), plain.detector_names)
        except ValueError:  # the band puts it aside at its next start; so do we
            line.run(f"os.rename({plain.SETTINGS!r}, '/{BAD}')")
            aside = True
    return OnBand(values, defaults, unknown, aside)


def changed(found: OnBand, sets: dict, resets: Sequence[str]) -> dict:
    """Return the values after a change. sets: name -> value as typed; resets: names, or "all".

    Raises UserError for a name there is not, or a value outside its limits.
    """
    values: dict[str, Any] = {name: _copy(value) for name, value in found.values.items()}
    for typed in resets:
        if typed == "all":
            values = {}
            continue
        name, inner = named(typed)
        if inner is None:
            values.pop(name, None)
        else:
            values.get(name, {}).pop(inner, None)
    for typed, text in sets.items():
        name, inner = named(typed)
        value = _value(name, text)
        if inner is not None:
            value = {**values.get(name, {}), inner: value}
        wrong = limits.problem(name, value, plain.detector_names)
        if wrong:
            raise UserError(
                "{typed}={text}: {wrong_said}.", typed=typed, text=text, wrong_said=wrong
            )
        if name not in found.defaults:
            raise UserError(
                "The version on the band has no setting {typed}; update it first.", typed=typed
            )
        values[name] = value
    if not values.get(limits.DETECTOR, True):
        del values[limits.DETECTOR]
    return {n: v for n, v in values.items() if n not in found.defaults or v != found.defaults[n]}


def named(typed: str) -> tuple[str, str | None]:
    """Return the name of a setting, and of the detector's own where it is one.

    Raises UserError where there is none of that name.
    """
    name, dot, inner = typed.partition(".")
    name = name.upper()
    if name == limits.DETECTOR and dot:
        if inner in plain.detector_names():
            return name, inner
    elif name in limits.NAMES and not dot:
        if name != limits.DETECTOR:
            return name, None
        raise UserError("Name one of the detector's settings, e.g. detector.jerk_on_ug=2500.")
    raise UserError(
        "There is no setting {typed}; {near_said} (see --list).",
        typed=typed,
        near_said=_near(typed),
    )


def _near(typed: str) -> Phrase:
    from difflib import get_close_matches

    names = [name.lower() for name in limits.NAMES if name != limits.DETECTOR]
    names += [f"detector.{name}" for name in plain.detector_names()]
    near = get_close_matches(typed.lower(), names, n=3, cutoff=0.3)
    if not near:
        return Phrase("nothing is near to it")
    return Phrase("near to it are: {names}", names=", ".join(near))


def _value(name: str, text: str) -> tuple[str, ...] | int | str | None:
    if name in limits.TEXTS or name in limits.OR_NONE:
        if text.lower() in ("", "none"):
            return None
    if name in limits.WORDS:
        return tuple(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    if name in limits.TEXTS:
        return text
    try:
        return int(text.replace("_", ""))
    except ValueError:
        return text.lower() if name in limits.CHOICES else text


def _copy(value: dict[str, int] | int | str) -> dict[str, int] | int | str:
    return dict(value) if isinstance(value, dict) else value


def write(line: Line, found: OnBand, values: dict) -> None:
    """Put settings on the band; they hold from its next start. Raises UserError."""
    try:
        if values or found.values:
            put_in_place(line, plain.SETTINGS, plain.settings_text(values))
    except BandError as error:
        why_said = "its flash is full: run notturno sync" if error.full else str(error)
        raise UserError(
            "The band could not keep the settings ({why_said}); the old ones hold.",
            why_said=why_said,
        ) from None


async def over_the_air(
    virtual: str | None, wanted: str | None, keys: dict, change: Callable[[OnBand], dict | None]
) -> tuple:
    """Return (device id, OnBand, values) of the band in reach after `change(found)`.

    wanted: the device id it must have; virtual: of a virtual radio; change: returns the new
    values, or None. The defaults are those of this notturno's own firmware. Raises LinkLost,
    UserError.
    """
    from notturno_core import protocol

    from notturno.flashing import parcel
    from notturno.link import open_radio
    from notturno.link.proof import prove
    from notturno.sync.finding import NO_KEYS, find

    if not keys:
        raise UserError(NO_KEYS)
    name = None if wanted is None else protocol.name_of(bytes.fromhex(wanted))
    async with open_radio(virtual) as radio:
        band = await find(radio, name, SCAN_S)
        async with radio.connect(band) as connection:
            link = await prove(connection, keys)
            if wanted not in (None, link.device_id):
                raise UserError(
                    "The band in reach is {device_id}, not {wanted}.",
                    device_id=link.device_id,
                    wanted=wanted,
                )
            found = _said(await parcel.read(link, protocol.READ_SETTINGS))
            values = change(found)
            if values is not None:
                data = plain.settings_text(values)
                await parcel.send(link, protocol.PARCEL_SETTINGS, data)
    return link.device_id, found, found.values if values is None else values


def _said(data: bytes) -> OnBand:
    """Return an OnBand of a settings file that came over the air."""
    text = (firmware_files.folder() / "config.py").read_text(encoding="utf-8")
    defaults = {n: v for n, v in constants_in(text).items() if n in limits.NAMES}
    try:
        values, unknown = limits.checked(json.loads(data), plain.detector_names)
    except ValueError:  # also none at all
        return OnBand({}, defaults, [], bool(data))
    return OnBand(values, defaults, unknown, False)


def limits_text(name: str) -> str:
    """Return what a setting may be, in few words."""
    if name in limits.RANGES:
        return "{} to {}".format(*limits.RANGES[name]) + " or none" * (name in limits.OR_NONE)
    if name in limits.CHOICES:
        return ", ".join(map(str, limits.CHOICES[name]))
    if name in limits.WORDS:
        return "some of " + ",".join(limits.WORDS[name])
    return "a board's name, or none"
