"""What does a request ask for, and of which model? Read from the raw path, decoded once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from prodimg_lab.emulator.served import GEOGRAPHIES, Served
from prodimg_lab.emulator.wire import Refusal, Service, invalid

LONGEST_ID = 2048
UNKNOWN_MODEL = "The provided model identifier is invalid."
END_OF_LIFE = (
    "This model version has reached the end of its life. Please refer to the AWS documentation for more details."
)
NEEDS_PROFILE = (
    "Invocation of model ID {model} with on-demand throughput isn’t supported. Retry your request with the ID or ARN "
    "of an inference profile that contains this model."
)
NO_ACCESS = "You don't have access to the model with the specified model ID."
_ARN = re.compile(r"arn:aws(?:-[a-z-]+)?:bedrock:(?P<region>[a-z0-9-]*):(?:\d{12})?:(?P<kind>[a-z-]+)/(?P<name>.+)")


class Operation(StrEnum):
    """What can be asked."""

    INVOKE_MODEL = "InvokeModel"
    CONVERSE = "Converse"
    INVOKE_ENDPOINT = "InvokeEndpoint"
    LIST_MODELS = "ListFoundationModels"
    GET_MODEL = "GetFoundationModel"
    GET_AVAILABILITY = "GetFoundationModelAvailability"
    LIST_PROFILES = "ListInferenceProfiles"
    GET_PROFILE = "GetInferenceProfile"

    @property
    def calls_a_model(self) -> bool:
        """Whether a model is run: what quotas, faults and the latency apply to."""
        return self in (Operation.INVOKE_MODEL, Operation.CONVERSE, Operation.INVOKE_ENDPOINT)

    @property
    def service(self) -> Service:
        """The service that the signature's scope must name."""
        return "sagemaker" if self is Operation.INVOKE_ENDPOINT else "bedrock"


_ROUTES = (
    ("POST", "/model/", "/invoke", Operation.INVOKE_MODEL),
    ("POST", "/model/", "/converse", Operation.CONVERSE),
    ("POST", "/endpoints/", "/invocations", Operation.INVOKE_ENDPOINT),
    ("GET", "/foundation-models", "", Operation.LIST_MODELS),
    ("GET", "/foundation-models/", "", Operation.GET_MODEL),
    ("GET", "/foundation-model-availability/", "", Operation.GET_AVAILABILITY),
    ("GET", "/inference-profiles", "", Operation.LIST_PROFILES),
    ("GET", "/inference-profiles/", "", Operation.GET_PROFILE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An operation and the identifier in its path ("" for a listing): a model, a profile, an endpoint's name."""

    operation: Operation
    identifier: str = ""


def address_of(method: str, raw_path: str) -> Address:
    """What is asked. Raises `Refusal`: 404 for an operation that is not here, 400 for an identifier out of length."""
    for wanted, prefix, suffix, operation in _ROUTES:
        if method != wanted or not raw_path.startswith(prefix) or not raw_path.endswith(suffix):
            continue
        raw = raw_path[len(prefix) : len(raw_path) - len(suffix)]
        if prefix.endswith("/") == bool(raw):
            identifier = unquote(raw)
            if len(identifier) > LONGEST_ID:
                raise invalid(f"1 validation error detected: modelId has {len(identifier)} of at most {LONGEST_ID}.")
            return Address(operation=operation, identifier=identifier)
    raise Refusal(
        "UnknownOperationException", f"prodimg emulator: nothing answers {method} {raw_path[:200]}", status=404
    )


def bare_id(identifier: str) -> str:
    """The model id in a model id, profile id, profile ARN or foundation-model ARN, whether or not there is one."""
    found = _ARN.fullmatch(identifier)
    name = found["name"] if found else identifier
    geo, _, rest = name.partition(".")
    return rest if geo in GEOGRAPHIES else name


def resolve(identifier: str, *, region: str, models: Mapping[str, Served]) -> Served:
    """The model that a call from `region` reaches. Raises `Refusal` with the texts that AWS uses."""
    kind, name = "", identifier
    if found := _ARN.fullmatch(identifier):
        kind, name = found["kind"], found["name"]
        if found["region"] not in ("", region) or kind not in ("foundation-model", "inference-profile"):
            raise invalid(UNKNOWN_MODEL)
    model = models.get(bare_id(name))
    is_profile = name != bare_id(name)
    if model is None or (kind and (kind == "inference-profile") != is_profile):
        raise invalid(UNKNOWN_MODEL)
    if model.status == "retired":
        raise Refusal("ResourceNotFoundException", END_OF_LIFE, status=404)
    if region not in model.regions or (is_profile and name not in model.profiles(region)):
        raise invalid(UNKNOWN_MODEL)
    if not is_profile and not model.on_demand:
        raise invalid(NEEDS_PROFILE.format(model=identifier))
    return model
