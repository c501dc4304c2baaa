"""The key of a band that was just given its program: one for the band and for this computer.

Touches a band by cable, and the keys in the data folder.
"""

from notturno import keys
from notturno.errors import Phrase, UserError
from notturno.keys import cable


def give(port: str, ring: keys.KeyRing) -> tuple[str, str]:
    """Let the band and this computer hold one key; return the band's id, one sentence.

    A key that the band has already stays. The band starts anew. Raises UserError.
    """
    band = cable.put(port, keys.new_key(), replace=False)
    assert band.key is not None  # it has just been put there, or was there
    try:
        state = ring.add(band.device_id, band.key, "deploy", replace=True)
    except UserError as error:
        raise UserError(
            "{why_said} (The band has its program and its key; flash it again once this works.)",
            why_said=error,
        ) from None
    said = Phrase(
        "The band {device_id} keeps its key; it is now kept in {folder}, too.",
        device_id=band.device_id,
        folder=ring.folder,
    )
    if band.made:
        said = Phrase(
            "The band {device_id} has got a key of its own; it is kept in {folder}.",
            device_id=band.device_id,
            folder=ring.folder,
        )
    elif state == keys.SAME:
        said = Phrase(
            "The band {device_id} keeps its key, which is known here.", device_id=band.device_id
        )
    return band.device_id, said
