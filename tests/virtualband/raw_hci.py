"""A host that speaks bare HCI packets over the line; no stack stands between it and a test."""

import asyncio

from bumble import hci
from bumble.transport.common import PacketParser
from virtual_kit import HANG_S

PLAIN_MASK = 0x1F  # the LE events of Bluetooth 4.0
ENHANCED_MASK = PLAIN_MASK | 1 << (hci.HCI_LE_ENHANCED_CONNECTION_COMPLETE_EVENT - 1)


class RawHost:
    """One line to a controller; `events`: what it has said, in order."""

    @classmethod
    async def attach(cls, where):
        self = cls()
        self.events = asyncio.Queue()
        self._reader, self._writer = await asyncio.open_connection(*where.split(":"))
        parser = PacketParser(self)
        self._task = asyncio.create_task(self._read(parser))
        return self

    async def _read(self, parser):
        while data := await self._reader.read(65536):
            parser.feed_data(data)
        self.events.put_nowait(None)

    def on_packet(self, packet):
        self.events.put_nowait(hci.HCI_Packet.from_bytes(packet))

    async def close(self):
        self._writer.close()
        await self._task

    def send(self, command):
        self._writer.write(bytes(command))

    async def event(self, wanted):
        """Return the next event for which wanted(event) is true."""
        while True:
            event = await asyncio.wait_for(self.events.get(), HANG_S)
            assert event is not None, "the controller has hung up"
            if wanted(event):
                return event

    async def answer(self, command):
        """Send a command and return its Command Complete."""
        self.send(command)
        return await self.event(lambda e: getattr(e, "command_opcode", None) == command.op_code)

    async def start(self, le_event_mask):
        await self.answer(hci.HCI_Reset_Command())
        mask = le_event_mask.to_bytes(8, "little")
        await self.answer(hci.HCI_LE_Set_Event_Mask_Command(le_event_mask=mask))

    async def public_address(self):
        answer = await self.answer(hci.HCI_Read_BD_ADDR_Command())
        return answer.return_parameters.bd_addr

    def connect(self, address, interval=24):
        self.send(
            hci.HCI_LE_Create_Connection_Command(
                le_scan_interval=16,
                le_scan_window=16,
                initiator_filter_policy=0,
                peer_address_type=address.address_type,
                peer_address=address,
                own_address_type=hci.OwnAddressType.PUBLIC,
                connection_interval_min=interval,
                connection_interval_max=interval,
                max_latency=0,
                supervision_timeout=200,
                min_ce_length=0,
                max_ce_length=0,
            )
        )

    async def connection_complete(self):
        return await self.event(
            lambda e: isinstance(
                e,
                (
                    hci.HCI_LE_Connection_Complete_Event,
                    hci.HCI_LE_Enhanced_Connection_Complete_Event,
                ),
            )
        )
