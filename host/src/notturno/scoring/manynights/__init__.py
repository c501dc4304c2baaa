"""What many nights say: rates, trends, phases, change points, diary. Pure."""
