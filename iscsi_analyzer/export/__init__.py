"""The store in other forms: JSON, JSON Lines, CSV, fields, text."""
