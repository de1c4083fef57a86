"""Who may call? Signature keys, session tokens and API keys, checked before anything else is looked at."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Literal

from prodimg_lab.emulator import sigv4
from prodimg_lab.emulator.settings import Settings
from prodimg_lab.emulator.wire import Incoming, Refusal, Service

Auth = Literal["sigv4", "bearer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with valid credentials, who calls `region`."""

    auth: Auth
    region: str


def auth_kind(incoming: Incoming) -> str:
    """`sigv4`, `bearer`, `none` or `other`, by the look of the header; for the log, which never holds its content."""
    scheme = incoming.headers.get("authorization", "").partition(" ")[0]
    return {sigv4.ALGORITHM: "sigv4", "Bearer": "bearer", "": "none"}.get(scheme, "other")


def admit(incoming: Incoming, *, service: Service, settings: Settings) -> Caller:
    """The caller. Raises `Refusal` (403) with the class and text that AWS is believed to use (unproven)."""
    kind = auth_kind(incoming)
    if kind == "bearer" and service == "bedrock":
        return _by_key(incoming, settings)
    if kind == "sigv4":
        return _by_signature(incoming, service, settings)
    if kind == "other":
        raise Refusal("IncompleteSignature", f"Authorization must begin with {sigv4.ALGORITHM} or Bearer.", status=403)
    raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token", status=403)


def _by_signature(incoming: Incoming, service: Service, settings: Settings) -> Caller:
    authorization = sigv4.parsed(incoming.headers["authorization"])
    secret = settings.keys.get(authorization.access_key)
    if secret is None:
        text = "The security token included in the request is invalid."
        raise Refusal("UnrecognizedClientException", text, status=403)
    sigv4.verify(incoming, authorization, secret=secret, service=service, now=settings.clock())
    if _is_one_of(incoming.headers.get("x-amz-security-token", ""), settings.expired_tokens):
        raise Refusal("ExpiredTokenException", "The security token included in the request is expired", status=403)
    return Caller(auth="sigv4", region=authorization.region)


def _by_key(incoming: Incoming, settings: Settings) -> Caller:
    key = incoming.headers["authorization"].partition(" ")[2].strip()
    if _is_one_of(key, settings.expired_tokens):
        raise Refusal("AccessDeniedException", "Bearer Token has expired", status=403)
    if not _is_one_of(key, settings.api_keys):
        text = "Authentication failed: Please make sure your API Key is valid."
        raise Refusal("AccessDeniedException", text, status=403)
    return Caller(auth="bearer", region=settings.region)


def _is_one_of(given: str, known: tuple[str, ...]) -> bool:
    """Compared in constant time, all of them."""
    plain = given.encode("utf-8", "surrogateescape")
    return sum(hmac.compare_digest(plain, each.encode()) for each in known) > 0
