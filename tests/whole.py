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
# Files that take longest, first, so that all workers end together. Those that wait for a band's
# clock stand apart: while one worker waits, the two others have a core each.
LONGEST_FIRST = (
    "flashing/test_flash_command.py",
    "bench/test_paces_of_tuning_limbs.py",
    "virtualband/test_virtual_prompt.py",
    "independent_client/test_written_from_the_page.py",
    "labs/test_long_tables.py",
    "cohort/test_cohort.py",
    "virtualband/test_virtual_faults.py",
    "flashing/test_update_radio.py",
    "virtualband/test_night_cannot_die.py",
    "morning/test_dashboard_browser.py",
    "detector/test_behaviour.py",
    "link/test_strangers_on_the_air.py",
    "sleeper/test_profiles_wide.py",
    "flashing/test_wheel.py",
    "virtualband/test_virtual_air.py",
    "detector/test_real_recordings_replay.py",
    "firmware/test_band_that_lacks_something.py",
    "firmware/test_snippets.py",
    "keys/test_cable.py",
    "virtualband/test_virtual_life.py",
    "detector/test_executors.py",
    "strangers/test_levers.py",
    "small_machine/test_run_in_place.py",
    "link/test_beacon_on_the_air.py",
    "strangers/test_nights.py",
    "strangers/test_worn_nights.py",
    "cli_data/test_shell.py",
    "report/test_report_pdf.py",
    "cli_data/test_folder_options.py",
    "house/test_how_to_add.py",
    "small_machine/test_twenty_sessions.py",
    "loggers/test_rows_of_many_streams.py",
    "soak/test_soak.py",
    "firmware/test_recorded_waveforms.py",
    "one_truth/test_cut_anywhere.py",
    "virtualband/test_virtual_radio.py",
    "cohort/test_cohort_sources.py",
    "link/test_live.py",
    "sleeper/test_sleeper.py",
    "report/test_report_command.py",
    "flashing/test_package.py",
    "sync/test_sync.py",
    "firmware/test_band.py",
    "link/test_link_to_a_virtual_band.py",
    "scoring_nights/test_phases_and_trends.py",
    "small_machine/test_drain_memory.py",
    "firmware/test_recorder.py",
    "bench/test_bench_run.py",
    "report/test_report_contents.py",
    "words/test_in_italian.py",
    "sync/test_random_schedules.py",
    "chips/test_chips_in_vm.py",
    "firmware/test_twin.py",
    "hardware/test_step_commands.py",
    "strangers/test_cases.py",
    "small_machine/test_slimmed_night.py",
    "flashing/test_update_cut.py",
    "flashing/test_night_cut.py",
    "sleeper/test_golden_plans.py",
    "flashing/test_bands_set.py",
    "small_machine/",
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
