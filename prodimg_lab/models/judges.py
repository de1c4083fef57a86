"""Which vision model judges pictures, where is it called, and what does a question cost at most?

A judge is `bedrock:<id>`: a model on Converse, by its id, its inference profile or an ARN. The catalogue has none of
them: prices per token change too often, so a lab names them (`judge_prices` of prodimg.toml), and a judge without a
price is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from prodimg_lab.aws import Called, account_of, client, endpoint_url, is_aws
from prodimg_lab.aws.converse import Answer
from prodimg_lab.aws.converse import ask as converse
from prodimg_lab.errors import UnknownName, UsageError
from prodimg_lab.lab import Lab
from prodimg_lab.models.bedrock import SERVICE, split_name
from prodimg_lab.records import canonical_json

MOST_TOKENS = 1500
"""Tokens that an answer may have."""
MOST_PICTURE_TOKENS = 5000
"""What a picture of up to 2048² may count at most. By Claude's guide width x height / 750, up to about 4800 for the
newest models; of others we know no figure (unproven)."""
LETTERS_A_TOKEN = 2.5
"""Letters of English or JSON in a token, on the low side."""
OVERHEAD_TOKENS = 700
"""What a tool adds to a prompt, on the high side."""
REGION = "us-west-2"
"""Where a judge is called when neither the lab nor its ARN names a region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCard:
    """A judge as a lab calls it. Prices in USD per million tokens; `simulated`: an emulator answers, nobody is paid."""

    model: str
    wire_id: str
    region: str
    simulated: bool
    title: str
    usd_in: float
    usd_out: float

    @property
    def name(self) -> str:
        """What its scores are kept under: an emulator's are never taken for the model's."""
        return f"{self.model} (emulated)" if self.simulated else self.model

    def micro(self, tokens_in: int, tokens_out: int) -> int:
        """What so many tokens cost, in micro-dollars, rounded up."""
        return ceil(tokens_in * self.usd_in + tokens_out * self.usd_out)

    def most_micro(self, text: str, pictures: int, schema: Mapping[str, object]) -> int:
        """What a question can cost at most, in micro-dollars."""
        letters = len(text) + len(canonical_json(schema))
        tokens = ceil(letters / LETTERS_A_TOKEN) + pictures * MOST_PICTURE_TOKENS + OVERHEAD_TOKENS
        return self.micro(tokens, MOST_TOKENS)


def judge_card(spec: str, lab: Lab) -> JudgeCard:
    """The judge of a spec. Opens no connection; raises `UsageError` for another provider or a missing price."""
    provider, _, name = spec.partition(":")
    if provider != "bedrock" or not name:
        raise UnknownName(f"judge {spec!r}: a judge is a model of Amazon Bedrock; write bedrock:<model id>")
    wire, bare, region = split_name(name)
    prices = lab.token_prices(name, bare)
    if prices is None:
        raise UsageError(
            f"no price is known for the judge {bare}, so it is refused; name USD per million tokens in prodimg.toml: "
            f'judge_prices = {{ "{bare}" = "in / out" }}'
        )
    account = account_of(lab)
    where = account.regions.get(bare) or region or REGION
    url = endpoint_url(SERVICE, where, account)
    simulated = not is_aws(url, account)
    title = f"{bare} (emulated at {url})" if simulated else bare
    return JudgeCard(
        model=bare,
        wire_id=wire,
        region=where,
        simulated=simulated,
        title=title,
        usd_in=prices[0],
        usd_out=prices[1],
    )


def ask_judge(card: JudgeCard, lab: Lab, text: str, pictures: Sequence[bytes], schema: Mapping[str, object]) -> Answer:
    """One paid question. Raises `ModelError`."""
    called = Called(service=SERVICE, region=card.region, model_id=card.model, wire_id=card.wire_id)
    connection = client(SERVICE, card.region, account_of(lab))
    return converse(connection, called=called, text=text, images=pictures, schema=schema, most_tokens=MOST_TOKENS)
