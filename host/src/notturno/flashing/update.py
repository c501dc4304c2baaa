"""From one version of the program to the next, by cable, with a running band at every moment.

Touches a band through its prompt. The new version goes into the slot that is not in use: the
manifest away, stale files away, what differs sent (or copied from the other slot, where it is the
same), all of it hashed by the band and compared, the manifest last. Then the pointer, which makes
it a trial; then, seldom, stage 0 in the root, each file put in place in one step. Cut anywhere,
the band starts the old version or the new one, whole; and the same again goes on where it ended.
"""

from collections.abc import Callable
from dataclasses import dataclass

from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import plain, sensor_files
from notturno.flashing.board import SLOTS, Board
from notturno.flashing.line import BandError, Line
from notturno.flashing.package import MANIFEST, Package, sha256
from notturno.flashing.sending import put_in_place, send

SPARE_BLOCKS = 8  # for the pointer, stage 0, settings, and the file system's own
TIMES = 2  # what does not come back as it was sent is sent once more


@dataclass(frozen=True)
class Done:
    """What an update has done. slot: the one that holds the version; was: the version before.

    sent, copied, kept, removed: files; sent_bytes: over the cable. changed: something is new, and
    shows itself at the next start. failed: the version that did not start, of an earlier update.
    """

    version: str
    arch: str
    slot: int
    was: str | None
    changed: bool
    sent: int
    copied: int
    kept: int
    removed: int
    sent_bytes: int
    failed: str | None
    carried: dict


def update(
    line: Line,
    board: Board,
    package: Package,
    carried: plain.Carried | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Done:
    """Bring a version onto the band at `line`; the band starts it at its next start.

    board: what `board.look` found, checked. progress(bytes sent, of how many). Raises UserError;
    the band then runs the version it had.
    """
    try:
        return _update(line, board, package, carried, progress)
    except BandError as error:
        if error.full:
            raise UserError(
                "The band's flash is full; fetch its nights (notturno sync), then repeat "
                "this. It runs the program it had."
            ) from None
        raise UserError(
            "The band could not take the program ({why_said}); it runs the one "
            "it had. Repeat this; if it fails again, its flash may be worn.",
            why_said=error,
        ) from None


def _update(
    line: Line,
    board: Board,
    package: Package,
    carried: plain.Carried | None,
    progress: Callable[[int, int], None],
) -> Done:
    sensor_files.put(line)
    current, target = board.current, board.target
    was = boards.version_in_slot(line, board, current)
    failed = board.pointer[3]
    told = {
        "version": package.version,
        "arch": package.arch,
        "was": was,
        "failed": boards.version_in_slot(line, board, failed),
        "carried": {} if carried is None else carried.values,
    }
    here = line.ask(f"hashes({SLOTS[current]!r})") if current else {}
    if here == package.hashes:
        changed = _stage_0(line, board, package)
        if board.pointer[1] == current:  # a trial that a person wants to see once more
            line.ask(f"point({board.good}, {current}, {failed})")
        removed = plain.clean(line, board, package)
        counts = {"sent": 0, "copied": 0, "sent_bytes": 0}
        return Done(
            slot=current, changed=changed, kept=len(here), removed=removed, **counts, **told
        )
    filled = _fill(line, board, package, target, progress)
    if carried is not None:
        plain.carry(line, carried)
    plain.keep_running(line, board)
    line.ask(f"point({board.good}, {target}, {failed if failed != target else 0})")
    _stage_0(line, board, package)
    filled["removed"] += plain.clean(line, board, package)
    return Done(slot=target, changed=True, **filled, **told)


def _fill(
    line: Line, board: Board, package: Package, target: int, progress: Callable[[int, int], None]
) -> dict[str, int]:
    """Make the target slot hold the package and nothing else; return the counts."""
    folder = SLOTS[target]
    found = line.ask(f"hashes({folder!r})")
    other = line.ask(f"hashes({SLOTS[3 - target]!r})")
    wanted = package.hashes
    stale = sorted(set(found) - set(wanted))
    _check_room(board, package, found, stale)
    if found != wanted and MANIFEST in found:
        line.ask(f"remove({[folder + '/' + MANIFEST]!r})")
        del found[MANIFEST]
        stale = [name for name in stale if name != MANIFEST]
    if stale:
        line.ask(f"remove({[folder + '/' + name for name in stale]!r})")
    places = {digest: SLOTS[3 - target] + "/" + name for name, digest in other.items()}
    missing = [name for name in package.files if found.get(name) != wanted[name]]
    kept = len(package.files) - len(missing)
    copied = [name for name in missing if wanted[name] in places]
    for name in copied:
        line.ask(f"copy({places[wanted[name]]!r}, {folder + '/' + name!r})")
    to_send = [name for name in missing if name not in copied]
    total = sum(len(package.everything[name]) for name in [*to_send, MANIFEST])
    sent_bytes = 0
    progress(0, total)
    for _ in range(TIMES):
        files = {f"{folder}/{name}": package.files[name] for name in to_send}
        sent_bytes = send(line, files, sent_bytes, total, progress)
        found = line.ask(f"hashes({folder!r})")
        to_send = [name for name in package.files if found.get(name) != wanted[name]]
        if not to_send:
            break
    else:
        raise UserError(
            "The band's flash does not keep what is written to it ({to_send}); "
            "it runs the program it had. Repeat this; if it fails again, the "
            "flash is worn.",
            to_send=to_send[0],
        )
    manifest = {f"{folder}/{MANIFEST}": package.manifest}
    sent_bytes = send(line, manifest, sent_bytes, total, progress)
    if line.ask(f"hashes({folder!r})") != wanted:
        raise UserError(
            "What lies on the band is not what was sent; it runs the program it had. Repeat this."
        )
    return {
        "sent": len(missing) - len(copied),
        "copied": len(copied),
        "kept": kept,
        "removed": len(stale),
        "sent_bytes": sent_bytes,
    }


def _stage_0(line: Line, board: Board, package: Package) -> bool:
    """Bring stage 0 up to date, main.py last: it is what a start begins with."""
    changed = False
    for name in sorted(package.root, key=lambda name: name == "main.py"):
        path, data = "/" + name, package.root[name]
        if line.ask(f"say(sha({path!r}))") != sha256(data):
            put_in_place(line, path, data)
            changed = True
    return changed


def _check_room(board: Board, package: Package, found: dict, stale: list) -> None:
    """Raise UserError where the new version does not fit beside the old one."""
    blocks = sum(
        -(-len(data) // board.block)
        for name, data in package.everything.items()
        if name not in found
    )
    folders = {name.rpartition("/")[0] for name in package.everything}
    needed = (blocks + 2 * len(folders) + SPARE_BLOCKS - len(stale)) * board.block
    if board.free < needed:
        raise UserError(
            "The band's flash has {free_kb} kB free, and the program needs "
            "{needed_kb} kB beside the one that runs; fetch its nights (notturno "
            "sync), then repeat this.",
            free_kb=board.free // 1024,
            needed_kb=needed // 1024,
        )
