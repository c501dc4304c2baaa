"""The room that knows what a night is: clocks, calendar, sleeps, what counts, one truth.

Data in: records as rows. Data out: one night of one band, and one of a person.
"""

from notturno.nights.calendar import local_text, local_zone_name, zone_info

__all__ = ["local_text", "local_zone_name", "zone_info"]
