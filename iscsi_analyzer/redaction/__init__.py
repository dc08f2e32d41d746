"""Captures that can leave the building: what is secret or private is taken out, and everything else stays as it was.

    $ iscsi-analyzer redact --all trouble.pcap for-the-vendor.pcapng
    iscsi-analyzer: 16,581,632 bytes of data zeroed, 12 values of keys replaced

What goes always: data that is read and written, ping data, challenges and responses of logins, data of PDUs that
nobody knows, bytes that belong to no PDU, padding of frames, frames without iSCSI, and the blocks and options of pcapng
that hold comments, host names, keys of encrypted traffic, or nobody knows what. On request also iSCSI names, aliases,
users and hosts; IP and MAC addresses; serial numbers and designators. What stays: headers, CDBs and LBAs, sense data,
negotiated values, and what describes devices.

A word or number that is replaced is replaced by the same one throughout, of the same length and form. Lengths, sequence
numbers and times stay; TCP checksums and digests fit, or do not fit, as before. So the report stays the same.
"""
