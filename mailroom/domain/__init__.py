"""The words and the rules of a mailroom in plain Python: no database, no files, no imports from outside.

Everything above this package may import it; it imports nothing but the standard library.
"""
