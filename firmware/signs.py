"""What the LED says, for a moment and on purpose only: asleep and recording the band is dark.

Touches the board's LED and the sleep given. Speaks ms. A sign lasts at most 2 s.
"""

# On and off in turn, ms.
IDLE = (30,)
RECORDING = (300, 300, 300)
MARK = (60,)
FAULT = (60, 120, 60, 120, 60, 120, 60, 120, 60)
LOW = (500, 200, 500, 200, 500)
SYNCING = (150, 100, 60, 100, 150)


def show(board, sign, sleep_ms):
    """Show a sign and be dark again."""
    on = True
    for ms in sign:
        board.led(on)
        sleep_ms(ms)
        on = not on
    board.led(False)
