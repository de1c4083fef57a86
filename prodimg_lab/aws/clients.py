"""How is a client made? One per service and region, sending every call once, with room for all calls at a time.

botocore resends read timeouts in every retry mode, and a picture that took too long may have been billed: so it sends
once, and the runner alone decides on sending again. Credentials, profiles, SSO, API keys (`AWS_BEARER_TOKEN_BEDROCK`)
and endpoint overrides are the SDK's own.
"""

from __future__ import annotations

import re
import threading
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from prodimg_lab.aws.account import Account
from prodimg_lab.aws.errors import Called, map_client_errors
from prodimg_lab.errors import BadCredentials, SettingError, Transient, Uncertain

READ_TIMEOUT_S = 300
CONNECT_TIMEOUT_S = 10
SPARE_CONNECTIONS = 4
"""Over the calls at a time, so that none waits for a connection that is just being given back."""

AWS_HOSTS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")

_NOBODY = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody"}  # so that no credentials are looked for

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")

_guard = threading.Lock()
_clients: dict[tuple[str, str, str, int, int], Any] = {}
_endpoints: dict[tuple[str, str, str], str] = {}


def client(service: str, region: str, account: Account, *, sends: int = 1) -> Any:
    """The client of `service` in `region`; made once per process. Raises `FatalForRun` or `SettingError`.

    `sends` above 1 only where sending again costs nothing and changes nothing.
    """
    from botocore.config import Config

    key = (service, region, account.profile, account.connections, sends)
    with _guard:
        if key not in _clients:
            config = Config(
                retries={"mode": "standard", "total_max_attempts": sends},
                read_timeout=READ_TIMEOUT_S,
                connect_timeout=CONNECT_TIMEOUT_S,
                max_pool_connections=account.connections + SPARE_CONNECTIONS,
                user_agent_extra=f"prodimg-lab/{version('prodimg-lab')}",
            )
            _clients[key] = _made(service, region, account, config=config)
        return _clients[key]


def _made(service: str, region: str, account: Account, **given: object) -> Any:
    import boto3

    if not _REGION.fullmatch(region):
        raise SettingError(f"region {region!r} is none of AWS's; write it as us-west-2 in prodimg.toml, [regions]")
    try:
        with map_client_errors(Called(service=service, region=region)):
            session = boto3.Session(profile_name=account.profile or None)
            return session.client(service, region_name=region, **given)
    except ValueError as error:
        raise SettingError(
            f"{error}: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_{service.upper().replace('-', '_')} or the profile's "
            "endpoint_url must be a whole address, as http://127.0.0.1:4567"
        ) from error
    except (Transient, Uncertain) as error:  # while looking for credentials: nothing was called yet
        raise BadCredentials(f"no client for {service} could be made: {error.message}") from error


def forget_clients() -> None:
    """Make every client anew at its next use: the environment has changed."""
    with _guard:
        _clients.clear()
        _endpoints.clear()


def endpoint_url(service: str, region: str, account: Account) -> str:
    """Where calls really go, overrides of environment and profile included. Needs no credentials, opens nothing."""
    key = (service, region, account.profile)
    with _guard:
        if key not in _endpoints:
            _endpoints[key] = str(_made(service, region, account, **_NOBODY).meta.endpoint_url)
        return _endpoints[key]


def is_aws(url: str, account: Account) -> bool:
    """Whether `url` leads to AWS: by its host's name, or because the lab names the host as a gateway."""
    host = (urlsplit(url).hostname or "").lower()
    known = any(host == each or host.endswith(f".{each}") for each in AWS_HOSTS)
    return known or host in {gateway.lower() for gateway in account.gateways}
