"""What a set of captures proved: which requirements had an occasion to be broken, and were kept or broken, by whom.

Reads stores and findings; knows nothing of the command line. `tally` counts one capture after the other, `build` makes
the record of all of them, `comparison` sets two records side by side, `text` and `html` print one.
"""
