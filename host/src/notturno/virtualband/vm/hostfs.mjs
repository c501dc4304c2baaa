// The band's flash: a folder of this machine seen by the VM as its file system.
// Touches that folder, nothing above it. Sizes are bytes.
//
// Every write goes straight to the file, so killing the process loses nothing that the firmware
// has written. A hidden name in the root leads to a second, read-only folder (the shims).

import fs from "node:fs";
import path from "node:path";

// Error numbers of the VM's C library (WASI's), for calls that imports.mjs maps to Linux numbers.
const WASI = {
  EACCES: 2, EBADF: 8, EBUSY: 10, EEXIST: 20, EINVAL: 28, EIO: 29, EISDIR: 31, ENOENT: 44, ENOSPC: 51,
  ENOTDIR: 54, ENOTEMPTY: 55, EPERM: 63, EROFS: 69, EXDEV: 75,
};
// Reads and writes return their error number unmapped: give Linux's at once.
const LINUX = { EIO: 5, EBADF: 9, ENOSPC: 28, EROFS: 30 };

export function hostFs(FS, { hiddenName, hiddenFolder, capacity }) {
  const guard = (numbers, work) => {
    try {
      return work();
    } catch (error) {
      if (typeof error.code !== "string") throw error;
      throw new FS.ErrnoError(numbers[error.code] ?? numbers.EIO);
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
    if (parts[0] === hiddenName) return path.join(hiddenFolder, ...parts.slice(1));
    return path.join(node.mount.opts.root, ...parts);
  };
  const writable = (node) => (isHidden(node) ? fail("EROFS") : node);
  const blocks = (n) => Math.ceil(n / 4096) * 4096;
  const usedIn = (folder) => {
    let sum = 0;
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      sum += entry.isDirectory() ? usedIn(full) + 4096 : blocks(fs.statSync(full).size);
    }
    return sum;
  };
  let used = null;
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
        const s = fs.lstatSync(real(node));
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
        }
      });
    },
    lookup(parent, name) {
      return guard(WASI, () => makeNode(parent, name, fs.lstatSync(real(parent, name)).mode));
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
      return guard(LINUX, () =>
        length ? fs.readSync(stream.nfd, buffer, offset, length, position) : 0,
      );
    },
    write(stream, buffer, offset, length, position) {
      return guard(LINUX, () => {
        const size = fs.fstatSync(stream.nfd).size;
        const grows = blocks(Math.max(size, position + length)) - blocks(size);
        if (grows && usedBytes() + grows > capacity) fail("ENOSPC");
        used += grows;
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
