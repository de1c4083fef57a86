"""How is the still life lit?

Every rig is written with its key on the left; `turned` puts it on the right. Strips stand upright, close to the
product and just out of frame: they draw the long highlights on glaze, glass and steel that make a picture look
photographed. Radiance is linear; exposure 1 shows a white card in softbox light as about 0.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from prodimg_lab.studio.things import RGB, Light, Sky, scaled

WHITE: RGB = (1.0, 1.0, 1.0)
WARM: RGB = (1.0, 0.86, 0.68)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """Lamps, the light from around (`zenith`, `horizon`, `ground`), and what the light does to the far view.

    `cards`: dark cards left and right, which give glass and metal their dark edges. `gobo`: what stands before the key.
    """

    name: str
    lamps: tuple[Light, ...]
    zenith: RGB
    horizon: RGB
    ground: RGB
    view: RGB = WHITE
    exposure: float = 1.0
    cards: float = 0.85
    gobo: str = ""
    sided: bool = True


def _strips(left: float, right: float, tone: RGB = WHITE, back: float = -0.35) -> tuple[Light, ...]:
    """Two upright strips beside the product."""
    return (
        Light(at=(-1.36, back, 0.95), towards=(0, 0, 0.5), half=(0.13, 0.93), radiance=scaled(tone, left)),
        Light(at=(1.36, back, 0.95), towards=(0, 0, 0.5), half=(0.11, 0.93), radiance=scaled(tone, right)),
    )


def _lamp(at: RGB, half: tuple[float, float], tone: RGB, level: float) -> Light:
    return Light(at=at, half=half, radiance=scaled(tone, level))


RIGS: Mapping[str, Rig] = {
    rig.name: rig
    for rig in (
        Rig(
            name="softbox",
            lamps=(
                _lamp((-1.9, -1.2, 2.3), (0.62, 0.62), WHITE, 15.0),
                *_strips(13.0, 8.5),
                _lamp((0.3, 0.9, 2.9), (0.9, 0.5), WHITE, 3.0),
            ),
            zenith=(0.42, 0.42, 0.43),
            horizon=(0.34, 0.34, 0.35),
            ground=(0.24, 0.24, 0.24),
        ),
        Rig(
            name="window-light",
            lamps=(_lamp((-2.7, -0.75, 1.5), (1.05, 1.15), (0.98, 1.0, 1.04), 9.5), *_strips(6.0, 3.0)),
            zenith=(0.36, 0.37, 0.39),
            horizon=(0.34, 0.34, 0.35),
            ground=(0.26, 0.25, 0.24),
            view=(0.92, 0.93, 0.96),
            sided=False,
        ),
        Rig(
            name="golden-hour",
            lamps=(
                _lamp((-3.6, -0.35, 1.55), (0.3, 0.3), (1.0, 0.68, 0.38), 330.0),
                _lamp((2.1, -2.2, 1.7), (0.9, 0.9), WARM, 1.4),
                *_strips(2.0, 3.2, WARM),
            ),
            zenith=(0.30, 0.33, 0.40),
            horizon=(0.52, 0.43, 0.34),
            ground=(0.26, 0.22, 0.18),
            view=(1.12, 0.9, 0.64),
            exposure=0.95,
        ),
        Rig(
            name="rim-light",
            lamps=(
                _lamp((-1.45, 0.95, 1.1), (0.2, 1.15), WHITE, 26.0),
                _lamp((1.5, 0.9, 1.1), (0.2, 1.15), (1.0, 0.95, 0.88), 22.0),
                _lamp((-0.9, -2.6, 2.4), (0.7, 0.7), WHITE, 4.2),
            ),
            zenith=(0.07, 0.07, 0.08),
            horizon=(0.05, 0.05, 0.06),
            ground=(0.03, 0.03, 0.03),
            view=(0.16, 0.17, 0.2),
            cards=0.3,
        ),
        Rig(
            name="hard-sun",
            lamps=(_lamp((-2.6, -1.5, 3.3), (0.17, 0.17), (1.0, 0.96, 0.88), 780.0), *_strips(2.5, 2.0)),
            zenith=(0.33, 0.4, 0.52),
            horizon=(0.42, 0.44, 0.47),
            ground=(0.32, 0.3, 0.27),
            view=(1.1, 1.08, 1.0),
            exposure=0.86,
        ),
        Rig(
            name="candlelight",
            lamps=(
                _lamp((-1.25, -1.05, 0.85), (0.16, 0.2), (1.0, 0.5, 0.17), 62.0),
                _lamp((1.7, 0.9, 1.0), (0.2, 0.5), (1.0, 0.5, 0.2), 9.0),
                *_strips(1.2, 2.2, (1.0, 0.55, 0.22)),
            ),
            zenith=(0.045, 0.035, 0.03),
            horizon=(0.07, 0.045, 0.028),
            ground=(0.04, 0.026, 0.016),
            view=(0.42, 0.27, 0.15),
            cards=0.2,
        ),
        Rig(
            name="overcast",
            lamps=(_lamp((-0.8, -0.9, 3.3), (1.7, 1.5), (0.96, 1.0, 1.05), 1.7), *_strips(3.6, 2.8)),
            zenith=(0.98, 1.0, 1.06),
            horizon=(0.62, 0.64, 0.68),
            ground=(0.28, 0.28, 0.27),
            view=(0.88, 0.92, 0.97),
            exposure=0.84,
        ),
        Rig(
            name="low-key",
            lamps=(
                _lamp((-1.8, -1.15, 1.75), (0.34, 0.8), (1.0, 0.96, 0.9), 16.0),
                _lamp((1.45, 0.6, 1.0), (0.12, 0.95), WHITE, 9.0),
            ),
            zenith=(0.07, 0.07, 0.075),
            horizon=(0.09, 0.09, 0.095),
            ground=(0.05, 0.05, 0.05),
            view=(0.22, 0.22, 0.23),
            cards=0.2,
        ),
        Rig(
            name="high-key",
            lamps=(
                _lamp((-1.7, -1.9, 2.2), (1.0, 0.9), WHITE, 6.0),
                *_strips(13.0, 13.0),
                _lamp((0.1, 1.0, 3.0), (1.1, 0.7), WHITE, 4.0),
            ),
            zenith=(0.95, 0.95, 0.96),
            horizon=(0.8, 0.8, 0.81),
            ground=(0.6, 0.6, 0.6),
            view=(1.25, 1.25, 1.25),
            exposure=0.74,
        ),
        Rig(
            name="dappled-light",
            lamps=(_lamp((-2.5, -1.3, 3.3), (0.085, 0.085), (1.0, 0.92, 0.74), 3400.0), *_strips(2.4, 2.0)),
            zenith=(0.36, 0.42, 0.36),
            horizon=(0.4, 0.43, 0.37),
            ground=(0.3, 0.29, 0.24),
            view=(1.05, 1.05, 0.92),
            gobo="leaves",
        ),
    )
}


def turned(rig: Rig, right: bool) -> Rig:
    """The rig with its key on the right, where it does not name its side."""
    if not right or not rig.sided:
        return rig
    lamps = tuple(
        replace(lamp, at=(-lamp.at[0], lamp.at[1], lamp.at[2]), towards=(-lamp.towards[0], *lamp.towards[1:]))
        for lamp in rig.lamps
    )
    return replace(rig, lamps=lamps)


def for_white(rig: Rig) -> Rig:
    """The rig over a white sweep: the ground has lamps of its own, so it stays white in every light."""
    lift = 0.52
    lamps = (*rig.lamps, Light(at=(0.1, 1.3, 3.0), towards=(0, 1.0, 0), half=(1.5, 0.7), radiance=(3.6, 3.6, 3.6)))
    return replace(
        rig,
        lamps=lamps,
        zenith=tuple(max(lift, c) for c in rig.zenith),  # type: ignore[arg-type]
        horizon=tuple(max(lift * 0.94, c) for c in rig.horizon),  # type: ignore[arg-type]
        ground=tuple(max(lift * 0.8, c) for c in rig.ground),  # type: ignore[arg-type]
        cards=max(rig.cards, 0.8),
    )


@lru_cache(maxsize=32)
def sky(rig: Rig) -> Sky:
    """The light from around as a picture, 256 x 128."""
    high, wide = 128, 256
    t = (np.arange(high, dtype=np.float32) + 0.5)[:, None, None] / high
    zenith, horizon, ground = (np.array(c, dtype=np.float32) for c in (rig.zenith, rig.horizon, rig.ground))
    above = zenith + (horizon - zenith) * np.clip(t * 2, 0, 1) ** 1.5
    pixels = np.where(t < 0.5, above, horizon + (ground - horizon) * np.clip(t * 6 - 3, 0, 1))
    pixels = np.broadcast_to(pixels, (high, wide, 3)).copy()
    turn = np.abs((np.arange(wide, dtype=np.float32) + 0.5) / wide - 0.5) * 360
    card = rig.cards * np.clip((22 - np.abs(turn - 62)) / 6, 0, 1)
    tall = np.clip((np.abs(np.linspace(90, -90, high)) - 58) / -8, 0, 1)
    pixels *= (1 - tall[:, None] * card[None, :])[..., None]
    return Sky(key=f"{rig!r}", pixels=pixels.astype(np.float32))
