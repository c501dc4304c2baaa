"""Which nights belong to a phase: a tag by its name, or the words `before` and `after`.

Takes rows of nights and tags as the logbook gives them; raises UserError where a phase is not
there or makes no sense. Pure.
"""

from notturno.errors import UserError

BEFORE, AFTER = "before", "after"


def in_tag(tags, name, night):
    """Tell whether a night (row with `date`) lies in some span of a tag's name."""
    return night["date"] is not None and any(
        tag["first_night"] <= night["date"]
        and (tag["last_night"] is None or night["date"] <= tag["last_night"])
        for tag in tags
        if tag["name"] == name
    )


def names(tags):
    """Return the names of the tags, each once, by their first night."""
    return list(dict.fromkeys(tag["name"] for tag in tags))


def two_phases(nights, tags, first, second):
    """Return the nights of two phases, each in the order given.

    A phase is the name of a tag; `before` and `after` are all nights before the first and after
    the last night of the other phase, unless a tag bears that name.
    """
    known = names(tags)
    if first == second:
        raise UserError(f"Both phases are {first}; name two different ones.")
    for name in (first, second):
        if name not in known and name not in (BEFORE, AFTER):
            raise UserError(_unknown(name, known))
    tagged = [name in known for name in (first, second)]
    if not any(tagged):
        raise UserError(_unknown(f"{first} or {second}", known))
    of_first = _nights_of(nights, tags, first, None if tagged[0] else second)
    of_second = _nights_of(nights, tags, second, None if tagged[1] else first)
    shared = {n["night"] for n in of_first} & {n["night"] for n in of_second}
    if shared:
        raise UserError(
            f"The phases {first} and {second} share nights ({len(shared)}, from {min(shared)} "
            "on); change one of them with notturno tag."
        )
    return of_first, of_second


def _nights_of(nights, tags, name, other):
    if other is None:
        return [night for night in nights if in_tag(tags, name, night)]
    spans = [tag for tag in tags if tag["name"] == other]
    if name == BEFORE:
        begin = min(tag["first_night"] for tag in spans)
        return [night for night in nights if night["date"] and night["date"] < begin]
    if any(tag["last_night"] is None for tag in spans):
        raise UserError(f"The phase {other} is still going on: there is no night after it.")
    end = max(tag["last_night"] for tag in spans)
    return [night for night in nights if night["date"] and night["date"] > end]


def _unknown(name, known):
    there = f"the phases are: {', '.join(known)}" if known else "no phase is named yet"
    return f"There is no phase {name}; {there} (name one with notturno tag NAME FIRST_NIGHT)."
