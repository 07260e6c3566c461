"""Is a file whole, or is somebody still writing it? Judged by its bytes alone: magic, tail and offsets, no parser.

Before: a channel sees a file that nobody has touched for a while. After: it takes the file, or waits and says why.
Each format has a small file of its own; `judge.py` chooses among them.
"""
