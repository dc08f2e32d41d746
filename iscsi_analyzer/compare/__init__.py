"""Two captures of one traffic, or two sessions, beside each other.

`comparison.compare` makes a record of two finished analyses; `comparison_text` prints it. `sessions` and
`sessions_text` do the same for two sessions. Nothing here reads rules or writes files.
"""
