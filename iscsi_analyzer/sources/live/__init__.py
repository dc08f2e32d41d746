"""Live capture: a program of its own writes capture files, which are followed like any others. This package chooses,
starts and watches that program; it reads no frames."""
