"""Archives as Linux takes them for its first root ("newc" cpio), written without any tool.

Touches the files that go in and the file written. All in it belongs to root, so nobody has to be
root to make one.
"""

import os
import stat
from pathlib import Path

TRAILER = "TRAILER!!!"


class Archive:
    """Appends to an open binary file; several archives may follow each other in one file."""

    def __init__(self, file):
        self._file = file
        self._number = 0
        self._made = set()

    def tree(self, folder: Path, name: str = "") -> None:
        """Put a folder's whole content in, under `name`."""
        for root, folders, files in os.walk(folder):
            under = Path(name) / Path(root).relative_to(folder)
            for entry in sorted(folders + files):
                path = Path(root) / entry
                mode = path.lstat().st_mode
                if stat.S_ISLNK(mode):
                    content = os.readlink(path).encode()
                elif stat.S_ISREG(mode):
                    content = path.read_bytes()
                elif stat.S_ISDIR(mode):
                    content = b""
                else:
                    continue
                self.add((under / entry).as_posix(), mode, content)

    def file(self, name: str, content: bytes, mode: int = 0o644) -> None:
        """Put one file in, with the folders above it."""
        for above in reversed(Path(name).parents[:-1]):
            self.add(above.as_posix(), stat.S_IFDIR | 0o755, b"")
        self.add(name, stat.S_IFREG | mode, content)

    def add(self, name: str, mode: int, content: bytes) -> None:
        """Put one entry in, as it is. A folder that is there already stays."""
        if stat.S_ISDIR(mode):
            if name in self._made:
                return
            self._made.add(name)
        self._number += 1
        self._write(name, mode, content)

    def close(self) -> None:
        self._write(TRAILER, 0, b"")
        self._pad(512)

    def _write(self, name, mode, content):
        named = name.encode() + b"\0"
        # inode, mode, uid, gid, links, time, size, device twice 2, length of the name, checksum
        fields = (self._number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(named), 0)
        self._file.write(b"070701" + b"".join(b"%08X" % field for field in fields) + named)
        self._pad(4)
        self._file.write(content)
        self._pad(4)

    def _pad(self, to):
        self._file.write(bytes(-self._file.tell() % to))
