"""Was this request signed with the secret that belongs to its access key? AWS Signature Version 4, verified strictly.

Written from the public description of the scheme. The canonical path is the path exactly as received, percent-encoded
once more: a client that sends `%3A` has signed `%253A`, one that sends `:` has signed `%3A`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from prodimg_lab.emulator.wire import Incoming, Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=5)
"""How far the client's clock may be from ours, either way."""
MUST_BE_SIGNED = ("host", "x-amz-date")
STAMP = "%Y%m%dT%H%M%SZ"

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The parts of an `Authorization` header. `date` is yyyymmdd, `signature` 64 hexadecimal characters."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def parsed(header: str) -> Authorization:
    """The header's parts. Raises `Refusal` (`IncompleteSignature`, 403) naming what is missing; never quotes it."""
    _, _, rest = header.partition(" ")
    pairs = (part.partition("=") for part in rest.split(","))
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    wanted = ("Credential", "SignedHeaders", "Signature")
    missing = [f"Authorization header requires '{name}' parameter." for name in wanted if not parts.get(name)]
    if missing:
        raise _incomplete(" ".join(missing))
    scope = parts["Credential"].split("/")
    if len(scope) < 5 or scope[-1] != "aws4_request":
        raise _incomplete("Credential must have the form KEY/yyyymmdd/region/service/aws4_request.")
    date, region, service = scope[-4:-1]
    return Authorization(
        access_key="/".join(scope[:-4]),
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(parts["SignedHeaders"].split(";")),
        signature=parts["Signature"],
    )


def verify(incoming: Incoming, authorization: Authorization, *, secret: str, service: str, now: datetime) -> None:
    """Return when the signature is right and fresh. Raises `Refusal` (403) otherwise.

    `service` is the name that the scope must carry; `now` is aware.
    """
    token = ["x-amz-security-token"] if "x-amz-security-token" in incoming.headers else []
    for name in (*MUST_BE_SIGNED, *token):
        if name not in incoming.headers:
            raise _incomplete(f"Authorization header requires existence of a '{name}' header.")
        if name not in authorization.signed_headers:
            raise _wrong(f"'{name}' must be a signed header in the AWS Authorization.")
    if authorization.service != service:
        raise _wrong(f"Credential should be scoped to correct service: '{service}'.")
    _check_time(incoming.headers["x-amz-date"].strip(), authorization.date, now)
    expected = signature_of(incoming, authorization, secret=secret)
    if not hmac.compare_digest(expected.encode(), authorization.signature.encode("utf-8", "replace")):
        raise _wrong(MISMATCH)


def signature_of(incoming: Incoming, authorization: Authorization, *, secret: str) -> str:
    """The signature that this request should carry, as lower-case hexadecimal."""
    parts = (authorization.date, authorization.region, authorization.service, "aws4_request")
    canonical = canonical_request(incoming, authorization.signed_headers).encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(canonical).hexdigest()
    text = "\n".join((ALGORITHM, incoming.headers["x-amz-date"].strip(), "/".join(parts), digest))
    key = f"AWS4{secret}".encode()
    for part in parts:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def canonical_request(incoming: Incoming, signed_headers: tuple[str, ...]) -> str:
    """The text whose hash is signed: method, path, query, headers, their names, hash of the body."""
    return "\n".join(
        (
            incoming.method,
            quote(incoming.path or "/", safe="/~"),
            canonical_query(incoming.query),
            *(f"{name}:{_trimmed(incoming.headers.get(name, ''))}" for name in signed_headers),
            "",
            ";".join(signed_headers),
            hashlib.sha256(incoming.body).hexdigest(),
        )
    )


def canonical_query(query: str) -> str:
    """Names and values decoded, encoded again in full, and sorted by name, then value."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    encoded = sorted((quote(unquote(name), safe="~"), quote(unquote(value), safe="~")) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _trimmed(value: str) -> str:
    return re.sub(r" +", " ", value.strip())


def _check_time(stamp: str, scope_date: str, now: datetime) -> None:
    try:
        sent = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise _incomplete("Date must be in ISO-8601 'basic format' (yyyymmddThhmmssZ).") from None
    if stamp[:8] != scope_date:
        raise _wrong(f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: {stamp[:8]}.")
    ours = now.astimezone(UTC)
    if sent < ours - SKEW:
        early = (ours - SKEW).strftime(STAMP)
        raise _wrong(f"Signature expired: {stamp} is now earlier than {early} ({ours.strftime(STAMP)} - 5 min.)")
    if sent > ours + SKEW:
        late = (ours + SKEW).strftime(STAMP)
        raise _wrong(f"Signature not yet current: {stamp} is still later than {late} ({ours.strftime(STAMP)} + 5 min.)")


def _incomplete(message: str) -> Refusal:
    return Refusal("IncompleteSignature", message, status=403)


def _wrong(message: str) -> Refusal:
    return Refusal("InvalidSignatureException", message, status=403)
