"""Helpers that several tests share: made-up conversations (`talk`), damage to captures (`mangle`) and whatever else
is not a test."""
