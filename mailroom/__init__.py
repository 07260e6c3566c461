"""The mailroom: carries what a public body receives from the way in to an indexed case and the answer.

Read first: `journey/__init__.py` (the order of the stages), `domain/` (the words and the rules), `bootstrap`
(what is built, and from what). The workshops `ocr`, `classifiers` and `storage` stand beside this package and know
nothing of it.
"""
