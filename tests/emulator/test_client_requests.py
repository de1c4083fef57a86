"""Does `requests` with an API key over TLS, as the service's own examples use it, take the emulator for Bedrock?"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import requests

from prodimg_lab.emulator import Emulator

BODY = {"prompt": "a mug", "seed": 5}
RIGHT = {"Authorization": "Bearer bedrock-api-key-test"}


def post(emulator: Emulator, headers: dict[str, str], **more: Any) -> requests.Response:
    url = f"{emulator.url}/model/stability.sd3-5-large-v1:0/invoke"  # a raw colon
    settings: dict[str, Any] = {"verify": str(emulator.ca_file), **more}
    with requests.Session() as session:
        session.trust_env = "verify" in more and more["verify"] is True
        return session.post(url, json=BODY, headers=headers, timeout=20, **settings)


def test_a_right_key_brings_the_picture(secure: Emulator, prepared_file: Path) -> None:
    answer = post(secure, RIGHT)
    assert answer.status_code == 200
    assert base64.b64decode(answer.json()["images"][0]) == prepared_file.read_bytes()
    assert answer.headers["x-prodimg-emulator"] == "1"
    assert secure.log.calls[0].auth == "bearer"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Authorization": "Bearer bedrock-api-key-wrong"}, "AccessDeniedException"),
        ({"Authorization": "Bearer bedrock-api-key-expired"}, "AccessDeniedException"),
        ({}, "MissingAuthenticationTokenException"),
    ],
)
def test_wrong_keys_expired_keys_and_none_are_refused(secure: Emulator, headers: dict[str, str], code: str) -> None:
    answer = post(secure, headers)
    assert answer.status_code == 403
    assert answer.headers["x-amzn-errortype"].startswith(f"{code}:")
    assert secure.log.billed == 0


def test_the_certificate_is_trusted_through_the_environment(secure: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.ca_file))
    assert post(secure, RIGHT, verify=True).status_code == 200


def test_without_the_certificate_nothing_is_sent(secure: Emulator) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        post(secure, RIGHT, verify=True)
    assert secure.log.sends == 0
