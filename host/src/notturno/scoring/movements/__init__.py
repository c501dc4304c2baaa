"""The published rules for limb movements: lists in, figures out. Pure."""
