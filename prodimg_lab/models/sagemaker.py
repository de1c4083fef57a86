"""A model of one's own behind a SageMaker endpoint: `sagemaker:<endpoint>`, asked as Stable Diffusion XL 1.0.

An endpoint is paid by the hour, so nobody but the lab can say what a picture costs: `prices` in prodimg.toml must.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from prodimg_lab.aws import Account, Called, Reply, account_of, client, endpoint_url, invoke_endpoint, is_aws
from prodimg_lab.errors import UnknownName
from prodimg_lab.lab import Lab
from prodimg_lab.models import catalogue
from prodimg_lab.models.remote import RemoteModel
from prodimg_lab.models.sdxl import SDXL
from prodimg_lab.records import Capabilities, micro_from_usd

SERVICE = "sagemaker-runtime"
DEFAULT_REGION = "us-east-1"
_NAME = re.compile(r"[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}")


def capabilities(name: str, lab: Lab | None = None) -> Capabilities:
    """What an endpoint accepts; it has a price only where the lab names one. Raises `UnknownName`."""
    if not _NAME.fullmatch(name):
        raise UnknownName(f"{name!r} is no name of a SageMaker endpoint (1-63 letters, digits and dashes)")
    model = f"sagemaker:{name}"
    price = lab.price_usd(model, name) if lab else None
    account = account_of(lab)
    card = replace(
        catalogue.row("sdxl"),
        model=model,
        title=f"SDXL at the SageMaker endpoint {name}",
        price_micro=None if price is None else micro_from_usd(price),
        price_source="" if price is None else "`prices` of prodimg.toml",
        status="active",
        end_of_life="",
        replacement="",
        regions=(region_of(model, account),),
        region=region_of(model, account),
    )
    url = endpoint_url(SERVICE, card.regions[0], account)
    return (
        card if is_aws(url, account) else replace(card, source="simulated", title=f"{card.title} (emulated at {url})")
    )


def load(name: str, lab: Lab | None = None) -> RemoteModel:
    """The endpoint, ready to draw. Raises as `capabilities` does."""
    card = capabilities(name, lab)
    account = account_of(lab)
    called = Called(service=SERVICE, region=card.regions[0], model_id=card.model, wire_id=name, regions=card.regions)
    send = partial(_send, account=account, called=called)
    return RemoteModel(card, adapter=SDXL, always={}, send=send)


def region_of(model: str, account: Account) -> str:
    """The region that the lab names for the endpoint, else `DEFAULT_REGION`."""
    return account.regions.get(model) or DEFAULT_REGION


def _send(body: Mapping[str, object], *, account: Account, called: Called) -> Reply:
    return invoke_endpoint(client(SERVICE, called.region, account), body=body, called=called)
