"""Where the mornings go by themselves: a service that syncs each day, and a home's own automation.

Pure texts and messages; who installs or sends them is `cli`.
"""
