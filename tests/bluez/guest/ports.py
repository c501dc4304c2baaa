"""The guest's serial ports to the outside, by the names that QEMU was given for them."""

import glob
import os
import time


def path_of(name: str, patience_s: float = 20.0) -> str:
    """Return the device of the port called `name`, which the kernel may still be making."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        for place in glob.glob("/sys/class/virtio-ports/*/name"):
            with open(place) as file:
                if file.read().strip() == name:
                    return "/dev/" + os.path.basename(os.path.dirname(place))
        time.sleep(0.05)
    raise SystemExit(f"this guest has no port {name}")
