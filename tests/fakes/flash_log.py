"""The log as it lies in a virtual band's flash. Touches the band's flash folder, reading."""

from notturno_core import wire


def frames_in_flash(band):
    """Return the record frames from the very files of the band's flash."""
    found = []
    for path in sorted((band.flash / "log").glob("log-*.bin")):
        data = path.read_bytes()
        at = 0
        while at < len(data):
            frame = wire.frame_at(data, at, len(data))
            assert frame is not None
            found.append(data[at : at + frame[3]])
            at += frame[3]
    return found
