"""Which tests hold which room: the first prefix that a source file's path begins with.

The cheapest tests stand first: a change is killed by the first test that goes red. Paths are those
of the checkout; a folder means all of its tests.
"""

import re
from itertools import takewhile
from pathlib import Path

PACKAGE = "host/src/notturno/"
CORE = "firmware/lib/notturno_core/"
GOLDEN_LOG = "one_truth/test_golden_log.py"
COMMANDS = "morning/test_golden_fortnight.py morning/test_golden_commands.py"
GOLDEN = f"{GOLDEN_LOG} {COMMANDS}"
SMALL = "cli_data/test_bounds_of_small_rooms.py"
STARTS = "firmware/test_how_a_start_begins.py firmware/test_parts_of_a_start.py"
SESSION = "firmware/test_what_a_session_writes.py"
RADIO = "ble_service/test_numbers_of_the_service.py"

# (prefix of the source file, its tests below tests/, in their order)
ROOMS = (
    (
        CORE + "segments.py",
        "detector/test_golden_rows.py detector/test_bounds.py detector/test_behaviour.py detector",
    ),
    (CORE + "n", "detector/test_names.py detector/test_namer.py detector"),
    (CORE + "runs.py", "detector/test_namer.py detector"),
    (CORE + "rhythms.py", "detector/test_runs.py detector/test_namer.py detector"),
    (CORE + "contexts.py", "detector/test_namer.py detector"),
    (CORE + "detector.py", "detector"),
    (CORE + "snippets.py", "firmware/test_snippets.py store/test_waveforms.py firmware"),
    (CORE + "plausible.py", "firmware/test_plausible.py firmware"),
    (CORE + "rawring.py", "firmware/test_rawring.py firmware"),
    (
        CORE + "limits.py",
        "flashing/test_limits_of_settings.py house/test_made_pages.py detector firmware "
        "hardware/test_power_budget.py",
    ),
    (
        CORE + "logmeta.py",
        "firmware/test_two_copies_of_the_meta.py firmware/test_eventlog.py firmware soak",
    ),
    (CORE + "log", "firmware/test_eventlog.py firmware soak"),
    (CORE + "charge.py", "firmware/test_charge.py firmware"),
    (CORE + "eventlog.py", "firmware/test_eventlog.py firmware soak"),
    (CORE + "checks.py", "selftest"),
    (CORE, "wire link/test_room.py ble_service firmware keys store sync"),
    ("firmware/config.py", "house/test_made_pages.py firmware virtualband"),
    (
        "firmware/drivers/",
        "chips/test_bus_traffic.py chips/test_how_a_chip_is_looked_for.py "
        "firmware/test_before_anything_happens.py firmware/test_lsm6dsox_driver.py chips",
    ),
    ("firmware/boards/", "firmware/test_boards.py hardware firmware"),
    ("firmware/selftest", "selftest/test_bounds_of_the_steps.py selftest"),
    ("firmware/check", "selftest"),
    ("firmware/main.py", "flashing/test_stage_0_by_hand.py firmware virtualband"),
    ("firmware/slots.py", "flashing/test_pointer_by_hand.py flashing"),
    ("firmware/rom.py", "flashing"),
    ("firmware/parcels.py", "flashing/test_program_parcels.py flashing"),
    ("firmware/settings.py", "flashing"),
    ("firmware/flashfiles.py", "flashing/test_files_of_the_flash.py firmware flashing"),
    ("firmware/band.py", "firmware/test_steps_of_a_day.py firmware virtualband"),
    ("firmware/app.py", f"{STARTS} firmware virtualband"),
    ("firmware/aftermath.py", f"{STARTS} firmware virtualband"),
    ("firmware/asked.py", f"{STARTS} firmware ble_service virtualband"),
    ("firmware/day.py", f"{STARTS} firmware virtualband"),
    ("firmware/findings.py", f"{SESSION} firmware soak"),
    ("firmware/records.py", f"{SESSION} firmware soak"),
    ("firmware/ble_", f"{RADIO} ble_service firmware independent_client virtualband"),
    ("firmware/guard.py", f"{RADIO} ble_service independent_client"),
    ("firmware/live_rows.py", f"{RADIO} ble_service independent_client"),
    ("firmware/", "firmware ble_service soak independent_client virtualband"),
    (PACKAGE + "nights/", f"{GOLDEN} nights scoring_nights one_truth store"),
    (PACKAGE + "battery.py", "nights/test_battery.py cli_data hardware"),
    (PACKAGE + "scoring/movements/", f"{GOLDEN} scoring_movements scoring_nights one_truth"),
    (PACKAGE + "scoring/staging.py", f"{GOLDEN} scoring_movements scoring_nights one_truth"),
    (PACKAGE + "scoring/", f"{GOLDEN} scoring_nights scoring_movements one_truth"),
    (PACKAGE + "store/", f"{GOLDEN} store cli_data files one_truth"),
    (PACKAGE + "views/", f"views/test_views_of_nights.py {GOLDEN} views morning report"),
    (PACKAGE + "charts/", f"{GOLDEN} charts morning/test_dashboard_nights.py"),
    (PACKAGE + "report/", f"{GOLDEN} report"),
    (PACKAGE + "dashboard/", f"{COMMANDS} morning"),
    (PACKAGE + "files/lab", "labs/test_programs_by_hand.py labs files"),
    (PACKAGE + "files/", f"{COMMANDS} files"),
    (PACKAGE + "cohort/", "cohort"),
    (PACKAGE + "labs/", "labs scoring_movements"),
    (PACKAGE + "loggers/", "loggers/test_bounds_of_loggers.py loggers recording"),
    (PACKAGE + "records_file.py", f"{SMALL} phone files"),
    (PACKAGE + "phone/", "phone"),
    (PACKAGE + "keys/", "keys"),
    (PACKAGE + "link/", "link ble_service"),
    (PACKAGE + "sync/", "sync link"),
    (PACKAGE + "live.py", "link"),
    (PACKAGE + "firmware_files.py", f"{SMALL} flashing/test_package.py cli_data"),
    (PACKAGE + "hostid.py", "sync"),
    (PACKAGE + "strap/", "strap setup"),
    (
        PACKAGE + "sleeper/",
        "sleeper/test_golden_plans.py sleeper/test_golden_signal.py "
        "detector/test_golden_nights.py sleeper",
    ),
    (
        PACKAGE + "virtualband/chips/",
        "chips/test_models_by_the_manual.py chips/test_lsm6dsox_model.py chips "
        "selftest virtualband",
    ),
    (PACKAGE + "virtualband/shims/", "virtualband/test_shims_of_the_vm.py selftest virtualband"),
    (
        PACKAGE + "virtualband/",
        "virtualband/test_body_of_a_virtual_band.py chips selftest virtualband",
    ),
    (PACKAGE + "detect/", "detector recording"),
    (PACKAGE + "flashing/", "flashing/test_numbers_of_flashing.py flashing"),
    (PACKAGE + "bench/", "bench"),
    (PACKAGE + "words/", "words cli_data/test_words.py cli_data"),
    (PACKAGE + "knowledge/", f"{SMALL} house words report"),
    (PACKAGE + "homes/", f"{SMALL} homes"),
    (PACKAGE + "doctor/", "cli_data"),
    (PACKAGE + "checks/", "selftest/test_check_words.py cli_data selftest store"),
    (PACKAGE + "cli/band.py", "virtualband/test_virtual_life.py cli_data setup"),
    (PACKAGE + "cli/flash.py", "cli_data flashing"),
    (PACKAGE + "cli/bands_set.py", "cli_data flashing"),
    (PACKAGE + "cli/update.py", "cli_data flashing"),
    (PACKAGE + "cli/check.py", "cli_data selftest"),
    (PACKAGE + "cli/live.py", "cli_data link"),
    (PACKAGE + "cli/replay", "cli_data detector/test_replay_command.py recording loggers"),
    (PACKAGE + "cli/dashboard.py", "cli_data morning"),
    (PACKAGE + "cli/chart.py", "cli_data charts"),
    (PACKAGE + "cli/report.py", "cli_data report"),
    (PACKAGE + "cli/phone.py", "cli_data phone"),
    (PACKAGE + "cli/cohort", "cli_data cohort"),
    (PACKAGE + "cli/score", "cli_data scoring_movements labs"),
    (PACKAGE + "cli/export", "cli_data files"),
    (PACKAGE + "cli/onenight.py", f"cli_data {GOLDEN} scoring_nights"),
    (PACKAGE + "cli/", f"{GOLDEN} cli_data scoring_nights keys homes setup recording sleeper"),
    (PACKAGE, f"{SMALL} cli_data store house"),
    ("hardware/", "hardware"),
)


def tests_of(file: str) -> tuple[str, ...]:
    """Return the tests of a source file, as paths from the checkout, the cheapest first."""
    for prefix, tests in ROOMS:
        if file.startswith(prefix):
            return tuple("tests/" + one for one in tests.split())
    raise KeyError(f"{file} lies in no room of the table")


def nearest(file: str, tests: tuple[str, ...], root: Path) -> tuple[str, ...]:
    """Return the files of those tests that name the module: by their name, then the shortest."""
    stem = Path(file).parent.name if file.endswith("__init__.py") else Path(file).stem
    word = re.compile(rf"\b{re.escape(stem)}\b")
    found = {
        path
        for test in tests
        for path in ([root / test] if test.endswith(".py") else (root / test).glob("test_*.py"))
        if word.search(path.read_text(encoding="utf-8"))
    }
    by_size = sorted(found, key=lambda path: (stem not in path.stem, path.stat().st_size))
    return tuple(path.relative_to(root).as_posix() for path in by_size)


def in_their_order(file: str, tests: tuple[str, ...], root: Path) -> tuple[str, ...]:
    """Return what is run one after the other: the table's own first files, the nearest, the rest.

    What only names a module may be minutes long, as the replay of recordings for the detector.
    """
    first = tuple(takewhile(lambda test: test.endswith(".py"), tests))
    return (*first, " ".join(nearest(file, tests, root)), *tests[len(first) :])


def room_of(file: str) -> str:
    """Return the room as people say it: the folder, or the file of the core."""
    for package in (PACKAGE, CORE):
        if file.startswith(package):
            return file.removeprefix(package).split("/")[0].removesuffix(".py")
    return "/".join(file.split("/")[:2]).removesuffix(".py")
