"""Signing in by the accounts of another organisation: OpenID Connect, with code, PKCE, state and nonce.

Authlib asks and checks; it is imported here alone and only where a provider is configured. HQ calls no address but
those that the issuer of the settings names, by https, and follows no redirection. What must be the same when the
person comes back lies sealed in their browser: no table grows by people who never do.
"""

import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hq.config import OpenId, is_address
from hq.sealed import opened, seal
from pos.errors import Refusal
from pos.i18n import N_

# From the button to the way back; a provider's clock and ours.
TRIP_MS, LEEWAY_S = 10 * 60 * 1000, 60
TIMEOUT_S = 6
# Signed by a key only the provider has: no `none`, no secret shared with us.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
DISCOVERY = "/.well-known/openid-configuration"
_USE = b"zinc/openid/1"
# Of a worker's four: a provider that is slow, or asked without end, keeps no page and no box waiting.
_PLACES = threading.BoundedSemaphore(2)


class ProviderSilent(Refusal):
    """The other organisation does not answer, or not as it should."""

    sentence = N_("%(name)s does not answer.")
    remedy = N_("Try again in a minute, or sign in with your Zinc password.")


class ProviderBusy(Refusal):
    """Others are asking it now."""

    sentence = N_("Several people are on their way to %(name)s already.")
    remedy = N_("Try again in a few seconds, or sign in with your Zinc password.")


class NotFinished(Refusal):
    """The person turned back at the other organisation."""

    sentence = N_("The sign-in at %(name)s was not finished.")
    remedy = N_("Start again, or sign in with your Zinc password.")


class NotProved(Refusal):
    """What came back is not what was asked for."""

    sentence = N_("What %(name)s answered could not be checked: nobody was signed in.")
    remedy = N_("Start again from this page; if it still fails, tell a national coordinator.")


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is at the other organisation; `email` is empty unless it says it has verified it."""

    issuer: str
    subject: str
    email: str = ""
    # Whether it saw a second factor, in the words of our settings.
    factor: bool = False


def begin(provider: OpenId, key: bytes, *, now_ms: int, target: str) -> tuple[str, str]:
    """Return the address to send somebody to, and what their browser keeps until they come back. Raises ProviderSilent, ProviderBusy."""
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    with _session(provider) as session:
        told = _metadata(provider, session)
        wished = {"acr_values": " ".join(provider.acr)} if provider.acr else {}
        url, state = session.create_authorization_url(
            told["authorization_endpoint"],
            state=secrets.token_urlsafe(32),
            code_verifier=verifier,
            nonce=nonce,
            **wished,
        )
    kept = {"at": now_ms, "state": state, "nonce": nonce, "verifier": verifier, "target": target}
    return url, seal(key, _USE, json.dumps(kept))


def finish(
    provider: OpenId, key: bytes, kept: str, answer: Mapping[str, str], *, now_ms: int
) -> tuple[Person, str]:  # fmt: skip
    """Return who came back, and the page they wanted. Raises NotProved, NotFinished, ProviderSilent, ProviderBusy."""
    asked = json.loads(opened(key, _USE, kept) or "{}")
    in_time = 0 <= now_ms - asked.get("at", -TRIP_MS) < TRIP_MS
    same = hmac.compare_digest(asked.get("state", "").encode(), answer.get("state", "").encode())
    if not (in_time and same) or answer.get("iss", provider.issuer) != provider.issuer:
        raise NotProved(name=provider.name)
    if "error" in answer or not answer.get("code"):
        raise NotFinished(name=provider.name)
    with _session(provider) as session:
        told = _metadata(provider, session)
        if told.get("authorization_response_iss_parameter_supported") and "iss" not in answer:
            raise NotProved(name=provider.name)
        claims = _claims(provider, session, told, answer["code"], asked, now_ms)
    return _person(provider, claims), str(asked["target"])


def _person(provider: OpenId, claims: Mapping[str, Any]) -> Person:
    verified = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    methods = claims.get("amr") or ()
    return Person(
        provider.issuer, str(claims["sub"]), str(claims.get("email", "")).strip().lower() if verified else "",
        factor=claims.get("acr") in provider.acr or any(one in provider.amr for one in methods),
    )  # fmt: skip


@contextmanager
def _session(provider: OpenId) -> Iterator[Any]:
    """Speak to the provider, a few at a time. Raises ProviderBusy."""
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        provider.client, provider.secret, scope="openid email", redirect_uri=provider.back,
        code_challenge_method="S256", default_timeout=TIMEOUT_S,
    )  # fmt: skip
    # A provider that sends us elsewhere is answered by a fault, not followed.
    session.max_redirects = 0
    if not _PLACES.acquire(blocking=False):
        raise ProviderBusy(name=provider.name)
    try:
        with session:
            yield session
    finally:
        _PLACES.release()


def _read(provider: OpenId, session: Any, address: str, **how: Any) -> dict[str, Any]:
    """Return the JSON object behind an address. Raises ProviderSilent."""
    from authlib.common.errors import AuthlibBaseError
    from requests import RequestException

    try:
        answer = session.get(address, **how)
        answer.raise_for_status()
        told = answer.json()
    except (RequestException, AuthlibBaseError, ValueError) as fault:
        raise ProviderSilent(name=provider.name) from fault
    if not isinstance(told, dict):
        raise ProviderSilent(name=provider.name)
    return told


def _metadata(provider: OpenId, session: Any) -> dict[str, Any]:
    """Return what the issuer says of itself; each time anew, so that changed keys and addresses are no trouble."""
    told = _read(provider, session, provider.issuer.rstrip("/") + DISCOVERY, withhold_token=True)
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    at_home = urlsplit(provider.issuer).scheme == "http"
    for name in (*needed, *(["userinfo_endpoint"] if "userinfo_endpoint" in told else [])):
        address = str(told.get(name, ""))
        if not is_address(address) or (not at_home and not address.startswith("https://")):
            raise ProviderSilent(name=provider.name)
    if told.get("issuer") != provider.issuer:
        raise NotProved(name=provider.name)
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    session.token_endpoint_auth_method = (
        "none"
        if not provider.secret
        else "client_secret_basic"
        if "client_secret_basic" in ways
        else "client_secret_post"
    )
    return told


def _claims(
    provider: OpenId, session: Any, told: dict[str, Any], code: str, asked: dict[str, Any], now_ms: int
) -> dict[str, Any]:  # fmt: skip
    """Exchange the code and return what the signed token says, every claim of it checked. Raises NotProved."""
    from authlib.common.errors import AuthlibBaseError
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry
    from requests import RequestException

    try:
        token = session.fetch_token(told["token_endpoint"], code=code[:2000], code_verifier=asked["verifier"])
        keys = KeySet.import_key_set(_read(provider, session, told["jwks_uri"], withhold_token=True))  # type: ignore[arg-type]
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        signed = jwt.decode(str(token["id_token"]), keys, registry=registry)
        claims = CodeIDToken(
            signed.claims, signed.header,
            {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True, "value": provider.client},
             "sub": {"essential": True}},
            {"nonce": asked["nonce"], "client_id": provider.client, "access_token": token.get("access_token")},
        )  # fmt: skip
        claims.validate(now=now_ms // 1000, leeway=LEEWAY_S)
    except RequestException as fault:
        raise ProviderSilent(name=provider.name) from fault
    except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as fault:
        raise NotProved(name=provider.name) from fault
    if "email" not in claims and "userinfo_endpoint" in told:
        more = _read(provider, session, told["userinfo_endpoint"])
        if more.get("sub") == claims["sub"]:
            return {**more, **claims}
    return dict(claims)
