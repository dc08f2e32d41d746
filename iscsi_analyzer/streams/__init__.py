"""From TCP segments to whole iSCSI PDUs: reassembly, framing, digests, recognition. No opinions."""
