"""Changes of the database's shape, in order; run by `records/schema.py`."""
