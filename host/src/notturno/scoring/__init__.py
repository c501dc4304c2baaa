"""From events to medicine: events in, results out. No database, no radio, no clock, no files."""
