"""The event log's storage on the flash: one folder of plain files.

Touches the file system below its folder. Speaks file names, bytes, OSError. The contract is the
one in `notturno_core.eventlog`.
"""

import os

OS_SYNC = getattr(os, "sync", None)  # not every port has it


class FolderStorage:
    """Files of one folder, which is made when it is not there.

    sync: what makes flushed files safe, where flushing does not: on littlefs it does.
    """

    def __init__(self, folder, sync=OS_SYNC):
        self._folder = folder
        self._sync = sync
        self._open_name = None  # the file being appended to is kept open between flushes
        self._open_file = None
        try:
            os.mkdir(folder)
        except OSError:
            os.listdir(folder)  # it is there already, or this says why not

    def _path(self, name):
        return self._folder + "/" + name

    def _close(self):
        if self._open_file is not None:
            file = self._open_file
            self._open_file = self._open_name = None
            file.close()

    def names(self):
        """Return the names of the files."""
        return os.listdir(self._folder)

    def size(self, name):
        """Return a file's length in bytes."""
        self._flush()
        return os.stat(self._path(name))[6]

    def free_bytes(self):
        """Return how many bytes there is room for."""
        stat = os.statvfs(self._folder)
        return stat[0] * stat[3]

    def read_into(self, name, offset, buf):
        """Read from an offset into a buffer; return how many bytes came."""
        self._flush()
        with open(self._path(name), "rb") as file:
            file.seek(offset)
            return file.readinto(buf)

    def append(self, name, buf):
        """Write behind the end of a file."""
        if name != self._open_name:
            self._close()
            self._open_file = open(self._path(name), "ab")
            self._open_name = name
        self._open_file.write(buf)

    def _flush(self):
        if self._open_file is not None:
            self._open_file.flush()

    def truncate(self, name, size):
        """Cut a file; the device has no truncate, so the rest is copied and put in its place."""
        self._close()
        path = self._path(name)
        with open(path, "rb") as old, open(path + ".new", "wb") as new:
            while size > 0:
                piece = old.read(min(size, 1024))
                if not piece:
                    break
                new.write(piece)
                size -= len(piece)
        os.rename(path + ".new", path)

    def remove(self, name):
        """Delete a file."""
        if name == self._open_name:
            self._close()
        os.remove(self._path(name))

    def replace(self, name, data):
        """Write a new file and put it in the place of the old one: renaming is atomic."""
        if name == self._open_name:
            self._close()
        path = self._path(name)
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.rename(path + ".new", path)

    def sync(self):
        """Return when what was written is on the flash."""
        self._flush()
        if self._sync is not None:
            self._sync()
