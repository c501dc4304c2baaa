"""How good the detector is: the same nights for it and for published rules, goals beside."""
