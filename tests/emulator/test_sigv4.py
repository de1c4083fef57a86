from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.emulator.sigv4 import Authorization, canonical_query, parsed, signature_of, verify
from prodimg_lab.emulator.wire import Incoming, Refusal


def incoming_of(request: AWSRequest, body: bytes) -> Incoming:
    parts = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.setdefault("host", parts.netloc)
    return Incoming(method=request.method, path=parts.path, query=parts.query, headers=headers, body=body)


def signed(url: str, body: bytes = b"{}", **headers: str) -> Incoming:
    request = AWSRequest("POST", url, data=body, headers={name.replace("_", "-"): headers[name] for name in headers})
    SigV4Auth(Credentials("k", "s"), "bedrock", "us-west-2").add_auth(request)
    return incoming_of(request, body)


def check(incoming: Incoming, secret: str = "s", now: datetime | None = None) -> None:
    authorization = parsed(incoming.headers["authorization"])
    verify(incoming, authorization, secret=secret, service="bedrock", now=now or datetime.now(UTC))


def test_the_published_example_of_the_scheme_has_its_published_signature() -> None:
    # "get-vanilla" of the Signature Version 4 test suite
    incoming = Incoming(
        method="GET", path="/", headers={"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    )
    authorization = Authorization(
        access_key="AKIDEXAMPLE",
        date="20150830",
        region="us-east-1",
        service="service",
        signed_headers=("host", "x-amz-date"),
        signature="",
    )
    found = signature_of(incoming, authorization, secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    assert found == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"


@given(
    path=st.sampled_from(["/model/a%3A0/invoke", "/model/a:0/invoke", "/model/arn%3Aaws%2Fx/converse", "/", "/é%20x"]),
    query=st.lists(st.tuples(st.text("abz", min_size=1), st.text("AZ09-._~", max_size=5)), max_size=3, unique=True),
    value=st.text("ab ", min_size=1, max_size=12),
    body=st.binary(max_size=50),
)
def test_whatever_botocore_signs_is_accepted(path: str, query: list[tuple[str, str]], value: str, body: bytes) -> None:
    text = "&".join(f"{name}={each}" for name, each in query)
    incoming = signed(f"http://127.0.0.1:1{path}" + (f"?{text}" if text else ""), body, x_custom=value)
    check(incoming)


@given(change=st.sampled_from(["method", "path", "query", "body", "header", "secret"]))
def test_whatever_is_changed_after_signing_is_refused(change: str) -> None:
    good = signed("http://127.0.0.1:1/model/a%3A0/invoke?a=1", b"body", content_type="application/json")
    parts = {"method": good.method, "path": good.path, "query": good.query, "headers": good.headers, "body": good.body}
    if change == "header":
        parts["headers"] = {**good.headers, "content-type": "text/plain"}
    elif change != "secret":
        parts[change] = {"method": "GET", "path": "/model/a:0/invoke", "query": "a=2", "body": b"Body"}[change]
    with pytest.raises(Refusal) as caught:
        check(Incoming(**parts), secret="wrong" if change == "secret" else "s")  # type: ignore[arg-type]
    assert caught.value.code == "InvalidSignatureException"
    assert caught.value.status == 403


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_six_minutes_off_is_refused(minutes: int) -> None:
    incoming = signed("http://127.0.0.1:1/model/a/invoke")
    with pytest.raises(Refusal, match=r"Signature (expired|not yet current)") as caught:
        check(incoming, now=datetime.now(UTC) + timedelta(minutes=minutes))
    assert caught.value.code == "InvalidSignatureException"


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_four_minutes_off_is_accepted(minutes: int) -> None:
    check(signed("http://127.0.0.1:1/model/a/invoke"), now=datetime.now(UTC) + timedelta(minutes=minutes))


def rewritten(incoming: Incoming, old: str, new: str) -> Incoming:
    authorization = incoming.headers["authorization"]
    assert old in authorization
    headers = {**incoming.headers, "authorization": authorization.replace(old, new)}
    return Incoming(method=incoming.method, path=incoming.path, headers=headers, body=incoming.body)


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("/bedrock/", "/s3/", "InvalidSignatureException", "correct service: 'bedrock'"),
        ("host;x-amz-date", "x-amz-date", "InvalidSignatureException", "'host' must be a signed header"),
        ("host;x-amz-date", "host", "InvalidSignatureException", "'x-amz-date' must be a signed header"),
        ("Signature=", "Sig=", "IncompleteSignature", "requires 'Signature' parameter"),
        ("SignedHeaders=", "Headers=", "IncompleteSignature", "requires 'SignedHeaders' parameter"),
        ("aws4_request", "aws4", "IncompleteSignature", "KEY/yyyymmdd/region/service/aws4_request"),
    ],
)
def test_a_header_that_is_not_as_the_scheme_wants_it_is_refused(old: str, new: str, code: str, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        check(rewritten(signed("http://127.0.0.1:1/model/a/invoke"), old, new))
    assert (caught.value.code, caught.value.status) == (code, 403)
    assert text in caught.value.message


def test_a_date_other_than_that_of_the_scope_is_refused() -> None:
    incoming = signed("http://127.0.0.1:1/model/a/invoke")
    today = datetime.now(UTC).strftime("%Y%m%d")
    with pytest.raises(Refusal, match="Date in Credential scope does not match"):
        check(rewritten(incoming, f"/{today}/", "/20200101/"))


def test_a_session_token_that_is_not_signed_is_refused() -> None:
    incoming = signed("http://127.0.0.1:1/model/a/invoke")
    tampered = Incoming(
        method="POST", path=incoming.path, headers={**incoming.headers, "x-amz-security-token": "t"}, body=b"{}"
    )
    with pytest.raises(Refusal, match="'x-amz-security-token' must be a signed header"):
        check(tampered)


def test_a_header_without_a_date_is_incomplete() -> None:
    incoming = signed("http://127.0.0.1:1/model/a/invoke")
    headers = {name: value for name, value in incoming.headers.items() if name != "x-amz-date"}
    with pytest.raises(Refusal) as caught:
        check(Incoming(method="POST", path=incoming.path, headers=headers, body=b"{}"))
    assert caught.value.code == "IncompleteSignature"


def test_refusals_never_quote_the_header() -> None:
    with pytest.raises(Refusal) as caught:
        parsed("AWS4-HMAC-SHA256 Credential=AKIDSECRET/20260101/us-west-2/bedrock/aws4_request")
    assert "AKIDSECRET" not in caught.value.message


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1", "a=1&a=2"),
        ("byOutputModality=IMAGE&byProvider=Stability%20AI", "byOutputModality=IMAGE&byProvider=Stability%20AI"),
        ("flag", "flag="),
        ("a=b+c", "a=b%2Bc"),
        ("a=%7e", "a=~"),
    ],
)
def test_the_query_is_decoded_encoded_and_sorted(raw: str, canonical: str) -> None:
    assert canonical_query(raw) == canonical
