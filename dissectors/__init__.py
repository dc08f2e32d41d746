"""Bytes to meaning: stateless decoders of link layers, iSCSI PDUs and SCSI data. Knows no files, no sessions, no
opinions."""
