"""What can go wrong on purpose? One table of named faults, and a board that says whose turn it is."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from prodimg_lab.emulator.addresses import END_OF_LIFE, NEEDS_PROFILE, NO_ACCESS, UNKNOWN_MODEL, bare_id
from prodimg_lab.emulator.sigv4 import MISMATCH
from prodimg_lab.emulator.wire import Refusal
from prodimg_lab.errors import UnknownName, UsageError
from prodimg_lab.suggest import nearest


class Effect(StrEnum):
    """How a fault shows. All but `ERROR` come after the work was done: AWS would have billed it."""

    ERROR = "error answer"
    RESET_BEFORE = "reset before"
    RESET_MIDWAY = "reset midway"
    TRUNCATED = "truncated"
    STALL = "stall"
    HALF_JSON = "half json"
    BAD_BASE64 = "bad base64"
    EMPTY_IMAGE = "empty image"
    FILTERED = "filtered"

    @property
    def needs_picture(self) -> bool:
        """Whether it can befall nothing but the answer of an image model."""
        return self in (Effect.BAD_BASE64, Effect.EMPTY_IMAGE, Effect.FILTERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row of the table. `message` may hold `{model}`; for `FILTERED` it is the finish reason."""

    name: str
    summary: str
    effect: Effect = Effect.ERROR
    status: int = 0
    code: str = ""
    message: str = ""
    members: tuple[tuple[str, object], ...] = ()

    def refusal(self, model: str) -> Refusal:
        """The error answer of an `ERROR` fault."""
        text = self.message.replace("{model}", model)
        members = {
            key: value.replace("{model}", model) if isinstance(value, str) else value for key, value in self.members
        }
        return Refusal(self.code, text, status=self.status, members=members)


def _error(name: str, status: int, code: str, message: str, summary: str = "", **members: object) -> Fault:
    told = summary or f"{status} {code}"
    return Fault(name=name, summary=told, status=status, code=code, message=message, members=tuple(members.items()))


def _text(name: str, message: str, summary: str) -> Fault:
    return _error(name, 400, "ValidationException", message, f"400 ValidationException: {summary}")


_MALFORMED = "Malformed input request: {}, please reformat your input and try again."
_FIELDS = "['prompt', 'negative_prompt', 'mode', 'strength', 'seed', 'output_format', 'image', 'aspect_ratio']"
_SERVICE = "control-sketch are: image, prompt, control_strength, negative_prompt, seed, output_format, style_preset"
_IDLE = (
    "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the "
    "last 30 days. Please upgrade to an active model on Amazon Bedrock"
)

_ROWS = (
    _error("throttled", 429, "ThrottlingException", "Too many requests, please wait before trying again."),
    _error(
        "throttled-tokens",
        429,
        "ThrottlingException",
        "Too many tokens, please wait before trying again.",
        "429 ThrottlingException that speaks of tokens",
    ),
    _error("not-ready", 429, "ModelNotReadyException", "Model is not ready for inference. Please wait and try again."),
    _error("internal-error", 500, "InternalServerException", "The system encountered an unexpected error."),
    _error("unavailable", 503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
    _error("bad-gateway", 502, "", "Bad gateway", "502 of a gateway, without an exception's name"),
    _error("gateway-timeout", 504, "", "Gateway timeout", "504 of a gateway, without an exception's name"),
    _error("model-timeout", 408, "ModelTimeoutException", "The model took too long to answer."),
    _error(
        "model-error",
        424,
        "ModelErrorException",
        "The request failed due to an error while processing the model.",
        "424 ModelErrorException with originalStatusCode and resourceName",
        originalStatusCode=500,
        resourceName="{model}",
    ),
    _error("access-denied", 403, "AccessDeniedException", NO_ACCESS),
    _error(
        "quota-exceeded",
        400,
        "ServiceQuotaExceededException",
        "Your request exceeds the service quota of your account.",
    ),
    _error("not-found", 404, "ResourceNotFoundException", "Could not find the resource."),
    _text("missing-prompt", _MALFORMED.format("#: required key [prompt] not found"), "no prompt in the body"),
    _text(
        "several-violations",
        _MALFORMED.format("#: required key [texts] not found#: extraneous key [inputText] is not permitted"),
        "two faults in one text, joined with #",
    ),
    _text("unknown-field", f'{{"detail":"Invalid field in request. Available fields: {_FIELDS}"}}', "JSON as its text"),
    _text(
        "unknown-service-field",
        f'{{"detail":"Invalid field \'text_prompts\' in request. Available fields for {_SERVICE}"}}',
        "JSON as its text, from an image service",
    ),
    _text(
        "malformed", "Malformed input request, please reformat your input and try again.", "the text that says nothing"
    ),
    _text("needs-profile", NEEDS_PROFILE, "called by bare id; the apostrophe is U+2019"),
    _text("unknown-model", UNKNOWN_MODEL, "an id that does not exist, or not in this region"),
    _error(
        "end-of-life", 404, "ResourceNotFoundException", END_OF_LIFE, "404 ResourceNotFoundException: a retired model"
    ),
    _error("legacy-idle", 404, "ResourceNotFoundException", _IDLE, "404 that says Access denied: a legacy model, idle"),
    _error("expired-token", 403, "ExpiredTokenException", "The security token included in the request is expired"),
    _error("unknown-key", 403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    _error("wrong-signature", 403, "InvalidSignatureException", MISMATCH),
    _error("incomplete-signature", 403, "IncompleteSignature", "Authorization header requires 'Signature' parameter."),
    Fault(
        name="reset-before",
        effect=Effect.RESET_BEFORE,
        summary="the connection is reset before the answer's first byte",
    ),
    Fault(name="reset-midway", effect=Effect.RESET_MIDWAY, summary="the connection is reset in the middle of the body"),
    Fault(
        name="truncated", effect=Effect.TRUNCATED, summary="the body ends half-way, Content-Length promises all of it"
    ),
    Fault(
        name="stall", effect=Effect.STALL, summary="the work is done and nothing is answered until the client leaves"
    ),
    Fault(name="half-json", effect=Effect.HALF_JSON, summary="200 with half of its JSON"),
    Fault(name="bad-base64", effect=Effect.BAD_BASE64, summary="200 with a picture that is not base64"),
    Fault(name="empty-image", effect=Effect.EMPTY_IMAGE, summary="200 with an empty picture"),
    Fault(
        name="refused-prompt",
        effect=Effect.FILTERED,
        message="Filter reason: prompt",
        summary="200, the prompt is filtered",
    ),
    Fault(
        name="refused-output",
        effect=Effect.FILTERED,
        message="Filter reason: output image",
        summary="200, the picture is filtered",
    ),
    Fault(
        name="refused-input",
        effect=Effect.FILTERED,
        message="Filter reason: input image",
        summary="200, a picture that went in is filtered",
    ),
    Fault(name="inference-error", effect=Effect.FILTERED, message="Inference error", summary="200, the model failed"),
)
FAULTS: Mapping[str, Fault] = {row.name: row for row in _ROWS}
"""Every fault by its name, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """When a fault strikes: the next `count` calls (None: every one), each with chance `rate`, of `model` ("": any)."""

    fault: str
    count: int | None = None
    rate: float = 1.0
    model: str = ""

    def __post_init__(self) -> None:
        named_fault(self.fault)
        if self.count is not None and self.count < 1:
            raise UsageError(f"fault {self.fault}: count {self.count} is below 1")
        if not 0 < self.rate <= 1:
            raise UsageError(f"fault {self.fault}: rate {self.rate:g} is outside 0-1 (0.1: one call in ten)")


def named_fault(name: str) -> Fault:
    """The fault `name`. Raises `UnknownName`."""
    if name not in FAULTS:
        raise UnknownName(f"no fault {name!r}; {nearest(name, FAULTS)} (prodimg emulate --list-faults shows all)")
    return FAULTS[name]


def parsed_rule(text: str) -> FaultRule:
    """`throttled` (every call), `throttled:3` (the next three) or `throttled:0.1` (one in ten). Raises `UsageError`."""
    name, colon, much = text.partition(":")
    if not colon:
        return FaultRule(fault=name)
    named_fault(name)
    try:
        return FaultRule(fault=name, count=int(much)) if much.isdecimal() else FaultRule(fault=name, rate=float(much))
    except ValueError:
        raise UsageError(f"fault {text!r}: write {name}:3 for three calls or {name}:0.1 for one in ten") from None


class FaultBoard:
    """The rules that wait for a call. Used from several threads; chances are drawn from a fixed seed."""

    def __init__(self, rules: tuple[FaultRule, ...] = ()) -> None:
        self._first = rules
        self._guard = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Back to the rules of the start."""
        with self._guard:
            self._rules = list(self._first)
            self._chance = random.Random(0)

    def add(self, rule: FaultRule) -> None:
        """One more rule; it comes after those that wait already."""
        with self._guard:
            self._rules.append(rule)

    def take(self, model: str, *, draws: bool) -> Fault | None:
        """The fault of this call of `model`, if any; `draws`: its answer would hold a picture."""
        with self._guard:
            for at, rule in enumerate(self._rules):
                fault = FAULTS[rule.fault]
                if bare_id(rule.model) not in ("", model) or (fault.effect.needs_picture and not draws):
                    continue
                if rule.rate < 1 and self._chance.random() >= rule.rate:
                    continue
                if rule.count is not None:
                    self._rules[at : at + 1] = [replace(rule, count=rule.count - 1)] if rule.count > 1 else []
                return fault
        return None
