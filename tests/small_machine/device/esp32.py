"""`esp32` on the small machine: nothing wakes it but the timer."""

WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True


def wake_on_gpio(pins=(), level=None):
    pass


def gpio_deep_sleep_hold(enable):
    pass
