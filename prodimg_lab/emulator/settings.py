"""How is an emulator set up?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from prodimg_lab.emulator.faults import FaultRule
from prodimg_lab.emulator.judge import Judge
from prodimg_lab.emulator.quotas import Quota
from prodimg_lab.errors import SettingError

KEY, SECRET = "test", "test"
API_KEY = "bedrock-api-key-test"
EXPIRED_API_KEY = "bedrock-api-key-expired"
EXPIRED_TOKEN = "expired"


def utc_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, eq=False)
class Settings:
    """What an emulator is told at its start. All credentials are make-believe; give it no real ones.

    `draft`: draw at the size class of 384² and enlarge to the right size; else at full size, about six times slower.
    `prepared`: a picture or a folder of pictures that answer every request instead of the studio.
    `latency_s`: least seconds (0-3600) that a call to a model takes. `region`: what callers with an API key call, since
    only a signature names a region. `no_access`: model ids that this account may not call. `judge_models`: further ids
    that answer to Converse. `port` 0 takes a free one. `judge` None computes answers from the pixels.
    Raises `SettingError`.
    """

    draft: bool = True
    prepared: Path | None = None
    latency_s: float = 0.0
    port: int = 0
    tls: bool = False
    region: str = "us-west-2"
    keys: Mapping[str, str] = field(default_factory=lambda: {KEY: SECRET}, repr=False)
    api_keys: tuple[str, ...] = field(default=(API_KEY,), repr=False)
    expired_tokens: tuple[str, ...] = field(default=(EXPIRED_TOKEN, EXPIRED_API_KEY), repr=False)
    no_access: tuple[str, ...] = ()
    judge_models: tuple[str, ...] = ()
    faults: tuple[FaultRule, ...] = ()
    quotas: tuple[Quota, ...] = ()
    judge: Judge | None = None
    clock: Callable[[], datetime] = utc_clock

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise SettingError(f"port {self.port} is outside 0-65535 (0 takes a free one)")
        if not 0 <= self.latency_s <= 3600:
            raise SettingError(f"latency {self.latency_s:g} s is outside 0-3600")
        if not self.keys:
            raise SettingError("an emulator needs one access key at least; leave out keys for test/test")
