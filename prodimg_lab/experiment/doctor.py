"""Is everything in place? Each thing that a lab needs, how it stands, and how to mend it. Asks AWS for nothing paid."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from prodimg_lab.aws import account_of, is_aws
from prodimg_lab.aws.clients import endpoint_url
from prodimg_lab.aws.listings import clock_skew_s, credentials_found, may_call, quotas
from prodimg_lab.errors import ContentFiltered, ModelError, ProdimgError, Uncertain
from prodimg_lab.experiment.folder import RUNS, new_run_id
from prodimg_lab.experiment.running import caps_of
from prodimg_lab.lab import KEYS, Lab
from prodimg_lab.models import ImageModel, bedrock, capabilities, catalogue, load_model
from prodimg_lab.records import GeneratedImage, ImageRequest, digest_of, usd_text
from prodimg_lab.store import Claim, Ending, Index, Ledger, Order, RunLock
from prodimg_lab.store.filesystems import is_network, kind_of

Verdict = Literal["ok", "warn", "fail"]
MOST_SKEW_S = 120.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "firefox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do when it is not `ok`."""

    name: str
    verdict: Verdict
    says: str
    mend: str = ""


def examine(lab: Lab, *, pay: bool = False) -> Iterator[Finding]:
    """Look at everything, one finding after the other; with `pay` one picture of the cheapest model is bought."""
    yield from _settings(lab)
    yield _guarded("studio", _studio)
    yield _browser()
    yield _guarded("index", lambda: _index(lab))
    yield _guarded("money", lambda: _money(lab))
    yield from _bedrock(lab, pay=pay)


def cheapest() -> str:
    """The served model whose picture costs least."""
    drawn = [card for card in catalogue.rows() if card.status == "active" and card.model in bedrock.ADAPTERS]
    return min(drawn, key=lambda card: card.price_micro or 0).model


def _settings(lab: Lab) -> Iterator[Finding]:
    yield Finding(name="lab", verdict="ok", says=str(lab.root))
    for name in KEYS:
        setting = lab.settings[name]
        shown = "-" if setting.value in (None, "") else str(setting.value)
        yield Finding(name=name, verdict="ok", says=f"{shown}  ({setting.origin})")


def _studio() -> Finding:
    if find_spec("mitsuba") is None:
        mend = "pip install 'prodimg-lab[lab]'"
        return Finding(name="studio", verdict="fail", says="its renderer is not installed", mend=mend)
    model = load_model("studio:core@96")
    card = model.capabilities
    image = model.generate(ImageRequest(model=card.model, revision=card.revision, prompt="a red mug", seed=7))
    return Finding(name="studio", verdict="ok", says=f"draws (simulated; {image.seconds:.1f} s at 96 pixels)")


def _browser() -> Finding:
    found = next((name for name in BROWSERS if shutil.which(name)), "")
    if found:
        return Finding(name="browser", verdict="ok", says=found)
    return Finding(name="browser", verdict="warn", says="none found", mend="only the tests and your reports need one")


def _index(lab: Lab) -> Finding:
    """How many processes may work in the lab."""
    folder = lab.index_file.parent if lab.index_file.parent.is_dir() else lab.root
    kind = kind_of(folder) or "a local disk"
    mend = "for several at once, put the lab on a local disk"
    if is_network(folder):
        says = f"on {kind}: one process at a time (SQLite in mode TRUNCATE)"
        return Finding(name="index", verdict="warn", says=says, mend=mend)
    if not lab.index_file.is_file():
        return Finding(name="index", verdict="ok", says=f"not made yet (on {kind})")
    index = Index(lab.index_file)
    mode = index.journal_mode
    index.close()
    if mode != "wal":
        says = f"{kind} refuses WAL: one process at a time (SQLite in mode TRUNCATE)"
        return Finding(name="index", verdict="warn", says=says, mend=mend)
    return Finding(name="index", verdict="ok", says=f"any number of processes (WAL, on {kind})")


def _money(lab: Lab) -> Finding:
    if not lab.index_file.is_file():
        return Finding(name="money", verdict="ok", says="nothing spent yet")
    index = Index(lab.index_file)
    try:
        rows = index.rows("SELECT real_micro FROM totals WHERE scope = 'lab'")
        spent = int(str(rows[0][0])) if rows else 0
    finally:
        index.close()
    cap = lab.usd("day_cap_usd")
    capped = f"${cap:.2f} a day" if cap is not None else "no cap a day"
    mend = "" if cap is not None else "set day_cap_usd in prodimg.toml"
    return Finding(
        name="money", verdict="ok" if cap is not None else "warn", says=f"{usd_text(spent)} spent; {capped}", mend=mend
    )


def _bedrock(lab: Lab, *, pay: bool) -> Iterator[Finding]:
    account = account_of(lab)
    found = _guarded("credentials", lambda: _credentials(lab))
    yield found
    region = account.regions.get(cheapest()) or catalogue.row(cheapest()).regions[0]
    url = endpoint_url(bedrock.SERVICE, region, account) if found.verdict != "fail" else ""
    if url and not is_aws(url, account):
        yield Finding(name="endpoint", verdict="warn", says=f"{url} is not AWS's: everything there is simulated")
    if found.verdict != "ok":
        return
    yield _guarded("clock", lambda: _clock(lab, region))
    for model in bedrock.ADAPTERS:
        card = catalogue.row(model)
        if card.status == "active":
            yield _guarded(model, lambda card=card: _access(lab, card.model))  # type: ignore[misc]
    yield _quotas(lab, region)
    if pay:
        yield _guarded("a picture", lambda: _picture(lab))


def _credentials(lab: Lab) -> Finding:
    how = credentials_found(account_of(lab))
    if how:
        return Finding(name="credentials", verdict="ok", says=how)
    mend = "fine for the studio; for Bedrock: `aws configure sso`, keys, or AWS_BEARER_TOKEN_BEDROCK (docs/bedrock.md)"
    return Finding(name="credentials", verdict="warn", says="none found", mend=mend)


def _clock(lab: Lab, region: str) -> Finding:
    skew = clock_skew_s(region, account_of(lab))
    if abs(skew) > MOST_SKEW_S:
        mend = "set it (NTP): signatures fail from five minutes on"
        return Finding(name="clock", verdict="fail", says=f"{skew:+.0f} s off AWS's", mend=mend)
    return Finding(name="clock", verdict="ok", says=f"{skew:+.0f} s off AWS's")


def _access(lab: Lab, model: str) -> Finding:
    card = capabilities(f"bedrock:{model}", lab)
    account = account_of(lab)
    region = bedrock.region_of(bedrock.parse_name(model), card, account)
    price = "no price" if card.price_micro is None else f"{usd_text(card.price_micro)} a picture"
    if may_call(model, region, account):
        return Finding(name=model, verdict="ok", says=f"may be called in {region}; {price}")
    mend = f"ask for it on the Bedrock console's page `Model access` in {region}"
    return Finding(name=model, verdict="warn", says=f"no access in {region}", mend=mend)


def _quotas(lab: Lab, region: str) -> Finding:
    """What an account is told of its quotas; not to be told is no fault, since the runner learns them."""
    account = account_of(lab)
    learns = "the runner learns them from throttles"
    if not is_aws(endpoint_url(bedrock.SERVICE, region, account), account):
        return Finding(name="quotas", verdict="ok", says=f"an emulator tells none; {learns}")
    try:
        told = quotas(region, account)
    except ModelError as error:
        mend = "to see them, allow servicequotas:ListServiceQuotas"
        return Finding(name="quotas", verdict="ok", says=f"not told ({type(error).__name__}); {learns}", mend=mend)
    shown = "; ".join(f"{name}: {value:g}" for name, value in sorted(told.items()))
    return Finding(name="quotas", verdict="ok", says=shown or f"none told for picture models; {learns}")


def _picture(lab: Lab) -> Finding:
    """Buy one picture, through the ledger as every paid call: caps hold, and the lab's total counts it."""
    model = load_model(f"bedrock:{cheapest()}", lab)
    card = model.capabilities
    request = ImageRequest(model=card.model, source=card.source, prompt="a plain white ceramic mug", seed=7)
    folder = lab.experiments / ".doctor" / RUNS / new_run_id()
    price = card.price_micro or 0
    order = Order(
        fingerprint=digest_of(str(folder).encode()), price_micro=price, simulated=card.simulated, key="doctor/picture"
    )
    index = Index(lab.index_file)
    try:
        with RunLock(folder), closing(Ledger(index=index, folder=folder, caps=caps_of(lab))) as ledger:
            claim = ledger.claim(order)
            assert isinstance(claim, Claim)  # nobody else has this fingerprint
            image = _bought(model, request, claim, ledger)
    finally:
        index.close()
    says = f"{card.title} drew {len(image.data) / 1e6:.1f} MB in {image.seconds:.1f} s for {usd_text(price)}"
    return Finding(name="a picture", verdict="ok", says=says)


def _bought(model: ImageModel, request: ImageRequest, claim: Claim, ledger: Ledger) -> GeneratedImage:
    """The picture, its claim settled by what came of the call. Raises `ModelError`."""
    price = claim.order.price_micro
    try:
        image = model.generate(request)
    except ModelError as error:
        state = "uncertain" if isinstance(error, Uncertain) else "spent" if _is_billed(error) else "released"
        ledger.settle(claim, Ending(state=state, charge_micro=0 if state == "released" else price))
        raise
    ledger.settle(claim, Ending(state="spent", charge_micro=price))
    return image


def _is_billed(error: ModelError) -> bool:
    return isinstance(error, ContentFiltered)


def _guarded(name: str, look: Callable[[], Finding]) -> Finding:
    """A finding, or what went wrong while looking as one."""
    try:
        return look()
    except ModelError as error:
        said, _, step = error.message.partition(" Next: ")
        return Finding(name=name, verdict="fail", says=said, mend=step)
    except ProdimgError as error:
        return Finding(name=name, verdict="fail", says=str(error))
