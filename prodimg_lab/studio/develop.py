"""How does a scene become light on the film? Rendered, focused, balanced; the tone curve follows in `tone`."""

from __future__ import annotations

from prodimg_lab.studio import tone
from prodimg_lab.studio.render import Render, render
from prodimg_lab.studio.stage import focus
from prodimg_lab.studio.things import Scene


def exposed(scene: Scene, *, seed: int, effort: float = 1.0) -> tone.Image:
    """Linear light of `scene`, focused and balanced, before the tone curve."""
    shot: Render = render(scene, seed=seed, effort=effort)
    light = shot.light * scene.exposure
    if scene.white:
        return tone.whitened(light, shot.albedo)
    light = tone.defocused(light, shot.depth, sharp=focus(scene), strength=0.028)
    return tone.bloomed(light)

