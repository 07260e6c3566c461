"""Signing in through the council's identity provider (OpenID Connect, authorisation code flow with PKCE).

Before: somebody chooses it on the sign-in page. After: the provider has proved who they are, and a sitting begins. What
must be remembered in between lies in a signed cookie of ten minutes that only these two addresses get.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, FastAPI, Request
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import Response

from mailroom.desk.acting import Refused
from mailroom.desk.provided import account_for, vouched_from
from mailroom.desk.signing_in import sign_in_by_provider, sign_out
from mailroom.domain.errors import MailroomError, Misconfigured
from mailroom.settings import Provider, Web
from mailroom.web.kept_form import is_ours
from mailroom.web.rendering import go_to
from mailroom.web.signed_in import is_secure, keep_token, services_of, token_of

router = APIRouter()
BEGIN, RETURN = "/sign-in/provider", "/sign-in/provider/return"
_NEXT = "next"
_REMEMBERED_SECONDS = 600
_FOR_OUR_MEMORY = b"what is remembered while somebody is at the provider"
"""Makes a key of its own of our secret, the same in every process that serves the pages."""

_UNREACHABLE = "The identity provider does not answer. Try again in a minute, or sign in with name and password."
_log = logging.getLogger(__name__)


def add_provider(app: FastAPI, web: Web) -> None:
    """Let people sign in through the provider of the settings, where there is one.

    Raises:
        Misconfigured: the file with our secret cannot be read.
    """
    if not web.provider.issuer:
        return
    secret = _secret_of(web.provider)
    oauth = OAuth()
    app.state.provider = oauth.register(
        "council",
        client_id=web.provider.client_id,
        client_secret=secret,
        server_metadata_url=f"{web.provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": web.provider.scope, "code_challenge_method": "S256"},
    )
    app.add_middleware(
        SessionMiddleware,
        secret_key=hashlib.sha256(_FOR_OUR_MEMORY + secret.encode()).hexdigest(),
        session_cookie="mailroom_provider",
        max_age=_REMEMBERED_SECONDS,
        path=BEGIN,
        same_site="lax",
        https_only=is_secure(web),
    )


@router.get(BEGIN)
async def begin(request: Request, next: str = "/") -> Response:  # noqa: A002  # the word stands in the address
    """Send somebody to the provider; where they go on afterwards is remembered."""
    provider, web = _provider(request), services_of(request).settings.web
    request.session[_NEXT] = next if is_ours(next) else "/"
    try:
        return cast("Response", await provider.authorize_redirect(request, web.address + RETURN))
    except (HTTPError, OAuthError, ValueError, RuntimeError) as fault:
        _log.warning("identity provider not reached", extra={"why": type(fault).__name__})
        raise MailroomError(_UNREACHABLE) from fault


@router.get(RETURN)
async def come_back(request: Request) -> Response:
    """Begin the sitting of somebody whom the provider sends back.

    Raises:
        Refused: the provider did not vouch for them, or they do nothing here.
    """
    services = services_of(request)
    claims = await _claims(request)
    vouched = vouched_from(str(claims["iss"]), claims, services.settings.web.provider.groups_claim)
    account = await run_in_threadpool(account_for, vouched, services)
    token = await run_in_threadpool(sign_in_by_provider, account, services)
    await run_in_threadpool(sign_out, token_of(request), services)
    response = go_to(_next_of(request))
    keep_token(response, token, services.settings.web)
    return response


def _next_of(request: Request) -> str:
    path = str(request.session.pop(_NEXT, "/"))
    return path if is_ours(path) else "/"


async def _claims(request: Request) -> dict[str, Any]:
    """Return what the ID token says, its signature, issuer, audience, nonce and times checked by the library."""
    try:
        answer = await _provider(request).authorize_access_token(request, claims_options=_expected(request))
        return dict(answer["userinfo"])
    except HTTPError as fault:
        raise MailroomError(_UNREACHABLE) from fault
    except (OAuthError, JoseError, ValueError, KeyError, RuntimeError) as fault:
        _log.warning("identity provider vouched for nobody", extra={"why": type(fault).__name__})
        raise Refused("The identity provider did not vouch for you. Begin again from the sign-in page.") from fault


def _expected(request: Request) -> dict[str, Any]:
    """Return what an ID token must say: that it is the configured provider's, and for us."""
    provider = services_of(request).settings.web.provider
    return {
        "iss": {"essential": True, "values": [provider.issuer, provider.issuer.rstrip("/")]},
        "aud": {"essential": True, "values": [provider.client_id]},
    }


def _provider(request: Request) -> Any:  # noqa: ANN401  # the library's own client
    provider = getattr(request.app.state, "provider", None)
    if provider is None:
        raise Refused("There is no identity provider here. Sign in with name and password.")
    return provider


def _secret_of(provider: Provider) -> str:
    try:
        return Path(provider.client_secret_file).read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise Misconfigured(
            f"web.provider.client_secret_file: {provider.client_secret_file!r} cannot be read ({fault.strerror}). "
            "Put the secret that the identity provider gave us into that file."
        ) from fault
