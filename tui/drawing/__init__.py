"""Pictures made of characters: pure functions from numbers and records to lines. No widgets, and no store of their own."""
