"""What the screen of PDUs shows, without any widget: items, cells, details, jumps.

An item of its list is a number: 0 and above for PDU item + 1, below zero for a loss, of which the first is -1.
"""
