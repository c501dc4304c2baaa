"""Which bands are in reach. Touches the radio given. A name proves nothing: the key does."""

from collections.abc import Iterable

from notturno.errors import UserError
from notturno.link import Found, LinkLost

NOBODY = (
    "No band was found: put it on its charger or press its button, bring it near, and make "
    "sure that no other computer or phone is connected to it."
)

NO_KEYS = (
    "This data folder holds no band's key, so no band tells it anything; bring the key here with  "
    "notturno bands key add  (on the computer that has it: notturno bands key show), make one by "
    "cable with  notturno bands key renew , or name the right folder with --data-dir."
)


def is_called(band: Found, name: str) -> bool:
    """Say whether a band that advertises answers to a name or an address."""
    return name in (band.name, band.address)


async def find(radio, name: str | None, timeout_s: float, again: bool = False) -> Found:
    """Return the one band in reach, or the one of that name, as soon as it is heard.

    again: it was there before. Raises UserError where there is none or a choice; LinkLost where
    one that was there is silent now.
    """
    found = await bands_near(radio, name, (), timeout_s)
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"Several bands are near: {_listed(found)}; choose one with --band NAME.")
    if again:
        raise LinkLost("the band does not advertise any more")
    raise UserError(NOBODY)


async def bands_near(
    radio, name: str | None, expected: Iterable[str], timeout_s: float
) -> list[Found]:
    """Return the bands in reach: those of a name, or all.

    expected: names that are waited for; with none of them known, a moment after the first one is
    enough. Raises UserError where others are near but none of that name.
    """
    expected = set(expected)

    def enough(found):
        if name is not None:
            return any(is_called(band, name) for band in found)
        return expected <= {band.name for band in found}

    found = await radio.scan(timeout_s, enough if name is not None or expected else None)
    if name is None:
        return found
    wanted = [band for band in found if is_called(band, name)]
    if found and not wanted:
        raise UserError(
            f"No band {name} is near, but: {_listed(found)}; choose one of them with --band."
        )
    return wanted


def _listed(found):
    return ", ".join(f"{band.name} ({band.address})" for band in found)
