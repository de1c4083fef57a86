"""Which model does a path reach, and with which words is it refused?"""

from __future__ import annotations

from typing import Any

import pytest

from prodimg_lab.emulator import Emulator
from prodimg_lab.emulator.addresses import bare_id, resolve
from prodimg_lab.emulator.served import Dialect, served
from prodimg_lab.emulator.wire import Refusal
from prodimg_lab.models import catalogue

SD35 = "stability.sd3-5-large-v1:0"
INPAINT = "stability.stable-image-inpaint-v1:0"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
ACCOUNT = "arn:aws:bedrock:us-west-2:123456789012"
UNKNOWN = "The provided model identifier is invalid."


def reached(identifier: str, region: str = "us-west-2") -> str:
    return resolve(identifier, region=region, models=served()).model


@pytest.mark.parametrize(
    ("identifier", "model"),
    [
        (SD35, SD35),
        (f"arn:aws:bedrock:us-west-2::foundation-model/{SD35}", SD35),
        (f"us.{INPAINT}", INPAINT),
        (f"{ACCOUNT}:inference-profile/us.{INPAINT}", INPAINT),
        (f"us.{HAIKU}", HAIKU),
        (f"global.{HAIKU}", HAIKU),
    ],
)
def test_ids_profiles_and_arns_reach_their_model(identifier: str, model: str) -> None:
    assert reached(identifier) == model


@pytest.mark.parametrize(("geography", "region"), [("eu", "eu-central-1"), ("apac", "ap-northeast-1")])
def test_a_profile_is_called_from_its_own_part_of_the_world(geography: str, region: str) -> None:
    assert reached(f"{geography}.{HAIKU}", region) == HAIKU
    with pytest.raises(Refusal, match=UNKNOWN):
        reached(f"{geography}.{HAIKU}", "us-east-1")


@pytest.mark.parametrize(
    "identifier",
    [
        "stability.sd3-5-large-v1:1",
        "",
        "nonsense",
        f"us.{SD35}",
        f"{ACCOUNT}:inference-profile/{SD35}",
        f"arn:aws:bedrock:us-west-2::foundation-model/us.{INPAINT}",
        f"arn:aws:bedrock:us-east-1::foundation-model/{SD35}",
        f"{ACCOUNT}:provisioned-model/abc",
        f"{ACCOUNT}:application-inference-profile/abc",
    ],
)
def test_what_no_model_answers_to_is_an_invalid_identifier(identifier: str) -> None:
    with pytest.raises(Refusal) as caught:
        reached(identifier)
    assert (caught.value.code, caught.value.status, caught.value.message) == ("ValidationException", 400, UNKNOWN)


def test_a_region_that_does_not_serve_the_model_does_not_know_its_id() -> None:
    with pytest.raises(Refusal, match=UNKNOWN):
        reached(SD35, "eu-west-1")


def test_a_bare_id_that_needs_a_profile_is_told_so_with_a_curly_apostrophe(quick: Emulator, call: Any) -> None:
    refused = call(quick, f"/model/{INPAINT}/invoke")
    assert refused.status == 400
    assert refused.message == (
        f"Invocation of model ID {INPAINT} with on-demand throughput isn\u2019t supported. Retry your request with the "
        "ID or ARN of an inference profile that contains this model."
    )


@pytest.mark.parametrize(
    "model",
    [
        "stability.stable-diffusion-xl-v1",
        "amazon.titan-image-generator-v1",
        "amazon.titan-image-generator-v2:0",
        "amazon.nova-canvas-v1:0",
    ],
)
def test_a_retired_model_has_reached_the_end_of_its_life(quick: Emulator, call: Any, model: str) -> None:
    refused = call(quick, f"/model/{model}/invoke")
    assert (refused.status, refused.code) == (404, "ResourceNotFoundException")
    assert refused.message.startswith("This model version has reached the end of its life.")


def test_an_editing_service_called_as_it_should_be_says_that_it_is_not_simulated(quick: Emulator, call: Any) -> None:
    refused = call(quick, f"/model/us.{INPAINT}/invoke")
    assert (refused.status, refused.code) == (400, "ValidationException")
    assert refused.message.startswith("prodimg emulator, not AWS: ")


@pytest.mark.parametrize(
    "path",
    [
        f"/model/{SD35}/invoke",
        "/model/stability.sd3-5-large-v1%3A0/invoke",
        "/model/stability.sd3-5-large-v1%3a0/invoke",
        "/model/arn%3Aaws%3Abedrock%3Aus-west-2%3A%3Afoundation-model%2Fstability.sd3-5-large-v1%3A0/invoke",
        f"/model/arn:aws:bedrock:us-west-2::foundation-model/{SD35}/invoke",
    ],
)
def test_colons_and_slashes_may_come_raw_or_encoded(quick: Emulator, call: Any, path: str) -> None:
    assert call(quick, path).status == 200
    assert quick.log.calls[0].model == SD35


def test_a_path_is_decoded_only_once(quick: Emulator, call: Any) -> None:
    assert call(quick, "/model/stability.sd3-5-large-v1%253A0/invoke").message == UNKNOWN


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/model/{SD35}/invoke"),
        ("POST", f"/model/{SD35}/invoke-with-response-stream"),
        ("POST", "/model//invoke"),
        ("POST", "/prompts/"),
        ("GET", "/"),
    ],
)
def test_an_operation_that_is_not_there_is_a_404(quick: Emulator, call: Any, method: str, path: str) -> None:
    refused = call(quick, path, b"", method=method)
    assert (refused.status, refused.code) == (404, "UnknownOperationException")


def test_an_identifier_over_2048_characters_is_refused(quick: Emulator, call: Any) -> None:
    assert "2048" in call(quick, f"/model/{'a' * 2049}/invoke").message


def test_the_part_of_the_world_is_not_part_of_the_bare_id() -> None:
    assert bare_id(f"us.{INPAINT}") == INPAINT
    assert bare_id("amazon.nova-pro-v1:0") == "amazon.nova-pro-v1:0"


def test_every_model_of_the_catalogue_is_known_with_the_same_lifecycle() -> None:
    models = served()
    for row in catalogue.rows():
        assert row.model in models, f"the emulator does not know {row.model}"
        mine = models[row.model]
        assert mine.status == row.status, row.model
        if row.regions and row.status != "retired":
            assert set(row.regions) == set(mine.regions), row.model
        if row.profile:
            assert row.profile in mine.profiles("us-west-2") and not mine.on_demand
    assert {model.dialect for model in models.values()} == set(Dialect)
