"""What do the listings of the client `bedrock` say?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from prodimg_lab.emulator import Emulator

SD35 = "stability.sd3-5-large-v1:0"
INPAINT = "stability.stable-image-inpaint-v1:0"


@pytest.fixture
def get(quick: Emulator, call: Any, signer: Any) -> Any:
    return lambda path, region="us-west-2": call(quick, path, b"", method="GET", signer=signer(region=region))


def ids(answer: Any) -> set[str]:
    return {each["modelId"] for each in answer.json["modelSummaries"]}


def test_models_have_all_members_of_the_shape(get: Any) -> None:
    for each in get("/foundation-models").json["modelSummaries"]:
        assert each["modelArn"] == f"arn:aws:bedrock:us-west-2::foundation-model/{each['modelId']}"
        assert each["modelLifecycle"]["status"] in ("ACTIVE", "LEGACY")
        assert 1 <= len(each["modelName"]) <= 20
        assert each["providerName"] and each["inputModalities"] and each["outputModalities"]
        assert each["customizationsSupported"] == [] and isinstance(each["responseStreamingSupported"], bool)


def test_a_region_lists_what_it_serves_and_nothing_retired(get: Any) -> None:
    west, east, far = (ids(get("/foundation-models", region)) for region in ("us-west-2", "us-east-1", "eu-west-1"))
    assert SD35 in west and SD35 not in east
    assert INPAINT in west and INPAINT in east and INPAINT not in far
    assert not {"amazon.nova-canvas-v1:0", "stability.stable-diffusion-xl-v1"} & (west | east | far)


def test_legacy_models_and_profiles_are_marked(get: Any) -> None:
    found = {each["modelId"]: each for each in get("/foundation-models").json["modelSummaries"]}
    assert found["stability.sd3-large-v1:0"]["modelLifecycle"]["status"] == "LEGACY"
    assert found[SD35]["inferenceTypesSupported"] == ["ON_DEMAND"]
    assert found[INPAINT]["inferenceTypesSupported"] == ["INFERENCE_PROFILE"]


@pytest.mark.parametrize(
    ("query", "there", "missing"),
    [
        ("byOutputModality=IMAGE", SD35, "amazon.titan-embed-image-v1"),
        ("byOutputModality=EMBEDDING", "amazon.titan-embed-image-v1", SD35),
        ("byProvider=Stability%20AI", SD35, "amazon.nova-pro-v1:0"),
        ("byInferenceType=ON_DEMAND", SD35, INPAINT),
        ("byProvider=stability%20ai&byOutputModality=IMAGE", SD35, "amazon.nova-pro-v1:0"),
    ],
)
def test_filters_narrow_the_list(get: Any, query: str, there: str, missing: str) -> None:
    found = ids(get(f"/foundation-models?{query}"))
    assert there in found and missing not in found


def test_filters_that_nothing_passes_give_an_empty_list(get: Any) -> None:
    assert ids(get("/foundation-models?byCustomizationType=FINE_TUNING")) == set()
    assert ids(get("/foundation-models?byProvider=Nobody")) == set()


def test_a_filter_outside_its_values_is_refused(get: Any) -> None:
    refused = get("/foundation-models?byOutputModality=PICTURE")
    assert refused.status == 400 and "TEXT, IMAGE, EMBEDDING" in refused.message


@pytest.mark.parametrize("identifier", [SD35, f"arn:aws:bedrock:us-west-2::foundation-model/{SD35}"])
def test_one_model_can_be_asked_for(get: Any, identifier: str) -> None:
    path = "/foundation-models/" + identifier.replace(":", "%3A").replace("/", "%2F")
    assert get(path).json["modelDetails"]["modelId"] == SD35


@pytest.mark.parametrize("identifier", ["nonsense", "amazon.nova-canvas-v1:0"])
def test_a_model_that_is_not_listed_is_not_found(get: Any, identifier: str) -> None:
    for path in ("/foundation-models/", "/foundation-model-availability/"):
        refused = get(path + identifier)
        assert (refused.status, refused.code) == (404, "ResourceNotFoundException")


def test_availability_says_where_a_model_can_be_called(get: Any) -> None:
    here, away = (get(f"/foundation-model-availability/{SD35}", region).json for region in ("us-west-2", "eu-west-1"))
    assert here == {
        "modelId": SD35,
        "agreementAvailability": {"status": "AVAILABLE"},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }
    assert away["regionAvailability"] == "NOT_AVAILABLE"


def test_profiles_have_all_members_of_the_shape(get: Any) -> None:
    found = get("/inference-profiles").json
    assert "nextToken" not in found
    for each in found["inferenceProfileSummaries"]:
        assert each["inferenceProfileArn"].endswith(f":inference-profile/{each['inferenceProfileId']}")
        assert 1 <= len(each["models"]) <= 5
        assert (each["status"], each["type"]) == ("ACTIVE", "SYSTEM_DEFINED")
        assert datetime.fromisoformat(each["createdAt"]).tzinfo is not None
    assert f"us.{INPAINT}" in {each["inferenceProfileId"] for each in found["inferenceProfileSummaries"]}


def test_pages_of_profiles_follow_each_other_without_gaps(get: Any) -> None:
    whole = get("/inference-profiles").json["inferenceProfileSummaries"]
    pages, token = [], ""
    while True:
        page = get("/inference-profiles?maxResults=7" + (f"&nextToken={token}" if token else "")).json
        pages += page["inferenceProfileSummaries"]
        token = page.get("nextToken", "")
        if not token:
            break
    assert pages == whole and len(whole) > 14


def test_profiles_can_be_filtered_by_type(get: Any) -> None:
    assert get("/inference-profiles?type=APPLICATION").json["inferenceProfileSummaries"] == []
    assert get("/inference-profiles?type=MINE").status == 400


@pytest.mark.parametrize("query", ["maxResults=0", "maxResults=1001", "maxResults=x", "nextToken=zz"])
def test_paging_out_of_range_is_refused(get: Any, query: str) -> None:
    assert get(f"/inference-profiles?{query}").status == 400


def test_one_profile_can_be_asked_for(get: Any) -> None:
    assert get(f"/inference-profiles/us.{INPAINT}").json["inferenceProfileId"] == f"us.{INPAINT}"
    assert get(f"/inference-profiles/{INPAINT}").status == 404
