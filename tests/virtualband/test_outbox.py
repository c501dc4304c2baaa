"""What a device says of its packets that were still waiting when its link went."""

import asyncio
import struct
from types import SimpleNamespace

from notturno.virtualband.faults import Faults
from notturno.virtualband.outbox import IRQ_INDICATE_DONE, STATUS_NOT_CONNECTED, Outbox


def test_each_indication_that_waited_is_told_as_failed_by_its_handle_and_no_notification_is():
    async def story():
        told = []
        connection = SimpleNamespace(handle=3)
        box = Outbox(None, connection, {}, Faults(), told.append)
        for handle, indicate in ((21, True), (24, False), (27, True)):
            assert box.put(handle, b"abc", indicate)
        box.fail_pending()
        box.close()
        return [struct.unpack("<BHHB", each) for each in told]

    failed = IRQ_INDICATE_DONE, 3, STATUS_NOT_CONNECTED
    assert asyncio.run(story()) == [(*failed[:2], handle, failed[2]) for handle in (21, 27)]
