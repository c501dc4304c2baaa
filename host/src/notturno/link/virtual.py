"""The virtual radio: a standard HCI controller behind HOST:PORT, with a Bluetooth host over it.

Touches a TCP connection. The host stack is Bumble; bleak's own classes sit on top of the two
backends in `backend.py`. Time is that of the world behind the radio, UTC in ms.
"""

import asyncio
import dataclasses
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble import core, hci
from bumble.device import Device, DeviceConfiguration
from bumble.transport import open_transport
from bumble.transport.common import Transport

from notturno.errors import UserError
from notturno.link.backend import backends_over
from notturno.link.ble import Radio

CONTROLLER_TIMEOUT_S = 10.0

# What matters of the host stack comes as an exception. Its log tells the rest, an answer to a
# command that Ctrl-C has cut off, say: to who has set up logging, and not to the terminal.
logging.getLogger("bumble").addHandler(logging.NullHandler())

# Vendor command: which time is it in the world behind this controller.
HCI_WORLD_TIME_COMMAND = hci.hci_vendor_command_op_code(0x0001)
hci.HCI_Command.register_commands(globals())


@dataclasses.dataclass
class HCI_World_Time_ReturnParameters(hci.HCI_StatusReturnParameters):
    """UTC in ms, unsigned, little-endian."""

    utc_ms: bytes = dataclasses.field(metadata=hci.metadata(8), default=bytes(8))


@hci.HCI_SyncCommand.sync_command(HCI_World_Time_ReturnParameters)
@dataclasses.dataclass
class HCI_World_Time_Command(hci.HCI_SyncCommand[HCI_World_Time_ReturnParameters]):
    """Ask for the world's time; no parameters."""


# Vendor command: the simulated person is asked for something (notturno.link.WEARER_*).
HCI_WEARER_COMMAND = hci.hci_vendor_command_op_code(0x0002)
hci.HCI_Command.register_commands(globals())


@hci.HCI_SyncCommand.sync_command(hci.HCI_StatusReturnParameters)
@dataclasses.dataclass
class HCI_Wearer_Command(hci.HCI_SyncCommand[hci.HCI_StatusReturnParameters]):
    """Ask the simulated person; what: of WEARER_*."""

    what: int = dataclasses.field(metadata=hci.metadata(1))


@asynccontextmanager
async def open_virtual_radio(address: str) -> AsyncIterator[Radio]:
    """Give a `Radio` over the controller at HOST:PORT. Raises UserError where there is none."""
    try:
        host, _, port = address.rpartition(":")
        if not host or not 0 < int(port) < 65536:
            raise ValueError
    except ValueError:
        raise UserError(
            "{address} is no HOST:PORT, for example 127.0.0.1:9001.", address=address
        ) from None
    try:
        transport = await asyncio.wait_for(
            open_transport(f"tcp-client:{address}"), CONTROLLER_TIMEOUT_S
        )
    except TimeoutError as error:  # an OSError, too: somebody is there, or drops what we say
        raise UserError(
            "{address} has not answered for {timeout_s} seconds; look whether the  notturno band  "
            "there still runs and whether a firewall is in the way, and try again.",
            address=address,
            timeout_s=round(CONTROLLER_TIMEOUT_S),
        ) from error
    except (OSError, core.BaseBumbleError) as error:
        raise UserError(
            "No virtual band is at {address}; start one with  notturno band  "
            "and use the address that it prints.",
            address=address,
        ) from error
    async with transport:
        try:
            device = await asyncio.wait_for(_power_on(transport), CONTROLLER_TIMEOUT_S)
        except (OSError, core.BaseBumbleError, asyncio.CancelledError) as error:
            if _told_to_end():
                raise
            raise UserError(
                "Nothing at {address} answers as a Bluetooth controller; use "
                "the HCI address that  notturno band  prints.",
                address=address,
            ) from error
        scanner, client = backends_over(device, transport)
        try:
            yield Radio(
                scanner,
                client,
                utc_now_ms=lambda: world_time_ms(device),
                ask_wearer=lambda what: ask_wearer(device, what),
            )
        finally:
            await _power_off(device)


async def _power_on(transport: Transport) -> Device:
    address = bytearray(secrets.token_bytes(6))
    address[5] |= 0xC0  # a static random address has its two highest bits set
    device = Device.from_config_with_hci(
        DeviceConfiguration(
            name="notturno host",
            address=hci.Address(bytes(address), hci.Address.RANDOM_DEVICE_ADDRESS),
        ),
        transport.source,
        transport.sink,
    )
    await device.power_on()
    return device


def _told_to_end() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _power_off(device: Device) -> None:
    try:
        await asyncio.wait_for(device.power_off(), 2.0)
    except (OSError, core.BaseBumbleError, asyncio.CancelledError):
        if _told_to_end():
            raise  # somebody wants us to end; else the controller is gone, which is off enough


async def world_time_ms(device: Device) -> int:
    """Return UTC in ms of the world behind the controller.

    A controller that does not know the command is part of our own world.
    """
    try:
        # Shielded: a command that is cut off leaves its answer to the next one.
        answer = await asyncio.shield(device.host.send_sync_command(HCI_World_Time_Command()))
    except core.BaseBumbleError:
        return int(time.time() * 1000)
    return int.from_bytes(answer.utc_ms, "little")


async def ask_wearer(device: Device, what: int) -> None:
    """Ask something of the person in the world behind the controller.

    Raises UserError where there is nobody, or who is there does not do it.
    """
    try:
        answer = await asyncio.shield(device.host.send_sync_command(HCI_Wearer_Command(what=what)))
        done = answer.status == hci.HCI_ErrorCode.SUCCESS
    except core.BaseBumbleError:
        done = False
    if not done:
        raise UserError(
            "The simulated person does not do what is asked (asleep, or not there); start the "
            "virtual band with  notturno band , wait until its nights are over, and try again."
        )
