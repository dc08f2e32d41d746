"""Real peers on loopback: what they say is captured and read by the command line, as a user would do it."""
