"""The place where those who judge a conversation keep what they remember of an object of the model.

Compiled. The model only carries it.
"""

from __future__ import annotations


class Notes:
    """What is remembered of one task, connection or session. Those who judge derive their own."""
