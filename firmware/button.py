"""One button, three meanings by how long it is held.

Touches the board's button and the clock given. Speaks ms.
"""

PRESS, HOLD, LONG = 1, 2, 3
HOLD_MS = 1500
LONG_MS = 5000


class Button:
    """Polled by the loop. `down_ms`: when the press that is under way began; None: it is up."""

    def __init__(self, board, now_ms):
        self._board = board
        self._now_ms = now_ms
        self.down_ms = None
        self._told = 0

    def poll(self):
        """Return what has just become clear: PRESS (released early), HOLD, LONG, or 0."""
        now_ms = self._now_ms()
        if self._board.button_pressed():
            if self.down_ms is None:
                self.down_ms, self._told = now_ms, 0
            held_ms = now_ms - self.down_ms
            told = LONG if held_ms >= LONG_MS else HOLD if held_ms >= HOLD_MS else 0
            if told > self._told:
                self._told = told
                return told
            return 0
        if self.down_ms is None:
            return 0
        self.down_ms = None
        return 0 if self._told else PRESS
