"""Says in the last lines of a test run when the ESP32's machine code was not run."""

from notturno.detect import xtensa


def pytest_terminal_summary(terminalreporter):
    if not xtensa.available():
        terminalreporter.write_line(
            f"NOT RUN: xtensawin machine code. {xtensa.MISSING}", bold=True
        )
