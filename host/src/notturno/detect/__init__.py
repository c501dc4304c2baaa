"""The detector on the host: replay of recordings, and the four executors of the one source."""
