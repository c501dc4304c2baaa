"""Between the port behind which the controller is and /dev/vhci, where the kernel expects it.

Speaks HCI packets (H4). The kernel wants each whole packet in one write. Notes in /run/trace, one
line each, what says how long a host takes: "seconds word", see WORDS.
"""

import os
import select
import time

from ports import path_of

COMMAND, ACL, EVENT = 1, 2, 4
HEADS = {ACL: (5, 3, 2), EVENT: (3, 2, 1)}  # kind: bytes of head, where its length stands, of it
VENDOR = 0xFF
CONNECTED, ENHANCED = 0x01, 0x0A
DISCONNECTED, LE_META = 0x05, 0x3E
ATT_CHANNEL = 4
WRITE = 0x12
SUBSCRIPTION = 5  # bytes of an ATT write of two bytes
WORDS = "connected cancelled disconnected att_request write"
PACKETS = "/run/packets"  # all of them, in hex


class Trace:
    """Notes when what happened on the link."""

    def __init__(self, file, packets):
        self._file = file
        self._packets = packets

    def note(self, word):
        self._file.write(f"{time.monotonic():.4f} {word}\n")

    def keep(self, way, packet):
        self._packets.write(f"{time.monotonic():.4f} {way} {packet.hex()}\n")

    def heard(self, packet):
        """From the controller."""
        self.keep("<", packet)
        if packet[0] == EVENT and packet[1] == LE_META and packet[3] in (CONNECTED, ENHANCED):
            self.note("connected" if packet[4] == 0 else "cancelled")
        elif packet[0] == EVENT and packet[1] == DISCONNECTED:
            self.note("disconnected")

    def said(self, packet):
        """From the host."""
        self.keep(">", packet)
        if packet[0] != ACL or len(packet) < 10 or packet[7:9] != bytes((ATT_CHANNEL, 0)):
            return
        att = packet[9:]
        self.note("write" if att[0] == WRITE and len(att) > SUBSCRIPTION else "att_request")


def packets(buffer):
    """Take the whole packets off the head of a bytearray."""
    while buffer:
        if buffer[0] not in HEADS:
            raise SystemExit(f"no HCI packet begins with {buffer[0]}")
        head, at, width = HEADS[buffer[0]]
        if len(buffer) < head:
            return
        size = head + int.from_bytes(buffer[at : at + width], "little")
        if len(buffer) < size:
            return
        packet = bytes(buffer[:size])
        del buffer[:size]
        yield packet


def main():
    port = os.open(path_of("hci"), os.O_RDWR)
    vhci = os.open("/dev/vhci", os.O_RDWR)
    os.write(vhci, bytes((VENDOR, 0)))  # make a controller
    buffer = bytearray()
    poll = select.poll()
    poll.register(port, select.POLLIN)
    poll.register(vhci, select.POLLIN)
    with open("/run/trace", "w", buffering=1) as file, open(PACKETS, "w", buffering=1) as kept:
        trace = Trace(file, kept)
        while True:
            for source, _ in poll.poll():
                data = os.read(source, 4096)
                if source == port:
                    if not data:
                        raise SystemExit("the controller is gone")
                    buffer += data
                    for packet in packets(buffer):
                        trace.heard(packet)
                        os.write(vhci, packet)
                elif data[0] != VENDOR:
                    trace.said(data)
                    while data:
                        data = data[os.write(port, data) :]


if __name__ == "__main__":
    main()
