"""Does the AWS command line, run as a program, take the emulator for Bedrock?"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.emulator import Emulator

AWS = Path(sys.executable).parent / "aws"
BODY = json.dumps({"prompt": "a mug", "seed": 5})
Aws = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.skipif(not AWS.exists(), reason="the AWS command line is not installed beside Python")


@pytest.fixture
def aws(tmp_path: Path, aws_files: None) -> Aws:
    def run(emulator: Emulator, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **emulator.environment(), **more}
        command = [sys.executable, str(AWS), *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    return run


INVOKE = ("bedrock-runtime", "invoke-model", "--model-id", "stability.sd3-5-large-v1:0", "--body", BODY, "out.json")


def test_invoke_model_writes_the_answer(quick: Emulator, aws: Aws, tmp_path: Path, prepared_file: Path) -> None:
    done = aws(quick, *INVOKE)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["seeds"] == [5]
    assert base64.b64decode(found["images"][0]) == prepared_file.read_bytes()
    assert quick.log.calls[0].auth == "sigv4"


def test_list_foundation_models_prints_them(quick: Emulator, aws: Aws) -> None:
    done = aws(quick, "bedrock", "list-foundation-models", "--by-output-modality", "IMAGE", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert "stability.sd3-5-large-v1:0" in {each["modelId"] for each in json.loads(done.stdout)["modelSummaries"]}


@pytest.mark.parametrize(
    ("more", "options", "code"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, (), "InvalidSignatureException"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, (), "UnrecognizedClientException"),
        ({"AWS_SESSION_TOKEN": "expired"}, (), "ExpiredTokenException"),
        ({}, ("--no-sign-request",), "MissingAuthenticationTokenException"),
    ],
)
def test_wrong_credentials_are_refused(
    quick: Emulator, aws: Aws, more: dict[str, str], options: tuple[str, ...], code: str
) -> None:
    done = aws(quick, *INVOKE, *options, **more)
    assert done.returncode != 0
    assert f"({code})" in done.stderr
    assert quick.log.billed == 0


def test_a_skewed_clock_is_refused(skewed: Emulator, aws: Aws) -> None:
    done = aws(skewed, *INVOKE)
    assert done.returncode != 0 and "Signature expired" in done.stderr


def test_an_api_key_is_accepted_over_tls_and_a_wrong_one_refused(secure: Emulator, aws: Aws) -> None:
    right = aws(secure, *INVOKE, AWS_BEARER_TOKEN_BEDROCK="bedrock-api-key-test")
    wrong = aws(secure, *INVOKE, AWS_BEARER_TOKEN_BEDROCK="bedrock-api-key-wrong")
    assert right.returncode == 0, right.stderr
    assert wrong.returncode != 0 and "(AccessDeniedException)" in wrong.stderr
    assert [line.auth for line in secure.log.calls] == ["bearer", "bearer"]
