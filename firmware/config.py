"""Numbers that a user may change. Units in the names, the reason beside each.

Touches nothing.
"""

FIRMWARE_VERSION = "0.1.0"  # goes into every SESSION record; 12 bytes at most

# Which file of boards/ this is. None: look at the chip.
BOARD = None

# --- sensor -------------------------------------------------------------------------------------
ODR_HZ = 104  # a 20 ms muscle burst rings a limb at 2-15 Hz: 104 Hz samples that well
RANGE_G = 4  # leg kicks clip at 2 g; 8 g doubles the noise of a count
# Samples between drains: 2.3 s, four full transfers with the timestamps among them; what is left
# of the FIFO's 512 words holds another 2.3 s while flash or radio keep the processor.
WATERMARK = 244

# --- detector: what differs from notturno_core.detector.SETTINGS, e.g. {"jerk_on_ug": 5000}
DETECTOR = {}

# --- storage ------------------------------------------------------------------------------------
LOG_FOLDER = "log"
# Flash a night for the waveforms of some movements (see notturno_core.snippets): enough for some
# 80 of them. A night's other records take about as much. 0: none.
SNIPPET_BYTES = 60000

# --- the day ------------------------------------------------------------------------------------
# What may begin a night: "undock" (also the first switching on), "button" (a press), "worn" (a
# band that lies idle looks every PEEK_EVERY_MS whether it has been put on), "clock" (at
# NIGHT_UTC_MIN).
START = ("undock", "button")
NIGHT_UTC_MIN = None  # minutes after midnight UTC, e.g. 1320 for ten in the evening
# Not worn for so long, a night is over. The second: once a host has fetched all of a night. Both
# count from when it is known: a quarter of an hour without a breath lies behind it.
NOT_WORN_END_MIN = 90
NOT_WORN_AFTER_SYNC_MIN = 2
SYNCED_NIGHT_MIN = 180  # what is shorter is no night, whoever fetches it
# A night that ended so may have been a very quiet sleeper: the band looks again, so many times.
PEEK_EVERY_MS = 600_000
PEEKS_AFTER_NIGHT = 18

# --- power and radio ----------------------------------------------------------------------------
MAINTENANCE_MS = 2000  # after a start nothing runs for so long: time for Ctrl-C and mpremote
# A host that is near can set the time at once. Not out of deep sleep, where the date was kept.
RADIO_AFTER_BOOT_MS = 60000
RADIO_AFTER_BUTTON_MS = 180000  # held; a short press at night is a mark and costs nothing
DOCK_POLL_MS = 5000  # docked, nothing is urgent
# "on": on the dock the band also tells battery and last night's jerks by radio, sealed, for a
# home's own hub (BTHome v2; see beacon.py). Whoever hears it can recognise the band.
BEACON = "off"
BUTTON_POLL_MS = 250  # while the radio keeps the band awake; asleep, the button wakes it
# Docked for the first time after so long, the firmware starts anew: the records' tick has 32 bits
# (49 days), and whatever a month of running may have worn is fresh again.
RESTART_AFTER_MS = 20 * 24 * 3600 * 1000
BATTERY_STOP_MV = 3450  # below 3.3 V the XIAO's sleep current is 25 times higher; spares the cell
