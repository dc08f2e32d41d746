"""From capture files and standard input to frames. Knows file formats and compression; nothing of what the frames carry."""
