"""What bands say of themselves, for `sync`, `nights` and `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.store import Store


def band_complaints(
    store: Store, device_id: str | None = None, from_seq: int | None = None
) -> list[dict]:
    """Return what a band, or (None) every band, complains of, with its words.

    Keys: device_id, seq, what, code, text. from_seq: see the store's `complaints`.
    """
    from notturno.checks import complaint_text

    devices = store.heard_devices() if device_id is None else [device_id]
    return [
        {"device_id": device} | said | {"text": complaint_text(said)}
        for device in devices
        for said in store.complaints(device, from_seq)
    ]
