"""Does litellm, which signs by a path of its own and sends raw colons, take the emulator for Bedrock?

It runs as a program of its own, once for all cases: importing it takes seconds and leaves warnings behind.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from prodimg_lab.emulator import Emulator

SCRIPT = """
import json, sys
import litellm

def attempt(case):
    try:
        once = {"num_retries": 0, "max_retries": 0, "aws_region_name": "us-west-2"}
        answer = litellm.image_generation(prompt="a mug", **once, **case)
        return {"image": answer.data[0].b64_json}
    except Exception as error:
        return {"status": getattr(error, "status_code", None), "error": f"{type(error).__name__}: {error}"}

cases = json.loads(sys.argv[1])
print("ANSWERS " + json.dumps([attempt(case) for case in cases]))
"""
SD35 = "bedrock/stability.sd3-5-large-v1:0"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(scope="module")
def answers(
    prepared_file: Path, skewed: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[dict[str, Any], str]]:
    """What litellm got for each case, and how the emulator's log calls the credentials."""
    folder = tmp_path_factory.mktemp("litellm")
    for name in ("config", "credentials"):
        (folder / name).write_text("")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with Emulator(prepared=prepared_file) as emulator:
        here, late = {"aws_bedrock_runtime_endpoint": emulator.url}, {"aws_bedrock_runtime_endpoint": skewed.url}
        cases: dict[str, dict[str, Any]] = {
            "keys": {"model": SD35, **KEYS, **here},
            "api key": {"model": SD35, "api_key": "bedrock-api-key-test", **here},
            "core": {"model": "bedrock/stability.stable-image-core-v1:1", **KEYS, **here},
            "wrong secret": {"model": SD35, **KEYS, "aws_secret_access_key": "wrong", **here},
            "unknown key": {"model": SD35, **KEYS, "aws_access_key_id": "nobody", **here},
            "expired token": {"model": SD35, **KEYS, "aws_session_token": "expired", **here},
            "wrong api key": {"model": SD35, "api_key": "bedrock-api-key-wrong", **here},
            "skewed clock": {"model": SD35, **KEYS, **late},
            "retired": {"model": "bedrock/amazon.titan-image-generator-v1", **KEYS, **here},
        }
        command = [sys.executable, "-c", SCRIPT, json.dumps(list(cases.values()))]
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWERS ")]
        assert lines, done.stderr[-2000:]
        found = json.loads(lines[0].removeprefix("ANSWERS "))
        kinds = [line.auth for line in emulator.log.calls]
        kinds.insert(list(cases).index("skewed clock"), "")
        assert len(kinds) == len(cases), "each case was sent once"
    return {name: (answer, kind) for name, answer, kind in zip(cases, found, kinds, strict=True)}


Answers = dict[str, tuple[dict[str, Any], str]]


@pytest.mark.parametrize(("case", "auth"), [("keys", "sigv4"), ("api key", "bearer"), ("core", "sigv4")])
def test_right_credentials_bring_the_picture(answers: Answers, prepared_file: Path, case: str, auth: str) -> None:
    answer, kind = answers[case]
    assert base64.b64decode(answer["image"]) == prepared_file.read_bytes(), answer
    assert kind == auth


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("wrong secret", "The request signature we calculated does not match"),
        ("unknown key", "The security token included in the request is invalid."),
        ("expired token", "The security token included in the request is expired"),
        ("wrong api key", "Please make sure your API Key is valid."),
        ("skewed clock", "Signature expired"),
        ("retired", "reached the end of its life"),
    ],
)
def test_wrong_ones_are_refused_with_the_emulators_text(answers: Answers, case: str, text: str) -> None:
    answer, _ = answers[case]
    assert "image" not in answer and text in answer["error"]
