"""The simulated image model: a request in, a picture out, on this machine's processor."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import numpy as np

from prodimg_lab.errors import ContentFiltered, FatalForTrial, UnsupportedParameter
from prodimg_lab.records import Capabilities, GeneratedImage, ImageRequest
from prodimg_lab.studio import response, tables
from prodimg_lab.studio.casting import Cast, cast
from prodimg_lab.studio.develop import exposed
from prodimg_lab.studio.encode import encoded
from prodimg_lab.studio.names import StudioName, capabilities_of
from prodimg_lab.studio.overlays import marked
from prodimg_lab.studio.render import product_mask
from prodimg_lab.studio.sets import PLACES
from prodimg_lab.studio.stage import staged
from prodimg_lab.studio.styles import styled
from prodimg_lab.studio.things import Scene, hex_of
from prodimg_lab.studio.tone import developed
from prodimg_lab.studio.truth import Truth
from prodimg_lab.sweeps.fit import misfits

if TYPE_CHECKING:
    from prodimg_lab.models._base import ImageModel


class Studio:
    """One studio model. Draws one picture at a time; use one per worker process.

    `effort` scales the samples traced (1 is the tuned quality).
    """

    def __init__(self, name: StudioName, *, effort: float = 1.0) -> None:
        self._name = name
        self._effort = effort
        self._capabilities = capabilities_of(name)

    @property
    def capabilities(self) -> Capabilities:
        """What this model accepts; a simulation that costs nothing."""
        return self._capabilities

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Draw the picture of `request`.

        Raises `UnsupportedParameter`, `ContentFiltered` for a word of the practice list, `FatalForTrial` for a scene
        that comes out black or broken.
        """
        begun = time.monotonic()
        data, _, _ = self._drawn(request)
        return GeneratedImage(
            data=data,
            output_format=request.output_format or "png",
            seed=request.seed,
            seconds=time.monotonic() - begun,
        )

    def draw(self, request: ImageRequest) -> tuple[bytes, Truth]:
        """The same bytes as `generate`, with what they show. For tests and documentation."""
        data, scene, plan = self._drawn(request)
        mask = product_mask(scene)
        ys, xs = np.nonzero(mask)
        bbox = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1) if len(xs) else (0, 0, 0, 0)
        place = PLACES[plan.shot.background]
        return data, Truth(
            archetype=plan.shot.identity.archetype,
            asked=plan.asked,
            drawn=plan.drawn,
            kept=plan.kept,
            lost=plan.lost,
            colour=hex_of(plan.shot.identity.colour),
            background=place.name,
            background_kind=place.expect,
            lighting=plan.shot.lighting,
            angle=plan.shot.angle,
            season=plan.shot.season,
            artefacts=plan.artefacts,
            bbox=bbox,
            mask=mask,
            notes=plan.notes,
        )

    def _drawn(self, request: ImageRequest) -> tuple[bytes, Scene, Cast]:
        card = self._capabilities
        _checked(request, card)
        refused = re.search(tables.REFUSED, request.prompt, re.I)
        if refused:
            raise ContentFiltered(
                f"the prompt was refused for {refused.group(0)!r} (practice list)", model_id=card.model
            )
        plan = cast(request, self._name)
        scene = staged(plan.shot)
        light = exposed(scene, seed=plan.shot.seed, effort=self._effort)
        _sound(light, card.model, plan)
        weight = response.grip(plan.cfg_scale)
        picture = developed(light * (1 + 0.35 * weight.over), white=scene.white, seed=plan.shot.seed)
        picture = styled(picture, request.style_preset or "")
        picture = response.burnt(picture, weight)
        picture = response.unfinished(picture, steps=plan.steps, seed=plan.shot.seed)
        picture = marked(picture, plan.artefacts, seed=plan.shot.seed)
        pixels = np.asarray(np.clip(picture * 255 + 0.5, 0, 255), dtype=np.uint8)
        return encoded(pixels, request.output_format or "png", model=card.model), scene, plan


def _checked(request: ImageRequest, card: Capabilities) -> None:
    """Raise `UnsupportedParameter` unless `card` allows every field of `request`."""
    if request.model != card.model:
        raise UnsupportedParameter(f"the request is for {request.model!r}, this model is {card.model!r}")
    problems = misfits(request, card)
    if (request.width is None) != (request.height is None):
        problems.append(f"width {request.width} and height {request.height} go together for {card.model}")
    if request.inputs:
        problems.append(f"{card.model} draws from text alone; leave out the inputs")
    if problems:
        raise UnsupportedParameter("; ".join(problems))


def _sound(light: np.ndarray[tuple[int, ...], np.dtype[np.float32]], model: str, plan: Cast) -> None:
    """Raise `FatalForTrial` for a picture that shows nothing."""
    level = float(light.mean())
    if not np.isfinite(light).all() or level < 0.002 or float(light.std()) < 1e-4:
        shot = plan.shot
        raise FatalForTrial(
            f"the scene {shot.identity.archetype}/{shot.background}/{shot.lighting}/{shot.angle} came out empty "
            f"(mean light {level:.4g}); please report it with the prompt and seed {shot.seed}",
            model_id=model,
        )


if TYPE_CHECKING:
    _: ImageModel = Studio(StudioName(family="sd35"))
