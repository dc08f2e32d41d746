"""Opinions: one small function per rule, grouped by RFC topic."""
