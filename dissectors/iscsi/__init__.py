"""iSCSI PDUs (RFC 7143, RFC 7144): one module per PDU family, beside keys, digests, AHS and code words."""
