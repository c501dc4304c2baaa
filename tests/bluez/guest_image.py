"""The guest: a Linux kernel and a first root with BlueZ, D-Bus and Python, from Debian packages.

Touches apt-get (this machine's own sources), dpkg-deb, the user's cache folder and the Python
packages of the environment that runs this. What does not change from run to run is made once and
kept; the project's own code is put behind it each time.
"""

import compileall
import contextlib
import hashlib
import lzma
import os
import platform
import py_compile
import re
import shutil
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import platformdirs
from cpio import Archive
from guest_tools import CannotRun, run_tool

ROOT = Path(__file__).resolve().parents[2]
GUEST = Path(__file__).parent / "guest"
KERNEL = "linux-image-amd64"
PACKAGES = ("bluez", "dbus-daemon", "dbus-bin", "busybox-static", "python3", "tzdata")
# The first ones are what Bluetooth's key agreement asks for at run time, where nobody loads any.
MODULES = (
    *("hmac", "sha256_generic", "sha512_generic", "ctr", "drbg", "cmac", "ecb"),
    *("virtio_pci", "virtio_console", "virtio_rng", "hci_vhci"),
)
# What `notturno sync` imports; it needs no numpy.
DISTRIBUTIONS = (
    "bleak",
    "cffi",
    "click",
    "cryptography",
    "dbus-fast",
    "platformdirs",
    "typing-extensions",
)
# Of what the packages bring, what the guest never opens: most of it by weight.
NEEDLESS = re.compile(
    r"boot/|lib/modules/|usr/share/(?!dbus-1/|zoneinfo/(UTC|Etc|Europe))"
    r"|.*/(perl[^/]*|libperl[^/]*|gconv|systemd|udev|initramfs-tools|klibc[^/]*|security)(/|$)"
    r"|usr/lib/python3[^/]*/(test|idlelib|lib2to3|ensurepip|pydoc_data|turtledemo|tkinter)/"
    r"|var/lib/dpkg/|.*/terminfo/"
)
MAKING, DAY_S = "making-", 86_400
PASSWD = "root:x:0:0:root:/root:/bin/sh\nmessagebus:x:100:100::/nonexistent:/bin/false\n"
GROUP = "root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:\n"


def base_image(say) -> tuple[Path, Path]:
    """Return (kernel, archive of the root), made if this machine has not made them yet.

    Raises CannotRun.
    """
    cache = Path(platformdirs.user_cache_dir("notturno", appauthor=False)) / "bluez-guest"
    folder = cache / _fingerprint()
    kernel, archive = folder / "vmlinuz", folder / "root.cpio"
    if not (kernel.exists() and archive.exists()):
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=MAKING) as making:
            made = Path(making) / "image"
            made.mkdir()
            _make(Path(making), made, say)
            for old in cache.glob("*"):
                # What is being made by another run is let be, unless that run has died.
                if time.time() - old.stat().st_mtime > DAY_S or not old.name.startswith(MAKING):
                    shutil.rmtree(old, ignore_errors=True)
            with contextlib.suppress(FileExistsError):
                os.replace(made, folder)
    return kernel, archive


def whole_image(archive: Path, data: dict[str, bytes], into: Path) -> None:
    """Write the root with the project's code of this moment and `data` (name: bytes) behind it."""
    shutil.copyfile(archive, into)
    with tempfile.TemporaryDirectory() as folder, open(into, "ab") as file:
        code = Path(folder)
        leave = shutil.ignore_patterns("virtualband", "__pycache__")
        shutil.copytree(ROOT / "host/src/notturno", code / "notturno", ignore=leave)
        shared = ROOT / "firmware/lib/notturno_core"
        shutil.copytree(shared, code / "notturno_core", ignore=leave)
        shutil.copytree(GUEST, code / "guest", ignore=leave)
        _compile(code)
        overlay = Archive(file)
        overlay.file("init", (GUEST / "init.sh").read_bytes(), 0o755)
        for name, content in data.items():
            overlay.file(name, content, 0o600)
        overlay.file("opt/code/.here", b"")
        overlay.tree(code, "opt/code")
        overlay.close()


def _fingerprint() -> str:
    versions = [f"{name} {metadata.version(name)}" for name in DISTRIBUTIONS]
    system = Path("/etc/os-release")
    release = system.read_text() if system.exists() else ""
    text = "\n".join([Path(__file__).read_text(), platform.python_version(), release, *versions])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _make(work: Path, made: Path, say) -> None:
    say("Making the guest (once; about 110 MB of packages)")
    packages = _download(work)
    root, kernel_root = work / "root", work / "kernel"
    for package in packages:
        to = kernel_root if package.name.startswith("linux-image") else root
        run_tool(["dpkg-deb", "-x", str(package), str(to)])
    for name in ("bin", "sbin", "lib", "lib64"):
        if not (root / name).exists():  # newer Debians leave these links to a package's script
            (root / name).symlink_to(f"usr/{name}")
    _prune(root)
    _check_python(root)
    _put_modules(kernel_root, root)
    _put_python_packages(root / "opt/site")
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP)
    (root / "etc/machine-id").write_text("0" * 31 + "1\n")
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "data", "busybox"):
        (root / name).mkdir(exist_ok=True)
    (root / "var").mkdir(exist_ok=True)
    (root / "var/run").symlink_to("/run")
    _compile(root / "opt/site")
    _compile(next((root / "usr/lib").glob("python3.*")), quiet=2)
    kernel = next(kernel_root.glob("boot/vmlinuz-*"))
    shutil.copyfile(kernel, made / "vmlinuz")
    with open(made / "root.cpio", "wb") as file:
        archive = Archive(file)
        archive.tree(root)
        archive.close()
    names = sorted(package.name for package in packages)
    (made / "packages.txt").write_text("\n".join(names) + "\n")


def _download(work: Path) -> list[Path]:
    """Fetch the packages and all that they need, as if nothing were installed."""
    for name in ("lists/partial", "archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    options = [
        f"Dir::State::lists={work}/lists",
        f"Dir::State::status={work}/status",
        f"Dir::Cache={work}",
        "Debug::NoLocking=1",
        "APT::Sandbox::User=",
        "APT::Architecture=amd64",
    ]
    apt = ["apt-get", "-qq", *[word for option in options for word in ("-o", option)]]
    run_tool([*apt, "update"])
    if not any(path.is_file() for path in (work / "lists").iterdir()):
        raise CannotRun("this machine's package sources did not answer; check the network.")
    fetch = ["install", "-y", "--no-install-recommends", "--download-only"]
    run_tool([*apt, *fetch, KERNEL, *PACKAGES])
    return sorted((work / "archives").glob("*.deb"))


def _prune(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        name = path.relative_to(root).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif NEEDLESS.match(name):
            path.unlink()


def _check_python(root: Path) -> None:
    """Compiled packages of this environment must fit the guest's Python."""
    ours = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not (root / "usr/bin" / ours).exists():
        theirs = [path.name for path in (root / "usr/bin").glob("python3.*")]
        raise CannotRun(
            f"the packages of this system bring {' '.join(theirs)}, and the environment's "
            f"{ours} cannot lend its packages to that; make it with the same Python."
        )


def _put_modules(kernel_root: Path, root: Path) -> None:
    """Put the modules in, those that others need first, and a list in their order."""
    paths = {}
    for path in kernel_root.rglob("*.ko*"):
        paths[path.name.partition(".")[0].replace("-", "_")] = path
    order = []

    def take(name):
        if name in order or name not in paths:
            return  # not in paths: it is part of the kernel itself
        content = paths[name].read_bytes()
        if paths[name].suffix == ".xz":
            content = lzma.decompress(content)
        found = re.search(rb"\0depends=([^\0]*)\0", content)
        for needed in found[1].decode().split(",") if found else ():
            take(needed.replace("-", "_"))
        (root / "modules" / f"{name}.ko").write_bytes(content)
        order.append(name)

    (root / "modules").mkdir()
    for name in MODULES:
        take(name)
    (root / "modules/order").write_text("\n".join(order) + "\n")


def _put_python_packages(folder: Path) -> None:
    for name in DISTRIBUTIONS:
        for file in metadata.files(name) or ():
            if ".." in file.parts or "__pycache__" in file.parts:
                continue
            to = folder / file
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), to)


def _compile(folder: Path, quiet: int = 1) -> None:
    """Compile once, here: the guest is slow and forgets."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(
        folder, quiet=quiet, force=True, invalidation_mode=mode, stripdir=str(folder), workers=1
    )
