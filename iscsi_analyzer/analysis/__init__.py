"""Questions answered from the store; adds nothing to it."""
