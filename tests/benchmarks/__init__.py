"""Large captures made quickly (`generate`), and the analyzer measured beside other tools on them (`run`). On demand,
never a test."""
