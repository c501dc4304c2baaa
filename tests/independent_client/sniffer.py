"""What one who listens to the air hears: every value that GATT carries, read off the HCI packets.

A virtual radio does not encrypt the link, so that what is told from these values is what the
band's own seal lets be told.
"""

from collections import defaultdict

from bumble.att import Opcode
from bumble.hci import HCI_AclDataPacket, HCI_AclDataPacketAssembler, HCI_Packet
from bumble.snoop import Snooper

ATT_CID = 4
AT_VALUE = {  # where the value begins in a PDU
    Opcode.ATT_READ_RESPONSE: 1,
    Opcode.ATT_WRITE_REQUEST: 3,
    Opcode.ATT_WRITE_COMMAND: 3,
    Opcode.ATT_HANDLE_VALUE_NOTIFICATION: 3,
    Opcode.ATT_HANDLE_VALUE_INDICATION: 3,
}


class Sniffer(Snooper):
    """Gathers the values of a connection by the operation that carried them, in their order."""

    def __init__(self):
        self.values: dict[Opcode, list[bytes]] = defaultdict(list)
        self.assemblers = {way: HCI_AclDataPacketAssembler(self._heard) for way in self.Direction}

    def snoop(self, hci_packet: bytes, direction: Snooper.Direction) -> None:
        packet = HCI_Packet.from_bytes(hci_packet)
        if isinstance(packet, HCI_AclDataPacket):
            self.assemblers[direction].feed_packet(packet)

    def _heard(self, pdu: bytes) -> None:
        if int.from_bytes(pdu[2:4], "little") == ATT_CID and pdu[4] in AT_VALUE:
            op = Opcode(pdu[4])
            self.values[op].append(pdu[4 + AT_VALUE[op] :])

    def heard(self, op: Opcode) -> bytes:
        """Return the pieces that op carried, joined without their heads."""
        return b"".join(value[1:] for value in self.values[op])

    def everything(self) -> bytes:
        return b"\0\0".join(self.heard(op) for op in AT_VALUE)
