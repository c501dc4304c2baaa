"""One step of a life per start, by what is in the file `plan`; what was seen goes to `seen`."""

import time

import machine


def told(*words):
    with open("/seen", "a") as file:
        print(*words, file=file)


def take():
    with open("/plan") as file:
        steps = file.read().split()
    with open("/plan", "w") as file:
        file.write(" ".join(steps[1:]))
    return steps[0] if steps else "end"


rtc = machine.RTC()
kept = rtc.memory()
told("start", machine.reset_cause(), kept[:4] or b"-", time.time(), machine.wake_reason())
rtc.memory(b"%4d" % (int(kept[:4] or b"0") + 1))
step = take()
if step == "spin":  # looks at the clock and never feeds
    dog = machine.WDT(timeout=8000)
    for _ in range(10):
        time.sleep_ms(7000)
        dog.feed()
    told("fed", time.ticks_ms())
    while True:
        time.ticks_ms()
elif step == "stuck":  # asks for nothing at all
    machine.WDT(timeout=8000).feed()
    told("stuck", time.ticks_ms())
    while True:
        pass
elif step == "reset":
    time.sleep_ms(100_000)
    machine.reset()
elif step == "deep":
    machine.WDT(timeout=8000)
    machine.deepsleep(600_000)
elif step == "endless":
    machine.deepsleep()
elif step in ("ext0", "gpio"):
    import esp32

    button = machine.Pin(2, machine.Pin.IN, machine.Pin.PULL_UP)
    if step == "ext0":
        esp32.wake_on_ext0(button, esp32.WAKEUP_ALL_LOW)
    else:
        esp32.wake_on_gpio((button,), esp32.WAKEUP_ALL_LOW)
    seen = [button.value()]
    for _ in range(2):
        machine.lightsleep(1000)
        seen.append(button.value())
    button = machine.Pin(2, machine.Pin.IN, machine.Pin.PULL_UP)
    told(step, seen, button.value())
    machine.reset()
elif step == "press":
    import esp32

    button = machine.Pin(2, machine.Pin.IN, machine.Pin.PULL_UP)
    esp32.wake_on_gpio((button,), esp32.WAKEUP_ALL_LOW)
    begun = time.ticks_ms()
    machine.lightsleep(10_000_000)
    woken = time.ticks_ms()
    machine.lightsleep(10_000_000)  # still down: no sleep
    told("press", woken - begun, time.ticks_ms() - woken, button.value())
    machine.reset()
else:
    told("end")
    while True:
        time.sleep_ms(1000)
