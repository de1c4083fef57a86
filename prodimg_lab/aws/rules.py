"""What does an error of AWS mean? Data, read from top to bottom: the first rule that fits decides.

Texts are compared in lower case with straight apostrophes (the service writes U+2019 in one of them). Two answers lie:
a legacy model that an account has not used for long says `Access denied` in a 404, and a model of another region is
`invalid`. Sources: the Bedrock Runtime service model of botocore 1.44.5 for codes and statuses; texts as collected from
public issue threads (docs/bedrock.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from prodimg_lab.errors import (
    AccessDenied,
    BadCredentials,
    ContentFiltered,
    FatalForRun,
    FatalForTrial,
    ModelError,
    ModelRetired,
    Throttled,
    Transient,
    WrongRegion,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An answer with one of `codes` or `statuses` (any, when both are empty) and `says` in its text is a `kind`.

    `next_step` may hold {model}, {wire}, {region}, {regions}, {replacement}, {profile}, {service}.
    """

    kind: type[ModelError]
    next_step: str
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    says: str = ""

    def fits(self, code: str, status: int, text: str) -> bool:
        """Whether it speaks of this answer; `text` in lower case with straight apostrophes."""
        listed = not (self.codes or self.statuses) or code in self.codes or status in self.statuses
        return listed and self.says in text


RULES: tuple[Rule, ...] = (
    Rule(
        says="end of its life",
        kind=ModelRetired,
        next_step="{model} has been switched off; use {replacement} (`prodimg models`)",
    ),
    Rule(
        says="marked by provider as legacy",
        kind=ModelRetired,
        next_step="{model} is legacy, and AWS has closed it to accounts that did not use it of late (this is no lack "
        "of permission, whatever the answer says); use {replacement}",
    ),
    Rule(
        says="on-demand throughput isn't supported",
        kind=FatalForRun,
        next_step="{wire} is called through an inference profile only; write `model: bedrock:{profile}`",
    ),
    Rule(
        says="model identifier is invalid",
        kind=WrongRegion,
        next_step="{wire} is not known in {region}; {model} is served in {regions}: set the region in prodimg.toml, "
        'regions = {{ "{model}" = "us-west-2" }}, or see `prodimg models` for the right id',
    ),
    Rule(
        says="blocked by our content filters",
        kind=ContentFiltered,
        next_step="change the words that the filter objects to; the same prompt and seed will be refused again",
    ),
    Rule(
        codes=("ExpiredTokenException", "ExpiredToken", "RequestExpired"),
        kind=BadCredentials,
        next_step="the session's credentials have expired: log in again (`aws sso login`, or new keys), then resume",
    ),
    Rule(
        says="signature expired",
        kind=BadCredentials,
        next_step="this machine's clock is wrong by more than five minutes: set it (NTP), then resume",
    ),
    Rule(
        says="signature not yet current",
        kind=BadCredentials,
        next_step="this machine's clock is wrong by more than five minutes: set it (NTP), then resume",
    ),
    Rule(
        codes=(
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "MissingAuthenticationTokenException",
            "MissingAuthenticationToken",
            "NotAuthorized",
        ),
        kind=BadCredentials,
        next_step="AWS does not know these credentials: check the profile, the keys or the API key "
        "(`prodimg doctor` names which are used), and this machine's clock",
    ),
    Rule(
        codes=("AccessDeniedException", "AccessDenied"),
        kind=AccessDenied,
        next_step="ask for {model} on the Bedrock console's page `Model access` in {region}, and for "
        "bedrock:InvokeModel in the IAM policy (docs/bedrock.md has one)",
    ),
    Rule(
        codes=("ThrottlingException", "TooManyRequestsException", "Throttling", "RequestLimitExceeded"),
        kind=Throttled,
        next_step="the runner slows down and sends it again",
    ),
    Rule(
        codes=("ModelNotReadyException",),
        kind=Transient,
        next_step="the model is being loaded; the runner sends it again",
    ),
    Rule(
        codes=("ServiceQuotaExceededException",),
        kind=FatalForRun,
        next_step="a quota of the account is used up: raise it on the Service Quotas page for Bedrock in {region}",
    ),
    Rule(
        codes=("ModelTimeoutException",),
        statuses=(408,),
        kind=Transient,
        next_step="the model took too long and the service gave up; sent again (that such a call is not billed is "
        "unproven)",
    ),
    Rule(
        codes=("ModelErrorException", "ModelError"),
        statuses=(424,),
        kind=Transient,
        next_step="the model failed; sent again (that such a call is not billed is unproven)",
    ),
    Rule(
        codes=("ResourceNotFoundException",),
        kind=FatalForRun,
        next_step="{wire} is not there in {region}; `prodimg models --live` lists what is",
    ),
    Rule(
        codes=("ValidationException", "ValidationError"),
        kind=FatalForTrial,
        next_step="the request is wrong for {model}; mend the field that is named",
    ),
    Rule(
        codes=("InternalServerException", "InternalFailure", "ServiceUnavailableException", "ServiceUnavailable"),
        statuses=(500, 502, 503, 504, 530),
        kind=Transient,
        next_step="the service failed; the runner sends it again",
    ),
    Rule(statuses=(429,), kind=Throttled, next_step="the runner slows down and sends it again"),
    Rule(
        statuses=(401, 403),
        kind=AccessDenied,
        next_step="this account may not call {wire} in {region}; see `prodimg doctor`",
    ),
)
