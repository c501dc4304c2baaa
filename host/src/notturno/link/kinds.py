"""What a search finds and how a talk may fail, named once for the room and for who asks it.

Touches nothing and imports nothing heavy.
"""

from dataclasses import dataclass
from typing import Any

from notturno.errors import UserError

# How long a known band is looked for: after strangers it is silent for up to 32 s (PROTOCOL.md).
SCAN_TIMEOUT_S = 40.0
# What a simulated person may be asked over the virtual radio; a real one is asked by the screen.
WEARER_PUT_ON, WEARER_MOVE, WEARER_TAKE_OFF = 1, 2, 3


class LinkLost(Exception):
    """The connection broke, or the band stopped answering; another attempt may succeed."""


class Refused(UserError):
    """This band cannot be talked to as things are; the message says why and what to do."""


class UnknownBand(Refused):
    """The band holds no key of ours: it is a stranger's, or only says that it is ours."""


@dataclass(frozen=True)
class Found:
    """A band that advertises: its name and address, and what bleak wants to know."""

    name: str
    address: str
    device: Any
