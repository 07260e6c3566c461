"""Items carried out of the mailroom as a bag (BagIt, RFC 8493): folders and files that any archive takes in.

`bag.py` writes a bag and knows nothing of items; `export.py` says what goes into it.
"""
