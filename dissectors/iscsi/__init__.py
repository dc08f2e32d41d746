"""iSCSI PDUs (RFC 7143, RFC 7144): one module per PDU family, beside text keys, digests, additional header segments
and code words."""
