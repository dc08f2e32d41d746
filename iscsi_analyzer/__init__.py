"""The engine: captures in; sessions, tasks and findings out. Headless; the public API is re-exported here."""
