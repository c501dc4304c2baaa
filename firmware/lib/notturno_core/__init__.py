"""The shared room: the same files run on the band and on the host, and touch nothing else.

What is here imports `struct`, `binascii` and `micropython` only: no files, no time, no pins, no
floats. Speaks integers and buffers.
"""
