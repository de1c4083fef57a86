"""Pictures in a bucket, on moto's S3 server: a real server over HTTP, not a patched client."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from prodimg_lab.aws import Account, Bucket
from prodimg_lab.aws.clients import forget_clients
from prodimg_lab.errors import CorruptObject, SettingError, StoreError
from prodimg_lab.records import digest_of
from prodimg_lab.store import FolderStore, S3Store
from prodimg_lab.store.faults import find_faults
from prodimg_lab.testing.stores import RECORD, StoreContract

PICTURE = b"\x89PNG\r\n\x1a\n a mug"


@pytest.fixture
def store(bucket: str, tmp_path: Path) -> S3Store:
    return S3Store(Bucket(bucket, Account()), cache=FolderStore(tmp_path / "cache"))


def elsewhere(store: S3Store, folder: Path) -> S3Store:
    """The same bucket from a machine that has nothing."""
    return S3Store(Bucket(store.bucket.address, Account()), cache=FolderStore(folder))


class TestS3Store(StoreContract):
    pass


def test_another_machine_finds_pictures_and_records_and_lists_nothing(store: S3Store, tmp_path: Path) -> None:
    digest = store.put(PICTURE)
    store.bind(digest_of(b"request"), {**RECORD, "digest": digest})
    other = elsewhere(store, tmp_path / "other")
    found = other.lookup(digest_of(b"request"))
    assert found is not None
    assert other.get(str(found["digest"])) == PICTURE
    assert other.has(digest_of(b"request"))
    assert not other.has(digest_of(b"another"))


def test_what_was_read_once_is_not_fetched_again(store: S3Store, tmp_path: Path) -> None:
    digest = store.put(PICTURE)
    other = elsewhere(store, tmp_path / "other")
    other.get(digest)
    store.bucket.move(f"{digest[:2]}/{digest}", "gone")
    assert other.get(digest) == PICTURE


def test_a_damaged_object_is_told_and_set_aside(store: S3Store, tmp_path: Path) -> None:
    digest, fingerprint = digest_of(PICTURE), digest_of(b"request")
    store.bucket.put(f"{digest[:2]}/{digest}", PICTURE[:-1])
    store.bind(fingerprint, {**RECORD, "digest": digest})
    store.bucket.put(f"records/00/{'0' * 64}.json", b"{")
    with pytest.raises(CorruptObject, match=rf"{digest} is damaged.*prodimg fsck"):
        store.get(digest)
    faults = list(find_faults(store))
    assert sorted(fault.kind for fault in faults) == ["object", "record", "record of a damaged object"]
    for fault in faults:
        assert store.set_aside(fault.place).startswith(f"{store.bucket.address}/set-aside/")
    assert list(find_faults(store)) == []
    assert store.lookup(fingerprint) is None
    assert store.put(PICTURE) == digest
    assert elsewhere(store, tmp_path / "other").get(digest) == PICTURE


def test_a_picture_that_cannot_be_uploaded_stays_on_the_machine(store: S3Store, tmp_path: Path) -> None:
    broken = S3Store(Bucket("s3://no-such-bucket-here/x", Account()), cache=FolderStore(tmp_path / "c2"))
    with pytest.raises(StoreError, match=r"NoSuchBucket.*make the bucket.*is kept in"):
        broken.put(PICTURE)
    assert FolderStore(tmp_path / "c2").get(digest_of(PICTURE)) == PICTURE


def test_a_server_that_is_away_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prodimg_lab.aws.buckets.SENDS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    forget_clients()
    store = S3Store(Bucket("s3://shop", Account()), cache=FolderStore(tmp_path / "cache"))
    with pytest.raises(StoreError, match=r"could not read records/.* in s3://shop: .*check the network"):
        store.lookup("0" * 64)


@pytest.mark.parametrize("address", ["s3://", "s3://UPPER/x", "s3://a", "https://bucket"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="write s3://bucket/folder"):
        Bucket(address, Account())


def test_the_contract_ran_on_a_real_server(s3_server: str, store: S3Store) -> None:
    store.put(PICTURE)
    with urllib.request.urlopen(f"{s3_server}/moto-api/data.json") as answer:
        assert json.load(answer)["s3"]
