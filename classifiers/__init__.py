"""The sorting workshop: evidence from a text in, a verdict with confidence and reasons out; it knows no mailroom."""

BUILTIN = {
    "rules": "classifiers.rules:RuleClassifier",
}
"""Classifiers by the name that settings use; each is built by `from_table` from the parsed rules and catalogue."""
