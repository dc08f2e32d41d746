"""Our dissection beside Wireshark's, PDU by PDU and field by field. Only commands and tests import this."""
