"""The web pages over `desk/`: routes thin, pages made on the server, everything usable without JavaScript.

Read first: `app.py` puts the application together; `signed_in.py` is the door of every route; `rendering.py` makes a
page of a template; `routes/` has one file for each desk, `templates/` one folder. A new page is a route, a template
and, where people look for it, a line in `navigation.py`. Texts go through `_()`; `locale/` has the Welsh ones.
"""
