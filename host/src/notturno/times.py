"""How long an hour and a day are, once for the whole house. Touches nothing."""

HOUR_S = 3600
HOUR_MS = 3_600_000
HOUR_US = 3_600_000_000
DAY_S = 86_400
DAY_MS = 86_400_000
DAY_US = 86_400_000_000
