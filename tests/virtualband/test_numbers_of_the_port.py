"""Numbers that the virtual band shares with others: MicroPython's, the port's, Bluetooth's, I2C's.

Written out from MicroPython's manual (library/bluetooth), from ESP-IDF's newlib
errno.h, and from the Bluetooth Core and I2C specifications; not from the code.
"""

import errno

import pytest

pytest.importorskip("bumble")
from notturno.virtualband import (  # noqa: E402
    board,
    ether,
    evening,
    faults,
    gatt,
    outbox,
    outside,
    peripheral,
    radio,
)
from notturno.virtualband.chips import bus  # noqa: E402


def test_interrupts_of_the_radio_are_micropythons():
    told = (peripheral.IRQ_CONNECT, peripheral.IRQ_DISCONNECT, peripheral.IRQ_WRITE)
    assert told == (1, 2, 3)  # _IRQ_CENTRAL_CONNECT, _IRQ_CENTRAL_DISCONNECT, _IRQ_GATTS_WRITE
    # _IRQ_GATTS_INDICATE_DONE, _IRQ_MTU_EXCHANGED, _IRQ_ENCRYPTION_UPDATE
    assert (outbox.IRQ_INDICATE_DONE, peripheral.IRQ_MTU, peripheral.IRQ_ENCRYPTION) == (
        20,
        21,
        28,
    )


def test_flags_of_a_characteristic_are_micropythons():
    assert (gatt.FLAG_READ, gatt.FLAG_WRITE_NO_RESPONSE, gatt.FLAG_WRITE) == (2, 4, 8)
    assert (gatt.FLAG_READ_ENCRYPTED, gatt.FLAG_READ_AUTHENTICATED) == (0x200, 0x400)
    assert (gatt.FLAG_WRITE_ENCRYPTED, gatt.FLAG_WRITE_AUTHENTICATED) == (0x1000, 0x2000)
    assert gatt.PROPERTY_MASK == 0x7F  # what a characteristic declares over the air, in one byte


def test_errors_are_the_numbers_that_a_program_on_an_esp32_sees():
    """newlib's, which are Linux's but for the network's."""
    assert (peripheral.ENOMEM, peripheral.EINVAL) == (errno.ENOMEM, errno.EINVAL) == (12, 22)
    assert peripheral.ENOTCONN == 128 and bus.ETIMEDOUT == 116
    assert radio.ENODEV == bus.ENODEV == errno.ENODEV == 19 and radio.EIO == errno.EIO == 5


def test_units_of_the_air_are_bluetooths():
    assert peripheral.INTERVAL_UNIT_MS == 0.625  # of advertising, Core Vol 6 Part B 4.4.2.2
    assert ether.INTERVAL_MIN == 6  # 7.5 ms in 1.25 ms, the shortest connection interval
    assert (outbox.STATUS_NOT_CONNECTED, outbox.STATUS_TIMEOUT) == (7, 13)  # NimBLE's BLE_HS_E*
    assert outside.DEFAULT_LE_EVENT_MASK == 0x1F  # Core Vol 4 Part E 7.8.1


def test_our_own_commands_are_in_the_group_that_is_free_for_vendors():
    assert outside.WORLD_TIME_OPCODE == 0xFC01 and outside.WEARER_OPCODE == 0xFC02
    assert outside.WORLD_TIME_COMMAND == b"\x01\x01\xfc"
    assert outside.WEARER_COMMAND == b"\x01\x02\xfc\x01"
    from notturno.link import virtual

    wanted = (evening.PUT_ON, evening.MOVE, evening.TAKE_OFF)
    assert wanted == (1, 2, 3)
    assert virtual.HCI_Wearer_Command.op_code == outside.WEARER_OPCODE
    assert virtual.HCI_World_Time_Command.op_code == outside.WORLD_TIME_OPCODE


def test_a_bus_is_nine_clocks_a_byte_and_nine_pulses_free_it():
    """UM10204: eight bits and the acknowledge; nine clocks let a slave give the line back."""
    assert bus.CLOCKS_PER_BYTE == board.UNSTICK_PULSES == 9
    assert bus.ADDRESSING_BYTES == 3  # address, register, address once more to read
    assert faults.POOL_PACKETS == 12  # CONFIG_BT_NIMBLE_MSYS_1_BLOCK_COUNT
