"""The tests, a mirror of the source tree; helpers that several of them share are in `tests.support`."""
