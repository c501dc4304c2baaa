"""Chips of the virtual band, modelled at their registers, and the bus they hang on."""
