"""What one night says: jerks, sleep, both legs, stimuli. Pure."""
