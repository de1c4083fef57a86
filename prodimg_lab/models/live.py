"""Where does the dated catalogue differ from what Bedrock lists today?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prodimg_lab.aws import account_of, endpoint_url, is_aws
from prodimg_lab.aws.listings import Listed, image_models, profiles
from prodimg_lab.lab import Lab
from prodimg_lab.models import catalogue
from prodimg_lab.records import Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One point in which the catalogue and a region differ."""

    region: str
    model: str
    says: str


def emulated_at(lab: Lab | None = None) -> str:
    """The address that would be asked, where it is not AWS's; else ""."""
    account = account_of(lab)
    url = endpoint_url("bedrock", catalogue.row("core").regions[0], account)
    return "" if is_aws(url, account) else url


def differences(lab: Lab | None = None) -> list[Difference]:
    """Ask every region of the catalogue; free calls. Raises `ModelError`."""
    account = account_of(lab)
    cards = catalogue.rows()
    found: list[Difference] = []
    for region in sorted({region for card in cards for region in card.regions}):
        listed = {each.model: each for each in image_models(region, account)}
        known = profiles(region, account)
        found += _of_region(region, cards, listed, known)
    return found


def _of_region(
    region: str, cards: Iterable[Capabilities], listed: dict[str, Listed], profiles_there: frozenset[str]
) -> Iterable[Difference]:
    by_id = {card.model: card for card in cards}
    for model, there in listed.items():
        card = by_id.get(model)
        if card is None:
            yield Difference(region=region, model=model, says=f"new: {there.title} is not in the catalogue")
        elif card.status != there.status:
            yield Difference(
                region=region, model=model, says=f"is {there.status} there, {card.status} in the catalogue"
            )
        elif there.end_of_life and there.end_of_life != card.end_of_life:
            yield Difference(region=region, model=model, says=f"its end of life is {there.end_of_life}")
        elif there.on_demand and card.profile:
            yield Difference(region=region, model=model, says=f"can be called by its own id, not {card.profile} alone")
    for card in by_id.values():
        if region in card.regions and card.status != "retired" and card.model not in listed:
            yield Difference(region=region, model=card.model, says="is in the catalogue and not listed there")
        if region in card.regions and card.profile and card.profile not in profiles_there:
            yield Difference(region=region, model=card.model, says=f"its profile {card.profile} is not listed there")
