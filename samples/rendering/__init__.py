"""Turns the texts of the sample post into what a post room really receives: scans, faxes, messages and forms.

Nothing here is part of the product; `samples/render.py` calls it before a demonstration or a test.
"""
