"""The command `mqtt`: tell a home's own automation of last night."""

import os
from pathlib import Path
from types import ModuleType

import click

from notturno import __version__
from notturno.cli.options import HELP_NAMES, data_dir_option, open_for_reading
from notturno.errors import UserError
from notturno.words import _

PASSWORD = "NOTTURNO_MQTT_PASSWORD"
PORT, TLS_PORT = 1883, 8883
WAIT_S = 15


@click.command(context_settings=HELP_NAMES)
@click.option("--broker", required=True, metavar="HOST[:PORT]", help="Where the messages go.")
@click.option("--user", metavar="NAME", help=f"With the password in {PASSWORD} or a file.")
@click.option("--password-file", type=click.Path(), metavar="FILE", help="Its first line.")
@click.option("--tls", is_flag=True, help="Encrypted, with the certificate checked.")
@click.option("--band", metavar="BAND", help="Only this band: its name or id.")
@click.option("--remove", is_flag=True, help="Take the sensors away from Home Assistant again.")
@data_dir_option
def command(
    broker: str, user, password_file: str | None, tls: bool, band: str, remove: bool, folder: str
) -> None:
    """Send last night's figures over MQTT, as Home Assistant discovers them.

    Nothing is sent anywhere unless you give this command; figures leave this computer with it.
    """
    import asyncio

    try:
        import aiomqtt
    except ImportError:
        raise UserError("MQTT needs aiomqtt; install it: pip install 'notturno[mqtt]'.") from None
    from notturno.homes import mqtt

    host, port = _address(broker, tls)
    with open_for_reading(folder) as store:
        device = None if band is None else store.band_id(band)
        rows = _newest(store.nights(last=14, device_id=device))
    if not rows:
        raise UserError("Nothing is stored yet: bring your band near and run  notturno sync")
    sent = []
    for row in rows:
        sent += mqtt.gone(row["device_id"]) if remove else mqtt.messages(row, __version__)
    try:
        asyncio.run(_send(aiomqtt, host, port, user, _password(password_file), tls, sent))
    except (aiomqtt.MqttError, OSError, TimeoutError) as error:
        raise UserError(
            "The broker at {host}:{port} did not take it ({why_said}); check "
            "address, user and password.",
            host=host,
            port=port,
            why_said=str(error) or "no answer",
        ) from None
    what = _("Taken away") if remove else _("Sent")
    for row in rows:
        click.echo(
            _("{what}: {band}, night {night}, to {host}:{port}").format(
                what=what, band=row["band"], night=row["night"], host=host, port=port
            )
        )


def _newest(rows: list[dict]) -> list[dict]:
    """Return the newest complete night of each band; the newest of all where none is."""
    found: dict = {}
    for row in rows:
        known = found.get(row["device_id"])
        if known is None or row["state"] == "complete" or known["state"] != "complete":
            found[row["device_id"]] = row
    return list(found.values())


def _address(broker: str, tls: bool) -> tuple[str, int]:
    host, sign, port = broker.rpartition(":")
    if not sign:
        return broker, TLS_PORT if tls else PORT
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(
            "{broker} is no address; write it as broker.local or broker.local:1883.", broker=broker
        )
    return host.strip("[]"), int(port)


def _password(file: str | None):
    if file is None:
        return os.environ.get(PASSWORD)
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise UserError(
            "The password file {file} cannot be read ({why_said}).",
            file=file,
            why_said=getattr(error, "strerror", None) or "no line of text in it",
        ) from None


async def _send(
    aiomqtt: ModuleType,
    host: str,
    port: int,
    user,
    password: str | None,
    tls: bool,
    messages: list[tuple[str, str, bool]],
) -> None:
    settings = aiomqtt.TLSParameters() if tls else None
    client = aiomqtt.Client(
        host, port, username=user, password=password, tls_params=settings, timeout=WAIT_S
    )
    async with client:
        for topic, payload, retain in messages:
            await client.publish(topic, payload, qos=1, retain=retain)
