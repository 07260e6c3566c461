"""The sorting workshop: evidence from a text in, a verdict with confidence and reasons out; it knows no mailroom."""
