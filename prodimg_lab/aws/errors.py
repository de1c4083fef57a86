"""How do errors of the AWS SDK become ours? Here and nowhere else.

An answer with an error status was not billed (408 and 424: unproven); a call that went out and has no whole answer may
have been: `Uncertain`. What never left is `Transient`. No key, token or signature is in any message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prodimg_lab.aws.rules import RULES
from prodimg_lab.errors import (
    BadCredentials,
    FatalForRun,
    FatalForTrial,
    ModelError,
    Transient,
    Uncertain,
)

LONGEST_QUOTE = 300
"""Characters of AWS's own words in a message; signature errors otherwise quote whole requests."""

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID")
_LOOKS_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|(?:Credential|Signature|X-Amz-Security-Token)\s*[=:]\s*[^\s,&]+|"
    r"Bearer\s+\S+|\bABSK[A-Za-z0-9+/=]{16,}|\bbedrock-api-key-\S+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Who was called, for messages: catalogue id, id on the wire, region, and what to use instead."""

    service: str
    region: str
    model_id: str = ""
    wire_id: str = ""
    regions: tuple[str, ...] = ()
    replacement: str = ""
    profile: str = ""

    def words(self) -> dict[str, str]:
        """The holes of a rule's next step."""
        return {
            "model": self.model_id or self.service,
            "wire": self.wire_id or self.model_id or self.service,
            "region": self.region,
            "regions": ", ".join(self.regions) or "another region",
            "replacement": self.replacement or "an active model",
            "profile": self.profile or f"us.{self.wire_id}",
            "service": self.service,
        }


@contextmanager
def map_client_errors(called: Called) -> Iterator[None]:
    """Turn what boto3 and botocore raise inside into `ModelError`s; programming errors pass."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise from_answer(error.response, called) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise from_sdk(error, called) from error


def from_answer(response: Mapping[str, Any], called: Called) -> ModelError:
    """The error that an answer with an error status stands for."""
    said = str(response.get("Error", {}).get("Message", ""))
    code = str(response.get("Error", {}).get("Code", ""))
    meta = response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0))
    plain = said.replace("’", "'").lower()
    rule = next((rule for rule in RULES if rule.fits(code, status, plain)), None)
    kind = rule.kind if rule else Transient if status >= 500 else FatalForTrial
    step = rule.next_step.format(**called.words()) if rule else "see docs/bedrock.md"
    quoted = redacted(said)[:LONGEST_QUOTE] or "no message"
    return kind(
        f"{called.words()['wire']}: {quoted} [{code or status}]. Next: {step}",
        model_id=called.model_id,
        retry_after_s=_retry_after_s(meta.get("HTTPHeaders", {})),
    )


def from_sdk(error: Exception, called: Called) -> ModelError:
    """The error that the SDK raised without an answer of the service."""
    kind, step = _meaning(error)
    said = redacted(" ".join(str(error).split()))[:LONGEST_QUOTE]
    return kind(f"{called.words()['wire']}: {said} [{type(error).__name__}]. Next: {step}", model_id=called.model_id)


def _meaning(error: Exception) -> tuple[type[ModelError], str]:
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    credentials = (
        sdk.NoCredentialsError,
        sdk.PartialCredentialsError,
        sdk.CredentialRetrievalError,
        sdk.ProfileNotFound,
        sdk.SSOError,
        sdk.TokenRetrievalError,
        sdk.NoAuthTokenError,
        sdk.LoginError,
    )
    if isinstance(error, credentials):
        return BadCredentials, (
            "log in or name a profile: `aws configure sso`, aws_profile in prodimg.toml, keys in the environment, or "
            "an API key in AWS_BEARER_TOKEN_BEDROCK (`prodimg doctor` shows what is found)"
        )
    if isinstance(error, sdk.SSLError):
        untrusted = "certificate" in str(error).lower()
        return (FatalForRun, "the endpoint's certificate is not trusted: set AWS_CA_BUNDLE") if untrusted else _MAYBE
    if isinstance(error, sdk.ConnectTimeoutError | sdk.EndpointConnectionError | sdk.ProxyConnectionError):
        return Transient, "nothing was sent: check network and endpoint; the runner tries again"
    if isinstance(error, sdk.HTTPClientError | sdk.IncompleteReadError | ResponseParserError):
        return _MAYBE
    return FatalForRun, "mend the AWS settings (docs/bedrock.md)"


_MAYBE: tuple[type[ModelError], str] = (
    Uncertain,
    "it went out and no whole answer came, so it may have been billed; it is sent again only by "
    "`prodimg resume RUN --retry-uncertain`",
)


def redacted(text: str) -> str:
    """`text` without anything that looks like, or is, a secret of this process's environment."""
    for name in _SECRETS:
        value = os.environ.get(name, "")
        if len(value) >= 8:
            text = text.replace(value, "…")
    return _LOOKS_SECRET.sub("…", text)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """What the service asks for: `x-amz-retry-after` in milliseconds (botocore 1.44), or `retry-after` in seconds."""
    for name, unit in (("x-amz-retry-after", 1000.0), ("retry-after", 1.0)):
        try:
            return min(60.0, max(0.0, float(headers[name]) / unit))
        except (KeyError, ValueError):
            continue
    return None
