"""The check of a band on its person's own strap: timed voluntary movements, and a still minute.

matching  which row answers which cue, and the figures of a check; pure
session   the check itself, over the live service of a band

A voluntary movement is no jerk of sleep: the check shows that the band, worn as it is, sees what
this person can do awake, and how soon it says so. It says nothing of smaller movements.
"""
