"""Captures that can leave the building: what is secret or private is taken out, and everything else stays as it was."""
