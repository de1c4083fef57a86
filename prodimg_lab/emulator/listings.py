"""Which models and profiles are there? What the client `bedrock` asks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from prodimg_lab.emulator.addresses import Address, Operation, bare_id
from prodimg_lab.emulator.served import Dialect, Served
from prodimg_lab.emulator.settings import Settings
from prodimg_lab.emulator.wire import Refusal, Reply, invalid, json_reply

ACCOUNT = "123456789012"
CREATED = "2025-08-01T00:00:00Z"
"""When profiles say that they were made; invented."""
MODALITIES = ("TEXT", "IMAGE", "EMBEDDING")
INFERENCE_TYPES = ("ON_DEMAND", "PROVISIONED", "INFERENCE_PROFILE")
CUSTOMIZATIONS = ("FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION")


def listed(address: Address, query: str, *, region: str, settings: Settings, models: Mapping[str, Served]) -> Reply:
    """The answer to a listing. Raises `Refusal`."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    here = [model for model in models.values() if region in model.regions and model.status != "retired"]
    match address.operation:
        case Operation.LIST_MODELS:
            return json_reply({"modelSummaries": _filtered([summary(model, region) for model in here], asked)})
        case Operation.GET_MODEL:
            found = [model for model in here if model.model == bare_id(address.identifier)]
            if not found:
                raise Refusal("ResourceNotFoundException", f"Could not find model {address.identifier}.", status=404)
            return json_reply({"modelDetails": summary(found[0], region)})
        case Operation.GET_AVAILABILITY:
            return json_reply(_availability(address.identifier, region, settings, models))
        case Operation.LIST_PROFILES:
            return json_reply(_page(profiles(here, region), asked))
        case _:
            wanted = address.identifier.rpartition("/")[2]
            by_id = {str(each["inferenceProfileId"]): each for each in profiles(here, region)}
            if wanted not in by_id:
                raise Refusal("ResourceNotFoundException", f"Could not find profile {address.identifier}.", status=404)
            return json_reply(by_id[wanted])


def summary(model: Served, region: str) -> dict[str, object]:
    """A model as listings and details show it; times are ISO 8601."""
    ways = [*(["ON_DEMAND"] if model.on_demand else []), *(["INFERENCE_PROFILE"] if model.geographies else [])]
    lifecycle = {"status": model.status.upper()}
    if model.end_of_life:
        lifecycle["endOfLifeTime"] = f"{model.end_of_life}T00:00:00Z"
    return {
        "modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model.model}",
        "modelId": model.model,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": list(model.inputs),
        "outputModalities": list(model.outputs),
        "responseStreamingSupported": model.dialect is Dialect.CONVERSE,
        "customizationsSupported": [],
        "inferenceTypesSupported": ways,
        "modelLifecycle": lifecycle,
    }


def profiles(models: list[Served], region: str) -> list[dict[str, object]]:
    """Every inference profile that can be called from `region`."""
    return [_profile(model, name, region) for model in models for name in model.profiles(region)]


def _profile(model: Served, name: str, region: str) -> dict[str, object]:
    geo = name.partition(".")[0]
    reach = [each for each in model.regions if name in model.profiles(each)][:5]
    return {
        "inferenceProfileName": f"{geo.upper()} {model.name}",
        "inferenceProfileId": name,
        "inferenceProfileArn": f"arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/{name}",
        "models": [{"modelArn": f"arn:aws:bedrock:{each}::foundation-model/{model.model}"} for each in reach],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
        "description": f"Routes requests to {model.name} within {geo}. Simulated.",
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }


def _filtered(rows: list[dict[str, object]], asked: Mapping[str, str]) -> list[dict[str, object]]:
    filters = (
        ("byOutputModality", "outputModalities", MODALITIES),
        ("byInferenceType", "inferenceTypesSupported", INFERENCE_TYPES),
        ("byCustomizationType", "customizationsSupported", CUSTOMIZATIONS),
    )
    for name, member, choices in filters:
        if name in asked:
            rows = [row for row in rows if _one_of(name, asked[name], choices) in _list(row[member])]
    if "byProvider" in asked:
        rows = [row for row in rows if str(row["providerName"]).lower() == asked["byProvider"].lower()]
    return rows


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise invalid(
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must "
            f"satisfy enum value set: [{', '.join(choices)}]"
        )
    return value


def _page(rows: list[dict[str, object]], asked: Mapping[str, str]) -> dict[str, object]:
    if "type" in asked:
        rows = [row for row in rows if row["type"] == _one_of("type", asked["type"], ("SYSTEM_DEFINED", "APPLICATION"))]
    first, most = asked.get("nextToken", "0"), asked.get("maxResults", "1000")
    if not first.isdecimal():
        raise invalid("The provided nextToken is invalid.")
    if not most.isdecimal() or not 1 <= int(most) <= 1000:
        raise invalid(f"1 validation error detected: Value '{most}' at 'maxResults' is outside 1-1000")
    stop = int(first) + int(most)
    page: dict[str, object] = {"inferenceProfileSummaries": rows[int(first) : stop]}
    return {**page, "nextToken": str(stop)} if stop < len(rows) else page


def _availability(identifier: str, region: str, settings: Settings, models: Mapping[str, Served]) -> dict[str, object]:
    model = models.get(bare_id(identifier))
    if model is None or model.status == "retired":
        raise Refusal("ResourceNotFoundException", f"Could not find model {identifier}.", status=404)
    allowed = model.model not in settings.no_access
    return {
        "modelId": model.model,
        "agreementAvailability": {"status": "AVAILABLE" if allowed else "NOT_AVAILABLE"},
        "authorizationStatus": "AUTHORIZED" if allowed else "NOT_AUTHORIZED",
        "entitlementAvailability": "AVAILABLE" if allowed else "NOT_AVAILABLE",
        "regionAvailability": "AVAILABLE" if region in model.regions else "NOT_AVAILABLE",
    }
