"""Scanners that are asked whether a file may do harm, one file each.

Before: `bootstrap` finds an address in the settings. After: `journey/quarantine.py` asks before anything is opened.
"""
