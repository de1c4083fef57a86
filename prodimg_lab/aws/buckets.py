"""Objects of an S3 bucket, by key. Reading and writing S3 is idempotent, so the SDK itself sends again here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from prodimg_lab.aws.account import Account
from prodimg_lab.aws.clients import client
from prodimg_lab.aws.errors import LONGEST_QUOTE
from prodimg_lab.errors import ModelError, SettingError, StoreError

SENDS = 5
_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[^?#]*))?")
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_TAKEN = frozenset({"PreconditionFailed", "412"})
_RACE = frozenset({"ConditionalRequestConflict", "409"})


def parsed_address(address: str) -> tuple[str, str]:
    """Bucket and prefix (ends with `/`, or is empty) of `s3://bucket/prefix`. Raises `SettingError`."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise SettingError(f"{address!r} is no address of a bucket; write s3://bucket/folder")
    prefix = (found["prefix"] or "").strip("/")
    return found["bucket"], f"{prefix}/" if prefix else ""


class Bucket:
    """The objects below one prefix of a bucket. Safe to use from several threads. Everything raises `StoreError`."""

    def __init__(self, address: str, account: Account) -> None:
        """Raises `SettingError` for what is no address; the bucket is not asked for."""
        self.address = address
        self._bucket, self._prefix = parsed_address(address)
        self._account = account

    def put(self, key: str, data: bytes) -> bool:
        """Store `data` under `key` unless something stands there; whether it was stored. Durable when it returns."""
        for _ in range(SENDS):
            code = self._call(f"write {key}", "put_object", key, Body=data, IfNoneMatch="*")
            if not isinstance(code, str):
                return True
            if code in _TAKEN:
                return False
        raise StoreError(f"could not write {key} to {self.address}: others write it at the same time, again and again")

    def get(self, key: str) -> bytes | None:
        """The bytes of `key`, or None when there are none."""
        answer = self._call(f"read {key}", "get_object", key)
        if isinstance(answer, str):
            return None
        from botocore.exceptions import BotoCoreError

        try:
            body: bytes = answer["Body"].read()
        except BotoCoreError as error:
            raise StoreError(self._failed(f"read {key}", str(error), "")) from error
        return body

    def has(self, key: str) -> bool:
        """Whether `key` is there."""
        return not isinstance(self._call(f"look for {key}", "head_object", key), str)

    def size_of(self, key: str) -> int:
        """Bytes of `key`; 0 when it is not there."""
        answer = self._call(f"look for {key}", "head_object", key)
        return 0 if isinstance(answer, str) else int(answer["ContentLength"])

    def remove(self, key: str) -> None:
        """Delete `key`; what is not there is gone already."""
        self._call(f"delete {key}", "delete_object", key)

    def move(self, key: str, target: str) -> None:
        """Give an object another key."""
        source = {"Bucket": self._bucket, "Key": self._prefix + key}
        self._call(f"move {key}", "copy_object", target, CopySource=source)
        self._call(f"move {key}", "delete_object", key)

    def keys(self, below: str = "") -> Iterator[str]:
        """Every key that begins with `below`, in order; 1,000 a call."""
        after = ""
        while True:
            names = {"Prefix": self._prefix + below, "StartAfter": after}
            answer = self._call("list what is there", "list_objects_v2", **names)
            found = [] if isinstance(answer, str) else answer.get("Contents", [])
            yield from (each["Key"].removeprefix(self._prefix) for each in found)
            if isinstance(answer, str) or not answer.get("IsTruncated"):
                return
            after = found[-1]["Key"]

    def _call(self, what: str, name: str, key: str = "", **given: object) -> Any:
        """What S3 answers; its code as text where something is missing, or stands there already."""
        from botocore.exceptions import BotoCoreError, ClientError

        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        named = {"Key": self._prefix + key} if key else {}
        try:
            act = getattr(client("s3", region, self._account, sends=SENDS), name)
            return act(Bucket=self._bucket, **named, **given)
        except ClientError as error:
            said = error.response.get("Error", {})
            code = str(said.get("Code", ""))
            if code in _MISSING | _TAKEN | _RACE:
                return code
            raise StoreError(self._failed(what, f"{code}: {said.get('Message', '')}", code)) from error
        except (BotoCoreError, ModelError) as error:
            raise StoreError(self._failed(what, str(error), "")) from error

    def _failed(self, what: str, why: str, code: str) -> str:
        step = _STEPS.get(code, "check the network and the address, then resume the run")
        return f"could not {what} in {self.address}: {why[:LONGEST_QUOTE]}. Next: {step}"


_STEPS = {
    "NoSuchBucket": "make the bucket, or mend `store` in prodimg.toml",
    "AccessDenied": "allow s3:GetObject, s3:PutObject and s3:ListBucket (without it S3 denies what is not there)",
    "403": "allow s3:GetObject, s3:PutObject and s3:ListBucket (without it S3 denies what is not there)",
    "InvalidAccessKeyId": "check the AWS profile or keys",
    "SignatureDoesNotMatch": "check the AWS profile or keys",
    "ExpiredToken": "sign in again (`aws sso login`)",
}
