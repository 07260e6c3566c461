"""Evidence: one ZIP with originals and all that proves them, which a third party checks without us.

Before: an auditor names items or cases and says what for. After: they have a file that a court, an ombudsman or the
other side can verify with one Python file (`verify_evidence.py`), and the chain of custody says that it was made.
`bundle.py` goes through it in order; `docs/evidence.md` tells a third party what to do.
"""
