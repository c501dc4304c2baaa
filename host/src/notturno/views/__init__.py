"""What people see, made ready to be shown: plain dicts of figures that others made.

Reads the logbook; asks `nights` and `scoring` for every figure. Page, report, pictures and
`--json` take their figures from here, so that all of them say the same. A figure that cannot be
given is the JSON form of its Refusal. Times are UTC in ms; where a night's clock is unknown, ms
from its start (`dated` is false). No word for people is made here but a refusal's reason.
"""
