"""The routes, one file for each desk; `app.py` takes them from here."""

from mailroom.web.routes import accounts, health, me, provider, sign_in, start

ROUTERS = (start.router, sign_in.router, provider.router, me.router, accounts.router, health.router)
"""In the order in which addresses are looked up."""
