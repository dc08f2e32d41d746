"""From tasks and sessions to answers: reads the store, adds nothing to it."""
