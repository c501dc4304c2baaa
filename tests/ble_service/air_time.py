"""How long a trace takes on the air: a model of one LE connection, computed and never waited for.

1M PHY, data packets of up to 251 bytes (the numbers of Bluetooth Core 5.4, vol. 6, part B): each
packet of the band is answered by the host's empty one, and an event ends where the next pair no
longer fits the interval. A confirmation is sent in the event after the one that brought its
indication: the host's system has had time to see it.
"""

INTER_FRAME_US = 150
EMPTY_US = (1 + 4 + 2 + 3) * 8
LL_MAX = 251
ATT_AND_L2CAP = 3 + 4  # before each value


def packet_us(n: int) -> int:
    """Return the time of one data packet with its answer and both gaps."""
    return (1 + 4 + 2 + n + 3) * 8 + INTER_FRAME_US + EMPTY_US + INTER_FRAME_US


def seconds(trace, interval_us: int, stop_and_wait: bool = False) -> float:
    """Return how long a trace takes: ("notify" | "indicate", bytes of the value), in order.

    An indication waits until the one before it is confirmed. stop_and_wait: whatever follows an
    indication waits for its confirmation too.
    """
    event = 0
    used_us = 0
    confirmed_in = 0  # the event in which the last indication's confirmation comes
    for kind, n in trace:
        left = n + ATT_AND_L2CAP
        if kind == "indicate" and event < confirmed_in:
            event, used_us = confirmed_in, 0
        while left > 0:
            us = packet_us(min(left, LL_MAX))
            if used_us + us > interval_us:
                event, used_us = event + 1, 0
            used_us += us
            left -= LL_MAX
        if kind == "indicate":
            confirmed_in = event + 1
            if stop_and_wait:
                event, used_us = confirmed_in, 0
    return (event * interval_us + used_us) / 1e6
