"""What goes wrong on the air, on demand.

Touches nothing. Speaks seconds, packets and ATT's MTU in bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

POOL_PACKETS = 12  # what the device's stack queues before it says ENOMEM


@dataclass
class Faults:
    """The faults of one air: plain attributes, to be set at any time and from any thread.

    A packet is one L2CAP packet of any link, in either direction. The two counts are of packets
    from now on; each strikes once and is None again.
    """

    lose_link_after: int | None = None  # the next packet ends its link: both ends see a time-out
    silence_after: int | None = None  # the next packet, and all later ones of its link, vanish
    supervision_s: float | None = None  # both ends of a silent link see it end after this
    delay_s: float = 0.0  # of every packet
    pool_packets: int = POOL_PACKETS  # of a band's stack; 0: it has never room
    att_mtu: int | None = None  # what a band's stack has, whatever its program asked for

    def strikes(self, count: str) -> bool:
        """Count one packet off the attribute `count`; True when it is this packet's turn."""
        left = getattr(self, count)
        if left is None:
            return False
        setattr(self, count, left - 1 if left > 0 else None)
        return left <= 0
