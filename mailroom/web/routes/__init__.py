"""The routes, one file for each desk; `app.py` takes them from here."""

from mailroom.web.routes import (
    accounts,
    audit,
    cases,
    find,
    health,
    item_acts,
    items,
    letters,
    me,
    performance,
    post_room,
    provider,
    replies,
    settled,
    sign_in,
    start,
    teams,
    upload,
)

ROUTERS = (
    start.router,
    sign_in.router,
    provider.router,
    me.router,
    post_room.router,
    find.router,
    settled.router,
    items.router,
    item_acts.router,
    letters.router,
    upload.router,
    teams.router,
    replies.router,
    cases.router,
    audit.router,
    performance.router,
    accounts.router,
    health.router,
)
"""In the order in which addresses are looked up."""
