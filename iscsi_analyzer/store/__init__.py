"""The append-only index of everything that was seen; every screen, report and export reads it."""
