"""The routes, one file for each desk; `app.py` takes them from here."""

from mailroom.web.routes import (
    accounts,
    audit,
    health,
    item_acts,
    items,
    me,
    performance,
    post_room,
    provider,
    sign_in,
    start,
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
    audit.router,
    performance.router,
)
"""In the order in which addresses are looked up."""
