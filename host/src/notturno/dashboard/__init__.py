"""The local dashboard: what people see of their nights, in a browser, on this machine alone.

Listens on the loopback; whoever has not the address with its token sees nothing. Reads through
`notturno.views`, writes through the store what people say. `guard` says who may ask, `app` what
is asked where, `pages` fill the templates, `serve` runs it. Times are UTC in ms inside.
"""
