"""Says which folders make the host package; the rest stands in pyproject.toml.

The shared room is not copied: it is mapped in from the firmware, and both sides import one file.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("src"), "notturno_core"],
    package_dir={"": "src", "notturno_core": "../firmware/lib/notturno_core"},
)
