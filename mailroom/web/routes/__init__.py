"""The routes, one file for each desk; `app.py` takes them from here."""

from mailroom.web.routes import (
    accounts,
    health,
    item_acts,
    items,
    letters,
    me,
    post_room,
    provider,
    sign_in,
    start,
    upload,
)

ROUTERS = (
    start.router,
    sign_in.router,
    provider.router,
    me.router,
    accounts.router,
    health.router,
    post_room.router,
    items.router,
    item_acts.router,
    letters.router,
    upload.router,
)
"""In the order in which addresses are looked up."""
