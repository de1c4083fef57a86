"""What a spec means, where it is called, what it costs, and whether its pictures are AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prodimg_lab.aws import Account
from prodimg_lab.aws.clients import forget_clients, is_aws
from prodimg_lab.errors import BadCredentials, SettingError, UnknownName, UsageError
from prodimg_lab.lab import Lab, find_lab
from prodimg_lab.models import bedrock, capabilities, load_model
from prodimg_lab.records import ImageRequest

SD35 = "stability.sd3-5-large-v1:0"


@pytest.fixture(autouse=True)
def no_aws_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No credentials and no configuration of the machine."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    forget_clients()
    yield
    forget_clients()


def lab_with(tmp_path: Path, toml: str) -> Lab:
    (tmp_path / "prodimg.toml").write_text(toml)
    return find_lab(tmp_path)


@pytest.mark.parametrize(
    ("name", "wire", "region"),
    [
        ("sd35", "", ""),
        (SD35, "", ""),
        (f"us.{SD35}", f"us.{SD35}", ""),
        (
            f"arn:aws:bedrock:us-east-1::foundation-model/{SD35}",
            f"arn:aws:bedrock:us-east-1::foundation-model/{SD35}",
            "us-east-1",
        ),
        (
            f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.{SD35}",
            f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.{SD35}",
            "eu-west-1",
        ),
    ],
)
def test_every_form_of_a_name_is_the_same_model_to_a_request(name: str, wire: str, region: str) -> None:
    assert bedrock.parse_name(name) == bedrock.Name(model=SD35, wire=wire, region=region)
    assert capabilities(f"bedrock:{name}").model == SD35


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sd53", "did you mean 'sd35'"),
        ("arn:aws:s3:::bucket", "no ARN of a Bedrock model"),
        ("arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/abc", "does not say which model"),
    ],
)
def test_a_name_that_means_no_model_is_refused_with_the_next_step(name: str, says: str) -> None:
    with pytest.raises(UnknownName, match=says):
        capabilities(f"bedrock:{name}")


def test_an_image_service_is_refused_since_it_takes_a_picture() -> None:
    with pytest.raises(UsageError, match=r"does outpaint to a picture; .* use bedrock:core"):
        capabilities("bedrock:us.stability.stable-outpaint-v1:0")


def test_a_retired_model_names_its_replacement_and_cannot_be_loaded() -> None:
    card = capabilities("bedrock:amazon.nova-canvas-v1:0")
    assert (card.status, card.end_of_life, card.replacement) == ("retired", "2026-09-30", SD35)
    with pytest.raises(UnknownName, match=f"retired 2026-09-30; use {SD35}"):
        load_model("bedrock:amazon.nova-canvas-v1:0")


def test_pictures_are_awss_unless_the_endpoint_is_another_or_the_lab_says_that_it_leads_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert capabilities("bedrock:sd35").source == "aws"
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:4567")
    forget_clients()
    emulated = capabilities("bedrock:sd35")
    assert (emulated.source, emulated.price_micro) == ("simulated", 80_000)
    assert "emulated at http://127.0.0.1:4567" in emulated.title
    lab = lab_with(tmp_path, 'gateways = ["127.0.0.1"]\n')
    assert capabilities("bedrock:sd35", lab).source == "aws"


def test_an_override_in_the_profile_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = (
        "[profile shop]\nservices = local\n[services local]\nbedrock_runtime =\n  endpoint_url = http://127.0.0.1:9\n"
    )
    (tmp_path / "config").write_text(config)
    lab = lab_with(tmp_path, 'aws_profile = "shop"\n')
    assert capabilities("bedrock:sd35", lab).source == "simulated"


def test_an_endpoint_or_region_that_is_none_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = lab_with(tmp_path, f'regions = {{ "{SD35}" = "mars-1" }}\n')
    with pytest.raises(SettingError, match="region 'mars-1' is none of AWS's"):
        capabilities("bedrock:sd35", lab)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "nonsense")
    with pytest.raises(SettingError, match=r"AWS_ENDPOINT_URL_BEDROCK_RUNTIME .* must be a whole address"):
        capabilities("bedrock:sd35")


@pytest.mark.parametrize(
    ("url", "real"),
    [
        ("https://bedrock-runtime.us-west-2.amazonaws.com", True),
        ("https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com", True),
        ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn", True),
        ("https://bedrock-runtime.us-west-2.api.aws", True),
        ("https://amazonaws.com.example.org", False),
        ("https://notamazonaws.com", False),
        ("http://localhost:80", False),
    ],
)
def test_a_host_is_awss_by_the_end_of_its_name(url: str, real: bool) -> None:
    assert is_aws(url, Account()) is real


def test_the_same_request_to_an_emulator_and_to_aws_has_two_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    real = capabilities("bedrock:sd35")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4567")
    forget_clients()
    emulated = capabilities("bedrock:sd35")
    prints = {
        ImageRequest(model=card.model, source=card.source, prompt="p", seed=1).fingerprint for card in (real, emulated)
    }
    assert len(prints) == 2


def test_a_price_of_the_lab_is_stronger_than_the_catalogues_and_says_so(tmp_path: Path) -> None:
    lab = lab_with(tmp_path, f'prices = {{ "{SD35}" = 0.05, "sagemaker:mine" = 0.02 }}\n')
    card = capabilities("bedrock:sd35", lab)
    assert (card.price_micro, card.price_source) == (50_000, "`prices` of prodimg.toml")
    assert capabilities("sagemaker:mine", lab).price_micro == 20_000
    assert capabilities("sagemaker:mine").price_micro is None


def test_the_region_is_the_labs_else_the_catalogues_and_never_the_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    card = capabilities("bedrock:sd35")
    assert bedrock.region_of(bedrock.parse_name("sd35"), card, Account()) == "us-west-2"
    assert bedrock.region_of(bedrock.parse_name("sd35"), card, Account(regions={SD35: "us-east-1"})) == "us-east-1"


def test_without_credentials_a_call_says_how_to_get_some() -> None:
    model = load_model("bedrock:sd35")
    request = ImageRequest(model=SD35, source="aws", prompt="a mug", seed=1)
    with pytest.raises(BadCredentials, match=r"aws configure sso.*AWS_BEARER_TOKEN_BEDROCK"):
        model.generate(request)


def test_an_unknown_profile_is_named() -> None:
    lab = find_lab().with_settings({"aws_profile": "nobody"}, "command line")
    with pytest.raises(BadCredentials, match="nobody"):
        capabilities("bedrock:sd35", lab)


@pytest.mark.parametrize("name", ["", "a_b", "-x", "x" * 64])
def test_an_endpoint_of_sagemaker_has_a_proper_name(name: str) -> None:
    with pytest.raises(UnknownName, match="no name of a SageMaker endpoint"):
        capabilities(f"sagemaker:{name}")
