"""Pictures made of characters: pure functions from numbers and records to lines. They know no widgets."""
