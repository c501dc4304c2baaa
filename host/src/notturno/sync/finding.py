"""Which bands are in reach. Touches the radio given. A name proves nothing: the key does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from notturno_core import protocol

from notturno.errors import UserError
from notturno.link import Found, LinkLost

if TYPE_CHECKING:
    from notturno.link.ble import Radio

OTHERS_S = 3.0  # how long others are looked for where one proved nothing
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


async def find(radio: Radio, name: str | None, timeout_s: float, again: bool = False) -> Found:
    """Return the one band in reach, or the one of that name, as soon as it is heard.

    again: it was there before. Raises UserError where there is none or a choice; LinkLost where
    one that was there is silent now.
    """
    found = await bands_near(radio, name, (), timeout_s)
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(
            "Several bands are near: {listed}; choose one with --band NAME.", listed=_listed(found)
        )
    if again:
        raise LinkLost("the band does not advertise any more")
    raise UserError(NOBODY)


async def bands_near(
    radio: Radio, name: str | None, expected: Iterable[str], timeout_s: float
) -> list[Found]:
    """Return the bands in reach: those of a name, or all.

    expected: names that are waited for; with none of them known, a moment after the first one is
    enough. Raises UserError where others are near but none of that name.
    """
    expected = set(expected)

    def enough(found: list[Found]) -> bool:
        if name is not None:
            return any(is_called(band, name) for band in found)
        return expected <= {band.name for band in found}

    found = await radio.scan(timeout_s, enough if name is not None or expected else None)
    if name is None:
        return found
    wanted = [band for band in found if is_called(band, name)]
    if found and not wanted:
        raise UserError(
            "No band {name} is near, but: {listed}; choose one of them with --band.",
            name=name,
            listed=_listed(found),
        )
    return wanted


class Search:
    """One sync's search for the bands whose keys are known, or the one of a name.

    keys: by device id, hex. `found`: every band heard so far that may be one, by address.
    """

    def __init__(
        self, radio: Radio, name: str | None, keys: Iterable[str], timeout_s: float
    ) -> None:
        self._radio = radio
        self._name = name
        self._ids = set(keys)
        self._timeout_s = timeout_s
        self.found: dict[str, Found] = {}

    async def first(self) -> list[Found]:
        """Return the bands in reach. Raises UserError where there is none."""
        expected = [protocol.name_of(bytes.fromhex(device_id)) for device_id in self._ids]
        near = await bands_near(
            self._radio, self._name, () if self._name else expected, self._timeout_s
        )
        if not near:
            raise UserError(NOBODY)
        self.found = {band.address: band for band in near}
        # Those that bear the name of a known band first: strangers cost their time last.
        return sorted(near, key=lambda band: band.name not in expected)

    async def again(self, waiting: list[Found], proven: bool) -> list[Found]:
        """Listen anew, as systems want before each new attempt; return bands not heard before.

        waiting: those to be tried again. proven: the one that failed had proved its key, so there
        is no need to look for others that bear its name.
        """
        addresses = {band.address for band in waiting}

        def enough(found: list[Found]) -> bool:
            here = {band.address for band in found}
            new = any(self._may_be(band) for band in found if band.address not in self.found)
            return new or (proven and addresses <= here)

        timeout_s = self._timeout_s if proven and waiting else min(OTHERS_S, self._timeout_s)
        heard = [band for band in await self._radio.scan(timeout_s, enough) if self._may_be(band)]
        new = [band for band in heard if band.address not in self.found]
        self.found |= {band.address: band for band in heard}
        return new

    def silent(self) -> list[str]:
        """Return the names of the bands whose keys are known that nobody was heard to bear."""
        if self._name:
            return []
        heard = {band.name for band in self.found.values()}
        names = {protocol.name_of(bytes.fromhex(device_id)) for device_id in self._ids}
        return sorted(names - heard)

    def over(self, done: set[str]) -> bool:
        """Say whether the bands (device ids) that were asked for are done."""
        return bool(done) if self._name else self._ids <= done

    def _may_be(self, band: Found) -> bool:
        return self._name is None or is_called(band, self._name)


def _listed(found: list[Found]) -> str:
    return ", ".join(f"{band.name} ({band.address})" for band in found)
