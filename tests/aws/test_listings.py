"""What free calls tell, and how their pages are put together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.stub import Stubber

from prodimg_lab.aws import Account, client
from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.aws.listings import credentials_found, profiles, quotas
from prodimg_lab.errors import AccessDenied

HERE = Account()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    forget_clients()
    yield
    forget_clients()


def quota(name: str, value: float) -> dict[str, object]:
    return {"QuotaName": name, "Value": value, "ServiceCode": "bedrock"}


def test_quotas_of_picture_models_are_gathered_over_all_pages() -> None:
    with Stubber(client("service-quotas", "us-west-2", HERE)) as stub:
        first = [quota("On-demand InvokeModel requests per minute for Stability.ai Stable Image Core", 90)]
        stub.add_response("list_service_quotas", {"Quotas": first, "NextToken": "more"}, {"ServiceCode": "bedrock"})
        rest = [quota("Tokens per minute for Claude", 1e6), quota("Requests per minute for Stable Diffusion 3.5", 15)]
        stub.add_response("list_service_quotas", {"Quotas": rest}, {"ServiceCode": "bedrock", "NextToken": "more"})
        assert quotas("us-west-2", HERE) == {
            "On-demand InvokeModel requests per minute for Stability.ai Stable Image Core": 90.0,
            "Requests per minute for Stable Diffusion 3.5": 15.0,
        }


def test_quotas_that_may_not_be_seen_are_a_lack_of_permission() -> None:
    with Stubber(client("service-quotas", "us-west-2", HERE)) as stub:
        stub.add_client_error("list_service_quotas", "AccessDeniedException", "no", http_status_code=403)
        with pytest.raises(AccessDenied):
            quotas("us-west-2", HERE)


def test_profiles_are_gathered_over_all_pages() -> None:
    def summary(name: str) -> dict[str, object]:
        arn = f"arn:aws:bedrock:us-west-2:123456789012:inference-profile/{name}"
        standing = {"inferenceProfileName": name, "inferenceProfileArn": arn, "models": [{"modelArn": arn}]}
        return {**standing, "inferenceProfileId": name, "status": "ACTIVE", "type": "SYSTEM_DEFINED"}

    with Stubber(client("bedrock", "us-west-2", HERE)) as stub:
        stub.add_response(
            "list_inference_profiles",
            {"inferenceProfileSummaries": [summary("us.a")], "nextToken": "t"},
            {"maxResults": 100},
        )
        stub.add_response(
            "list_inference_profiles",
            {"inferenceProfileSummaries": [summary("us.b")]},
            {"maxResults": 100, "nextToken": "t"},
        )
        assert profiles("us-west-2", HERE) == {"us.a", "us.b"}


def test_credentials_are_told_by_where_they_come_from_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert credentials_found(HERE) == "env"
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-hush")
    assert credentials_found(HERE) == "API key in AWS_BEARER_TOKEN_BEDROCK"
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert credentials_found(HERE) == ""
