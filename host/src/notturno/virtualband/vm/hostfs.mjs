// The band's flash: a folder of this machine seen by the VM as its file system.
// Touches that folder, nothing above it. Sizes are bytes.
//
// Every write goes straight to the file, so killing the process loses nothing that the firmware
// has written. A hidden name in the root leads to a second, read-only folder (the shims).

import fs from "node:fs";

// Error numbers of the VM's C library (WASI's), for calls that imports.mjs maps to Linux numbers.
const WASI = {
  EACCES: 2, EBADF: 8, EBUSY: 10, EEXIST: 20, EINVAL: 28, EIO: 29, EISDIR: 31, ENOENT: 44, ENOSPC: 51,
  ENOTDIR: 54, ENOTEMPTY: 55, EPERM: 63, EROFS: 69, EXDEV: 75,
};
// Reads and writes return their error number unmapped: give Linux's at once.
const LINUX = { EIO: 5, EBADF: 9, ENOSPC: 28, EROFS: 30 };
const AHEAD_BYTES = 4096; // the VM reads a program 20 bytes at a time

export function hostFs(FS, { hiddenName, hiddenFolder, capacity }) {
  // One of each number: to make one costs a walk of the stack, and a start looks for 400 files in vain.
  const errors = new Map();
  const errorOf = (number) => {
    if (!errors.has(number)) errors.set(number, new FS.ErrnoError(number));
    return errors.get(number);
  };
  const guard = (numbers, work) => {
    try {
      return work();
    } catch (error) {
      if (typeof error.code !== "string" || error instanceof FS.ErrnoError) throw error;
      throw errorOf(numbers[error.code] ?? numbers.EIO);
    }
  };
  const fail = (code) => {
    throw Object.assign(new Error(code), { code });
  };
  const isHidden = (node) => {
    for (; node.parent !== node; node = node.parent)
      if (node.name === hiddenName && node.parent.parent === node.parent) return true;
    return false;
  };
  const real = (node, name = null) => {
    const parts = name === null ? [] : [name];
    for (; node.parent !== node; node = node.parent) parts.push(node.name);
    parts.reverse();
    if (parts[0] === hiddenName) parts[0] = hiddenFolder;
    else parts.unshift(node.mount.opts.root);
    return parts.join("/");
  };
  const lstat = (full) => {
    const s = fs.lstatSync(full, { throwIfNoEntry: false });
    if (!s) throw errorOf(WASI.ENOENT);
    return s;
  };
  const writable = (node) => (isHidden(node) ? fail("EROFS") : node);
  const blocks = (n) => Math.ceil(n / 4096) * 4096;
  const usedIn = (folder) => {
    let sum = 0;
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const full = `${folder}/${entry.name}`;
      sum += entry.isDirectory() ? usedIn(full) + 4096 : blocks(fs.statSync(full).size);
    }
    return sum;
  };
  let used = null;
  let changes = 0; // of what files hold: what was read ahead before is read again
  const root = { folder: null };
  const usedBytes = () => (used ??= usedIn(root.folder));
  const makeNode = (parent, name, mode) => {
    const node = FS.createNode(parent, name, mode);
    node.node_ops = nodeOps;
    node.stream_ops = streamOps;
    return node;
  };

  const nodeOps = {
    getattr(node) {
      return guard(WASI, () => {
        const s = lstat(real(node));
        return {
          dev: 1, ino: node.id, mode: s.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size: s.size,
          atime: s.mtime, mtime: s.mtime, ctime: s.mtime, blksize: 4096, blocks: blocks(s.size) / 512,
        };
      });
    },
    setattr(node, attributes) {
      guard(WASI, () => {
        writable(node);
        if (attributes.size !== undefined) {
          fs.truncateSync(real(node), attributes.size);
          used = null;
          changes++;
        }
      });
    },
    lookup(parent, name) {
      return guard(WASI, () => makeNode(parent, name, lstat(real(parent, name)).mode));
    },
    mknod(parent, name, mode) {
      return guard(WASI, () => {
        writable(parent);
        if (usedBytes() + 4096 > capacity) fail("ENOSPC");
        const full = real(parent, name);
        if (FS.isDir(mode)) fs.mkdirSync(full);
        else fs.writeFileSync(full, "", { flag: "wx" });
        if (FS.isDir(mode)) used += 4096;
        return makeNode(parent, name, mode);
      });
    },
    rename(node, newParent, newName) {
      guard(WASI, () => {
        writable(node);
        fs.renameSync(real(node), real(writable(newParent), newName));
        used = null;
      });
      node.name = newName;
    },
    unlink(parent, name) {
      guard(WASI, () => fs.unlinkSync(real(writable(parent), name)));
      used = null;
    },
    rmdir(parent, name) {
      guard(WASI, () => fs.rmdirSync(real(writable(parent), name)));
      used = null;
    },
    readdir(node) {
      return guard(WASI, () => [".", "..", ...fs.readdirSync(real(node)).sort()]);
    },
    statfs() {
      const free = Math.max(0, Math.floor((capacity - usedBytes()) / 4096));
      return { bsize: 4096, frsize: 4096, blocks: Math.floor(capacity / 4096), bfree: free, bavail: free };
    },
  };
  const streamOps = {
    open(stream) {
      guard(WASI, () => {
        const access = stream.flags & 3; // the layer above has made or emptied the file already
        if (access) writable(stream.node);
        if (FS.isFile(stream.node.mode)) stream.nfd = fs.openSync(real(stream.node), access);
      });
    },
    close(stream) {
      if (stream.nfd !== undefined) guard(LINUX, () => fs.closeSync(stream.nfd));
    },
    read(stream, buffer, offset, length, position) {
      return guard(LINUX, () => {
        if (!length) return 0;
        const reads = (stream.flags & 3) === 0;
        if (!reads || length >= AHEAD_BYTES) return fs.readSync(stream.nfd, buffer, offset, length, position);
        const inside = ({ from, to, changes: then }) => then === changes && from <= position && position + length <= to;
        if (!stream.ahead || !inside(stream.ahead)) {
          const bytes = stream.ahead?.bytes ?? new Uint8Array(AHEAD_BYTES);
          const got = fs.readSync(stream.nfd, bytes, 0, AHEAD_BYTES, position);
          stream.ahead = { bytes, from: position, to: position + got, changes };
        }
        const ahead = stream.ahead;
        const n = Math.min(length, ahead.to - position); // fewer at the end alone: so the VM knows it
        buffer.set(ahead.bytes.subarray(position - ahead.from, position - ahead.from + n), offset);
        return n;
      });
    },
    write(stream, buffer, offset, length, position) {
      return guard(LINUX, () => {
        const size = fs.fstatSync(stream.nfd).size;
        const grows = blocks(Math.max(size, position + length)) - blocks(size);
        if (grows && usedBytes() + grows > capacity) fail("ENOSPC");
        used += grows;
        changes++;
        return fs.writeSync(stream.nfd, buffer, offset, length, position);
      });
    },
    llseek(stream, offset, whence) {
      let position = offset;
      if (whence === 1) position += stream.position;
      else if (whence === 2) position += guard(LINUX, () => fs.fstatSync(stream.nfd).size);
      if (position < 0) throw new FS.ErrnoError(22);
      return position;
    },
  };
  return {
    mount(mount) {
      root.folder = mount.opts.root;
      return makeNode(null, "/", fs.statSync(mount.opts.root).mode);
    },
    node_ops: nodeOps,
    stream_ops: streamOps,
  };
}
