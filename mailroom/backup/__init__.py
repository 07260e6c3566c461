"""A copy of all that the mailroom must not lose, taken beside the running service, and the way back from it.

`shelf.py` is the folder in which backups lie, `manifest.py` what each says of itself. `take.py` takes one: the records
(`records_copy.py`), then what they name (`objects.py`). `restore.py` makes a mailroom of one again, `drill.py` proves
that it could, and `daily.py` sees to it that there is one. `docs/backup.md` is for whoever needs one.

The records come first. Bytes are in the store before the row that names them is committed, and nothing but retention
takes them out, so each object that a snapshot of the records names is there to be copied afterwards. The other way
round, what came in between the two copies would be on the records and nowhere else.
"""
