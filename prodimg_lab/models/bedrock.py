"""Models of Amazon Bedrock: `bedrock:sd35`, `bedrock:stability.sd3-5-large-v1:0`, a profile's id, or an ARN.

The catalogue's id is what a request is known by; what goes on the wire is what was named, or the profile where the
catalogue has one. Without a word of the lab, a model is called in the catalogue's region for it, never the profile's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from prodimg_lab.aws import Account, Called, Reply, account_of, client, endpoint_url, invoke_model, is_aws
from prodimg_lab.errors import UnknownName, UsageError
from prodimg_lab.lab import Lab
from prodimg_lab.models import catalogue
from prodimg_lab.models._adapter import Adapter
from prodimg_lab.models.remote import RemoteModel
from prodimg_lab.models.stability import STABILITY
from prodimg_lab.records import Capabilities, micro_from_usd

SERVICE = "bedrock-runtime"

ADAPTERS: Mapping[str, Adapter] = {
    "stability.stable-image-core-v1:1": STABILITY,
    "stability.stable-image-core-v1:0": STABILITY,
    "stability.sd3-5-large-v1:0": STABILITY,
    "stability.sd3-large-v1:0": STABILITY,
    "stability.stable-image-ultra-v1:1": STABILITY,
    "stability.stable-image-ultra-v1:0": STABILITY,
}
"""The models that can be drawn with. Retired ones stand in the catalogue alone, so that plans refuse them by name."""

_ARN = re.compile(
    r"arn:aws[a-z-]*:bedrock:(?P<region>[a-z0-9-]*):\d*:"
    r"(?P<kind>foundation-model|inference-profile|[a-z-]+)/(?P<id>[^/]+)"
)
_GEOGRAPHY = re.compile(r"(?:us|us-gov|eu|apac|jp|au|ca|global)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a spec names: the catalogue's id, what goes on the wire ("": the catalogue's), and an ARN's region."""

    model: str
    wire: str = ""
    region: str = ""


def split_name(name: str) -> tuple[str, str, str]:
    """What stands after `bedrock:` as the id on the wire, the model's bare id and an ARN's region ("": none).

    Raises `UnknownName` for an ARN that names no model.
    """
    arn = _ARN.fullmatch(name)
    if name.startswith("arn:") and not arn:
        raise UnknownName(f"{name!r} is no ARN of a Bedrock model or inference profile")
    if arn and arn["kind"] not in ("foundation-model", "inference-profile"):
        raise UnknownName(f"{name!r} does not say which model it calls, so it has no price; name the model's own id")
    return name, _GEOGRAPHY.sub("", arn["id"] if arn else name, count=1), arn["region"] if arn else ""


def parse_name(name: str) -> Name:
    """Read what stands after `bedrock:`. Raises `UnknownName`."""
    wire, bare, region = split_name(name)
    model = catalogue.model_id(bare)
    return Name(model=model, wire=wire if bare != name else "", region=region)


def capabilities(name: str, lab: Lab | None = None) -> Capabilities:
    """What a model accepts and costs. `simulated` where the endpoint is not AWS's.

    Raises `UnknownName`; `UsageError` for a model that nothing here draws with; `FatalForRun` for a broken AWS set-up.
    """
    parsed = parse_name(name)
    card = catalogue.row(parsed.model)
    if card.status == "retired":
        return card  # a plan refuses it by name
    if parsed.model not in ADAPTERS:
        raise UsageError(
            f"{parsed.model} does {', '.join(card.operations)} to a picture; this version draws from text alone: use "
            "bedrock:core, bedrock:sd35 or bedrock:ultra"
        )
    account = account_of(lab)
    price = lab.price_usd(f"bedrock:{name}", name, card.model) if lab else None
    if price is not None:
        card = replace(card, price_micro=micro_from_usd(price), price_source="`prices` of prodimg.toml")
    card = replace(card, region=region_of(parsed, card, account))
    url = endpoint_url(SERVICE, card.region, account)
    if not is_aws(url, account):
        card = replace(card, source="simulated", title=f"{card.title} (emulated at {url})")
    return card


def load(name: str, lab: Lab | None = None) -> RemoteModel:
    """The model, ready to draw. Raises as `capabilities` does, `UnknownName` for a retired model."""
    parsed = parse_name(name)
    card = capabilities(name, lab)
    if card.model not in ADAPTERS:
        raise UnknownName(f"{card.model} was retired {card.end_of_life}; use {card.replacement}")
    account = account_of(lab)
    called = called_of(parsed, card, card.region)
    return RemoteModel(
        card,
        adapter=ADAPTERS[card.model],
        always=catalogue.always(card.model),
        send=partial(_send, account=account, called=called),
    )


def region_of(name: Name, card: Capabilities, account: Account) -> str:
    """Where a model is called: as the lab says, as the ARN says, else the catalogue's first region for it."""
    return account.regions.get(card.model) or name.region or card.regions[0]


def called_of(name: Name, card: Capabilities, region: str) -> Called:
    """Who is called, for the wire and for messages."""
    return Called(
        service=SERVICE,
        region=region,
        model_id=card.model,
        wire_id=name.wire or card.profile or card.model,
        regions=card.regions,
        replacement=card.replacement,
        profile=card.profile,
    )


def _send(body: Mapping[str, object], *, account: Account, called: Called) -> Reply:
    return invoke_model(client(SERVICE, called.region, account), body=body, called=called)
