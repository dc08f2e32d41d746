"""The eleven questions that a capture is opened for, one module each: from the analyses to lines that can be read."""
