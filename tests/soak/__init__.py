"""An hour (or a minute) of mixed real traffic, judged: `python -m tests.soak --minutes 60`.

`stage` runs the targets, `acts` are what initiators do, `judge` says what was found and whether it is argued in
`argued.json`. Never a test of its own: it takes as long as it is told to.
"""
