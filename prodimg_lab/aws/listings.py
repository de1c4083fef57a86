"""What does Bedrock itself say it has? Free calls; that a model is listed does not prove that it may be called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prodimg_lab.aws.account import Account
from prodimg_lab.aws.clients import client
from prodimg_lab.aws.errors import Called, map_client_errors

SERVICE = "bedrock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A model that a region lists. `status` active or legacy; `end_of_life` ISO date or ""; `on_demand`: by bare id."""

    model: str
    title: str
    status: str
    end_of_life: str
    on_demand: bool


def image_models(region: str, account: Account) -> list[Listed]:
    """Every model of `region` that gives pictures. Raises `ModelError`."""
    with map_client_errors(Called(service=SERVICE, region=region)):
        found = client(SERVICE, region, account).list_foundation_models(byOutputModality="IMAGE")
    return [_listed(each) for each in found["modelSummaries"]]


def profiles(region: str, account: Account) -> frozenset[str]:
    """The ids of all inference profiles of `region`. Raises `ModelError`."""
    found: set[str] = set()
    token: dict[str, str] = {}
    with map_client_errors(Called(service=SERVICE, region=region)):
        while True:
            page = client(SERVICE, region, account).list_inference_profiles(maxResults=100, **token)
            found |= {str(each["inferenceProfileId"]) for each in page["inferenceProfileSummaries"]}
            if not page.get("nextToken"):
                return frozenset(found)
            token = {"nextToken": str(page["nextToken"])}


def may_call(model: str, region: str, account: Account) -> bool:
    """Whether the account has access to a model, without paying for a picture. Raises `ModelError`."""
    with map_client_errors(Called(service=SERVICE, region=region, model_id=model, wire_id=model)):
        found = client(SERVICE, region, account).get_foundation_model_availability(modelId=model)
    granted = found.get("authorizationStatus") == "AUTHORIZED" and found.get("entitlementAvailability") == "AVAILABLE"
    return bool(granted and found.get("regionAvailability") == "AVAILABLE")


def clock_skew_s(region: str, account: Account) -> float:
    """Seconds that this machine's clock is ahead of the service's, by the date of an answer. Raises `ModelError`."""
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    with map_client_errors(Called(service=SERVICE, region=region)):
        found = client(SERVICE, region, account).list_foundation_models(byOutputModality="IMAGE")
    stamp = found["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    return (datetime.now(UTC) - parsedate_to_datetime(stamp)).total_seconds() if stamp else 0.0


def quotas(region: str, account: Account) -> dict[str, float]:
    """What Service Quotas tells of Bedrock's picture models: requests a minute and the like by name. `ModelError`."""
    found: dict[str, float] = {}
    token: dict[str, str] = {}
    with map_client_errors(Called(service="service-quotas", region=region)):
        while True:
            page = client("service-quotas", region, account).list_service_quotas(ServiceCode="bedrock", **token)
            for each in page["Quotas"]:
                if "stab" in str(each.get("QuotaName", "")).lower():  # Stability, Stable Image, Stable Diffusion
                    found[str(each["QuotaName"])] = float(each.get("Value", 0.0))
            if not page.get("NextToken"):
                return found
            token = {"NextToken": str(page["NextToken"])}


def credentials_found(account: Account) -> str:
    """How credentials are found (`env`, `sso`, an API key, …); "" for none. Never the keys themselves."""
    import os

    import boto3

    if os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
        return "API key in AWS_BEARER_TOKEN_BEDROCK"
    with map_client_errors(Called(service="credentials", region="")):
        found = boto3.Session(profile_name=account.profile or None).get_credentials()
    return str(found.method) if found is not None else ""


def _listed(summary: dict[str, Any]) -> Listed:
    lifecycle = summary.get("modelLifecycle", {})
    end = lifecycle.get("endOfLifeTime")
    return Listed(
        model=str(summary["modelId"]),
        title=str(summary.get("modelName", "")),
        status=str(lifecycle.get("status", "ACTIVE")).lower(),
        end_of_life=end.date().isoformat() if isinstance(end, datetime) else "",
        on_demand="ON_DEMAND" in summary.get("inferenceTypesSupported", []),
    )
