"""Many nights: bars of single jerks and of limb movements, night after night. Pure.

Takes the rows of `Store.nights` and the tags. The axis is the calendar, so that a night without a
recording leaves its place empty.
"""

from datetime import date, timedelta

from notturno.charts.svg import number, round_steps

SHORT_H = 4.0  # a night of fewer recorded hours is drawn paler: its count says little
LEFT, RIGHT = 64, 24
ROW_HEIGHT = 104
ROWS = (("jerks", "Single jerks", "jerk"), ("lms", "Limb movements", "lm"))


def draw(drawing, top: float, nights: list[dict], tags: list[dict]) -> float:
    """Draw the dated nights below `top`; return the y below the panel."""
    dated = [night for night in nights if night["date"]]
    first, last = (date.fromisoformat(dated[i]["date"]) for i in (0, -1))
    days = (last - first).days + 1
    slots = max(days, 7)
    width = (drawing.width - LEFT - RIGHT) / slots
    devices = sorted({night["device_id"] for night in dated})

    def x_of(day):
        return LEFT + (day - first).days * width

    bottom = top + len(ROWS) * (ROW_HEIGHT + 22)
    y = top
    for key, label, kind in ROWS:
        base = y + ROW_HEIGHT
        steps = round_steps(max(night[key] for night in dated) or 1, 4)
        scale = (ROW_HEIGHT - 26) / steps[-1]
        drawing.text(LEFT, y + 8, f"{label} per night", "lane")
        for value in steps:
            at = base - value * scale
            drawing.line(LEFT, at, drawing.width - RIGHT, at, "grid" if value else "axis")
            drawing.text(LEFT - 8, at + 4, number(value), "small", "end")
        for night in dated:
            index = devices.index(night["device_id"])
            bar = min(width * 0.72, 36) / len(devices)
            x = x_of(date.fromisoformat(night["date"])) + width / 2
            x += (index - len(devices) / 2) * bar
            height = night[key] * scale
            paler = " short" if night["recorded_h"] < SHORT_H else ""
            paler += " b" if index % 2 else ""
            drawing.rect(
                x,
                base - height,
                max(bar - 1, 0.6),
                height,
                kind + paler,
                _title(night, label, key),
            )
            if days <= 31 and len(devices) <= 2:
                drawing.text(x + bar / 2, base - height - 4, night[key], "count", "middle")
        y = base + 22
    _draw_dates(drawing, bottom - 22, first, slots, x_of, width)
    notes = []
    if any(night["recorded_h"] < SHORT_H for night in dated):
        notes.append(f"Pale: fewer than {SHORT_H:.0f} recorded hours.")
    if len(devices) > 1:
        notes.append("Side by side: bands " + ", ".join(devices) + ".")
    if notes:
        drawing.text(drawing.width - RIGHT, top + 8, " ".join(notes), "small", "end")
    return _draw_tags(drawing, bottom + 8, tags, first, last, x_of, width)


def _title(night, label, key):
    hours = f"{night['recorded_h']:.1f} recorded hours"
    return f"{night['date']}: {night[key]} {label.lower()} in {hours}"


def _draw_tags(drawing, y, tags, first, last, x_of, width):
    """Draw the named spans as brackets below the dates; return the y below them."""
    shown = 0
    for tag in tags:
        begin = max(date.fromisoformat(tag["first_night"]), first)
        end = min(date.fromisoformat(tag["last_night"]) if tag["last_night"] else last, last)
        if begin > end:
            continue
        x0, x1 = x_of(begin) + 3, x_of(end) + width - 3
        drawing.line(x0, y, x1, y, "axis", 3, tag["name"])
        drawing.text(x0, y + 15, tag["name"], "small")
        shown += 1
    return y + 24 if shown else y


def _draw_dates(drawing, y, first, slots, x_of, width):
    step = 1
    while step * width < 56:
        step += 1 if step < 7 else 7
    for i in range(0, slots, step):
        day = first + timedelta(days=i)
        drawing.text(x_of(day) + width / 2, y + 16, f"{day.day} {day:%b}", "small", "middle")
    drawing.text(LEFT - 8, y + 16, f"{first:%Y}", "small", "end")
