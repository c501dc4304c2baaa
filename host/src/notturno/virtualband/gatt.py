"""The band's table of characteristics, as the program on it has registered them.

Touches the Bumble device given. Speaks MicroPython's flags and Bumble's attribute handles.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bumble import att
from bumble.core import UUID
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service

if TYPE_CHECKING:
    from bumble.device import Connection, Device

FLAG_READ, FLAG_WRITE_NO_RESPONSE, FLAG_WRITE = 0x02, 0x04, 0x08
FLAG_READ_ENCRYPTED, FLAG_READ_AUTHENTICATED = 0x0200, 0x0400
FLAG_WRITE_ENCRYPTED, FLAG_WRITE_AUTHENTICATED = 0x1000, 0x2000
PROPERTY_MASK = 0x7F


class GattTable:
    """Attributes by handle and their values.

    written(connection, handle, value): awaited when a host writes, before it gets its answer.
    """

    def __init__(self, device: Device, written: Callable[..., Awaitable[None]]) -> None:
        self._device = device
        self._written = written
        self.attributes: dict[int, Characteristic | Descriptor] = {}
        self.values: dict[int, bytes] = {}

    def register(self, services: list) -> list[list[int]]:
        """Add services: [[uuid, [[uuid, flags, [[uuid, flags], ...]], ...]], ...] -> handles."""
        handles = []
        for service_uuid, rows in services:
            made = []
            characteristics = []
            for uuid, flags, descriptors in rows:
                extra = [self._attribute(Descriptor, u, f) for u, f in descriptors]
                characteristic = self._attribute(Characteristic, uuid, flags, extra)
                characteristics.append(characteristic)
                made += [characteristic, *extra]
            self._device.add_service(Service(UUID(service_uuid), characteristics))
            for attribute in made:
                self.attributes[attribute.handle] = attribute
                self.values[attribute.handle] = b""
            handles.append([attribute.handle for attribute in made])
        return handles

    def _attribute(self, kind: Any, uuid: str, flags: int, descriptors: list | tuple = ()) -> Any:
        permissions = att.Attribute.Permissions(0)
        for flag, permission in (
            (FLAG_READ, "READABLE"),
            (FLAG_WRITE | FLAG_WRITE_NO_RESPONSE, "WRITEABLE"),
            (FLAG_READ_ENCRYPTED, "READ_REQUIRES_ENCRYPTION"),
            (FLAG_READ_AUTHENTICATED, "READ_REQUIRES_AUTHENTICATION"),
            (FLAG_WRITE_ENCRYPTED, "WRITE_REQUIRES_ENCRYPTION"),
            (FLAG_WRITE_AUTHENTICATED, "WRITE_REQUIRES_AUTHENTICATION"),
        ):
            if flags & flag:
                permissions |= att.Attribute.Permissions[permission]
        cell = []

        # Bumble's server asks for encryption alone; a device's stack refuses these, too.
        def read(_connection: Connection) -> bytes:
            if not permissions & att.Attribute.READABLE:
                raise att.ATT_Error(att.ATT_READ_NOT_PERMITTED_ERROR)
            return self.values[cell[0].handle]

        async def write(connection: Connection, data: bytes) -> None:
            if not permissions & att.Attribute.WRITEABLE:
                raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR)
            await self._written(connection, cell[0].handle, data)

        value = CharacteristicValue(read=read, write=write)
        if kind is Characteristic:
            properties = Characteristic.Properties(flags & PROPERTY_MASK)
            made = Characteristic(UUID(uuid), properties, permissions, value, descriptors)
        else:
            made = Descriptor(UUID(uuid), permissions, value)
        cell.append(made)
        return made
