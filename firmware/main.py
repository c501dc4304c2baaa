"""Finds the program and runs it."""

import app

app.run()
