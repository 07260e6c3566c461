"""The routes, one file for each desk; `app.py` takes them from here."""

from mailroom.web.routes import accounts, cases, me, provider, replies, sign_in, start, teams

ROUTERS = (
    start.router,
    sign_in.router,
    provider.router,
    me.router,
    teams.router,
    replies.router,
    cases.router,
    accounts.router,
)
"""In the order in which addresses are looked up."""
