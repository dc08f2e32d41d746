"""From capture files and standard input to frames. Knows file formats and compression; not what frames carry."""
