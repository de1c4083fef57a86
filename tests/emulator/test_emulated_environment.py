"""Does code that finds its credentials in the environment reach the emulator, and nothing else?"""

from __future__ import annotations

import os
from pathlib import Path

import boto3
import pytest

from prodimg_lab.emulator import Emulator
from prodimg_lab.testing.emulated import emulated


def test_inside_the_block_boto3_calls_the_emulator_and_after_it_all_is_as_before(
    prepared_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "real-account")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "real-key")
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    with emulated(Emulator(prepared=prepared_file), tmp_path) as emulator:
        assert not {"AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"} & set(os.environ)
        client = boto3.Session().client("bedrock-runtime")
        client.invoke_model(modelId="stability.sd3-5-large-v1:0", body=b'{"prompt": "a mug"}')["body"].read()
        client.close()
        assert emulator.log.billed == 1
    assert {name: value for name, value in os.environ.items() if name.startswith("AWS_")} == before


def test_the_environment_comes_back_after_an_error_too(prepared_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), emulated(Emulator(prepared=prepared_file), tmp_path):
        _ = 1 / 0
    assert "AWS_ACCESS_KEY_ID" not in os.environ
