"""Does boto3, which we did not write, take the emulator for Bedrock?"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError, ResponseStreamingError

from prodimg_lab.emulator import Emulator
from prodimg_lab.testing.pictures import draw_product

SD35 = "stability.sd3-5-large-v1:0"
INPAINT = "us.stability.stable-image-inpaint-v1:0"
PROFILE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
BODY = json.dumps({"prompt": "photo of a red ceramic mug, on a white background", "seed": 5})


def code_of(caught: Any) -> tuple[str, int]:
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_invoke_model_by_id_draws_a_picture(emulator: Emulator, client: Any) -> None:
    answer = client(emulator).invoke_model(modelId=SD35, body=BODY)
    found = json.loads(answer["body"].read())
    assert found["seeds"] == [5] and base64.b64decode(found["images"][0]).startswith(b"\x89PNG")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-prodimg-emulator"] == "1"
    assert answer["ResponseMetadata"]["RequestId"] == emulator.log.calls[0].request_id
    line = emulator.log.calls[0]
    assert line.attempt == 1 and line.invocation_id and emulator.log.sends_by_invocation() == {line.invocation_id: 1}


@pytest.mark.parametrize(
    "name",
    [
        f"arn:aws:bedrock:us-west-2::foundation-model/{SD35}",
        SD35,
    ],
)
def test_invoke_model_with_content_type_and_accept(quick: Emulator, client: Any, name: str) -> None:
    answer = client(quick).invoke_model(
        modelId=name, body=BODY, contentType="application/json", accept="application/json"
    )
    assert answer["contentType"] == "application/json"


def test_invoke_model_by_profile_arn_reaches_the_model_behind_it(quick: Emulator, client: Any) -> None:
    arn = f"arn:aws:bedrock:us-west-2:123456789012:inference-profile/{INPAINT}"
    with pytest.raises(ClientError, match="prodimg emulator, not AWS: arn:aws:bedrock:us-west-2") as caught:
        client(quick).invoke_model(modelId=arn, body=BODY)
    assert code_of(caught) == ("ValidationException", 400)
    assert quick.log.calls[0].model == INPAINT.removeprefix("us.")


def test_converse_by_profile_arn_with_an_image_and_a_forced_tool(quick: Emulator, client: Any) -> None:
    schema = {"type": "object", "properties": {"sharp": {"type": "string", "enum": ["yes", "no", "unsure"]}}}
    picture = {"format": "png", "source": {"bytes": draw_product().data}}
    answer = client(quick).converse(
        modelId=f"arn:aws:bedrock:us-west-2:123456789012:inference-profile/{PROFILE}",
        messages=[{"role": "user", "content": [{"text": "Is it sharp?"}, {"image": picture}]}],
        toolConfig={
            "tools": [{"toolSpec": {"name": "judge", "inputSchema": {"json": schema}}}],
            "toolChoice": {"tool": {"name": "judge"}},
        },
    )
    use = answer["output"]["message"]["content"][0]["toolUse"]
    assert use["input"] == {"sharp": "yes"} and answer["stopReason"] == "tool_use"
    assert answer["usage"]["totalTokens"] > 0 and answer["metrics"]["latencyMs"] >= 0


def test_listings_parse(quick: Emulator, client: Any) -> None:
    bedrock = client(quick, "bedrock")
    found = bedrock.list_foundation_models(byProvider="Stability AI", byOutputModality="IMAGE")["modelSummaries"]
    assert SD35 in {each["modelId"] for each in found}
    assert bedrock.get_foundation_model(modelIdentifier=SD35)["modelDetails"]["modelLifecycle"]["status"] == "ACTIVE"
    pages = bedrock.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 5})
    profiles = [each for page in pages for each in page["inferenceProfileSummaries"]]
    assert INPAINT in {each["inferenceProfileId"] for each in profiles} and profiles[0]["createdAt"].tzinfo
    assert bedrock.get_inference_profile(inferenceProfileIdentifier=INPAINT)["status"] == "ACTIVE"
    available = bedrock.get_foundation_model_availability(modelId=SD35)
    assert available["authorizationStatus"] == "AUTHORIZED"
    with pytest.raises(bedrock.exceptions.ResourceNotFoundException):
        bedrock.get_foundation_model(modelIdentifier="amazon.nova-canvas-v1:0")


def test_a_sagemaker_endpoint_answers(quick: Emulator, client: Any) -> None:
    runtime = client(quick, "sagemaker-runtime")
    body = json.dumps({"text_prompts": [{"text": "a mug"}], "seed": 3})
    answer = runtime.invoke_endpoint(EndpointName="sdxl", Body=body, ContentType="application/json")
    assert json.loads(answer["Body"].read())["artifacts"][0]["seed"] == 3
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="sdxl", Body=b"{}", ContentType="application/json")
    assert caught.value.response["OriginalStatusCode"] == 400


class TestCredentials:
    def refused(self, emulator: Emulator, client: Any, **more: Any) -> tuple[str, int]:
        with pytest.raises(ClientError) as caught:
            client(emulator, **more).invoke_model(modelId=SD35, body=BODY)
        return code_of(caught)

    def test_right_ones_are_accepted_with_any_session_token(self, quick: Emulator, client: Any) -> None:
        client(quick, aws_session_token="any").invoke_model(modelId=SD35, body=BODY)["body"].read()
        assert quick.log.billed == 1

    def test_a_wrong_secret_is_refused(self, quick: Emulator, client: Any) -> None:
        assert self.refused(quick, client, aws_secret_access_key="no") == ("InvalidSignatureException", 403)

    def test_an_unknown_key_is_refused(self, quick: Emulator, client: Any) -> None:
        assert self.refused(quick, client, aws_access_key_id="no") == ("UnrecognizedClientException", 403)

    def test_an_expired_token_is_refused(self, quick: Emulator, client: Any) -> None:
        assert self.refused(quick, client, aws_session_token="expired") == ("ExpiredTokenException", 403)

    def test_a_skewed_clock_is_refused(self, skewed: Emulator, client: Any) -> None:
        assert self.refused(skewed, client) == ("InvalidSignatureException", 403)

    def test_an_unsigned_request_is_refused(self, quick: Emulator, client: Any) -> None:
        found = self.refused(quick, client, config=Config(signature_version=UNSIGNED))
        assert found == ("MissingAuthenticationTokenException", 403)

    def test_an_api_key_is_accepted_over_tls(
        self, secure: Emulator, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-test")
        keyless = {"aws_access_key_id": None, "aws_secret_access_key": None, "verify": str(secure.ca_file)}
        runtime = client(secure, **keyless)
        runtime.invoke_model(modelId=SD35, body=BODY)["body"].read()
        assert client(secure, "bedrock", **keyless).list_foundation_models()["modelSummaries"]
        assert {line.auth for line in secure.log.calls} == {"bearer"}

    @pytest.mark.parametrize("key", ["bedrock-api-key-wrong", "bedrock-api-key-expired"])
    def test_a_wrong_api_key_is_refused_over_tls(
        self, secure: Emulator, client: Any, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", key)
        keyless = {"aws_access_key_id": None, "aws_secret_access_key": None, "verify": str(secure.ca_file)}
        assert self.refused(secure, client, **keyless) == ("AccessDeniedException", 403)


class TestErrors:
    @pytest.mark.parametrize(
        ("fault", "name"),
        [
            ("throttled", "ThrottlingException"),
            ("not-ready", "ModelNotReadyException"),
            ("internal-error", "InternalServerException"),
            ("unavailable", "ServiceUnavailableException"),
            ("model-timeout", "ModelTimeoutException"),
            ("access-denied", "AccessDeniedException"),
            ("quota-exceeded", "ServiceQuotaExceededException"),
            ("not-found", "ResourceNotFoundException"),
            ("malformed", "ValidationException"),
        ],
    )
    def test_modelled_errors_come_as_their_classes(self, quick: Emulator, client: Any, fault: str, name: str) -> None:
        runtime = client(quick)
        quick.fault(fault)
        with pytest.raises(getattr(runtime.exceptions, name)):
            runtime.invoke_model(modelId=SD35, body=BODY)

    def test_a_model_error_has_its_modelled_members(self, quick: Emulator, client: Any) -> None:
        quick.fault("model-error")
        with pytest.raises(ClientError) as caught:
            client(quick).invoke_model(modelId=SD35, body=BODY)
        assert caught.value.response["originalStatusCode"] == 500
        assert caught.value.response["resourceName"] == SD35

    def test_a_gateways_error_has_its_status_as_its_code(self, quick: Emulator, client: Any) -> None:
        quick.fault("bad-gateway")
        with pytest.raises(ClientError) as caught:
            client(quick).invoke_model(modelId=SD35, body=BODY)
        assert code_of(caught) == ("502", 502)

    def test_a_cut_body_breaks_while_it_is_read_and_was_billed_once(self, quick: Emulator, client: Any) -> None:
        for fault in ("reset-midway", "truncated"):
            quick.reset()
            quick.fault(fault)
            with pytest.raises(ResponseStreamingError):
                client(quick).invoke_model(modelId=SD35, body=BODY)["body"].read()
            assert list(quick.log.billed_by_invocation().values()) == [1]

    def test_the_default_retries_of_botocore_pay_twice_for_a_slow_picture(self, quick: Emulator, client: Any) -> None:
        retrying = Config(retries={"mode": "standard", "total_max_attempts": 2}, read_timeout=0.3)
        quick.fault("stall", count=2)
        with pytest.raises(ReadTimeoutError):
            client(quick, config=retrying).invoke_model(modelId=SD35, body=BODY)
        assert list(quick.log.billed_by_invocation().values()) == [2]
        assert [line.attempt for line in quick.log.calls] == [1, 2]
