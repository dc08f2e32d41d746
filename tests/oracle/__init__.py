"""What an independent dissector, Wireshark's, says of the samples, compared with what we say."""
