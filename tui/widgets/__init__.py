"""Widgets that screens are made of. They know items by number and functions that give their text, no captures."""
