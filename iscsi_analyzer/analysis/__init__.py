"""From tasks and sessions to answers: reads the store, adds nothing to it.

`study.Study` holds everything that is said of one store, each part computed when it is asked for: sessions with their
ends, negotiated keys, latency, load, TCP, outcomes, paths. `diagnosis.diagnose` answers the questions that a capture is
opened for, and `text.section_lines` writes the answers for a terminal. All results are plain data with the numbers of
the PDUs, frames and tasks that prove them.
"""
