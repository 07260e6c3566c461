"""Brings an archive or a backlog over from an older system: files, and an index of them as CSV.

Before: that system has written both into a folder, or another mailroom has exported a bag. After: open work is on its
journey with its true date of receipt, and what was closed is kept, found and proven like everything else.

`index_file.py` reads the index as rows of text, `columns.py` says what each column is called, `row.py` makes sense of
a row, `source_files.py` finds its file, `entry.py` puts together what is one item. `checking.py` looks at all of them
before anything is brought over, and `bringing.py` brings them over one by one: closed matters by `closed_matter.py`,
open work by the ordinary door. `left_out.py` writes down what was not good enough.
"""
