"""What only `make test-whole` runs, with the reason; and which files begin first.

Each line is a longer form of something that every run has: the reason says of what.
"""

import os

IS_WHOLE = bool(os.environ.get("NOTTURNO_WHOLE"))

# Beginning of a test's id, below tests/ -> why it is left to the whole run.
LEFT_TO_WHOLE = {
    "setup/test_setup_with_a_band.py": "breaks an evening, of which every run has a whole one in "
    "hardware/test_step_commands.py",
    "small_machine/test_port_names.py": "ten seconds of the checker; `make lint` asks the "
    "same of the whole firmware, and house/test_types.py holds that it does",
    "virtualband/test_whole_day.py": "a whole day of the VM; its parts are in "
    "firmware/test_band.py and virtualband/test_night_cannot_die.py",
}
# Files that take longest, in this order: two workers end together where these begin first.
LONGEST_FIRST = (
    "flashing/test_flash_command.py",
    "link/test_beacon_on_the_air.py",
    "hardware/test_step_commands.py",
    "cohort/test_cohort.py",
    "firmware/test_band.py",
    "flashing/test_update_radio.py",
    "virtualband/test_night_cannot_die.py",
    "independent_client/test_written_from_the_page.py",
    "report/test_report_pdf.py",
    "strangers/test_nights.py",
    "flashing/test_wheel.py",
    "flashing/test_update_cut.py",
    "detector/test_real_recordings_replay.py",
    "detector/test_executors.py",
    "virtualband/test_virtual_life.py",
    "strangers/test_worn_nights.py",
    "strangers/test_cases.py",
    "cohort/test_mixed.py",
    "morning/test_dashboard_browser.py",
    "cli_data/test_folder_options.py",
    "small_machine/test_words_of_32_bits.py",
    "sleeper/test_profiles_wide.py",
    "small_machine/test_run_in_place.py",
    "flashing/test_night_cut.py",
    "scoring_movements/test_against_brute_force.py",
    "cli_data/test_shell.py",
    "words/test_in_italian.py",
    "cohort/test_cohort_sources.py",
    "virtualband/test_virtual_air.py",
    "small_machine/",
    "store/test_cost.py",
    "one_truth/test_measured_faults.py",
    "one_truth/test_ten_years.py",
    "house/test_how_to_add.py",
    "loggers/test_logger_damage.py",
    "sleeper/test_sleeper.py",
    "link/test_link_to_a_virtual_band.py",
    "flashing/test_package.py",
    "labs/test_long_tables.py",
    "soak/test_soak.py",
    "sync/test_random_schedules.py",
    "sync/test_sync.py",
    "scoring_nights/test_phases_and_trends.py",
    "chips/test_chips_in_vm.py",
    "house/test_types.py",
    "virtualband/",
    "labs/",
    "link/",
    "strangers/",
    "flashing/",
    "detector/",
    "house/",
)


def whole_or(whole, every_run):
    """Return what the whole run takes, or what every run does."""
    return whole if IS_WHOLE else every_run


def reason_to_skip(name: str) -> str | None:
    """Return why a test, by its id below tests/, is left to the whole run; None: it runs."""
    for beginning, reason in LEFT_TO_WHOLE.items():
        if not IS_WHOLE and name.startswith(beginning):
            return f"make test-whole: {reason}"
    return None


def rank(name: str) -> int:
    """Return where a file, by its path below tests/, stands among those that begin first."""
    last = bool(os.environ.get("NOTTURNO_LONGEST_LAST"))  # one process that ends at the first red
    for place, beginning in enumerate(LONGEST_FIRST):
        if name.startswith(beginning):
            return -place if last else place
    return -len(LONGEST_FIRST) if last else len(LONGEST_FIRST)
