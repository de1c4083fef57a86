"""How does a scene become light on the film? Rendered, focused, balanced; the tone curve follows in `tone`."""

from __future__ import annotations

from prodimg_lab.studio import tone
from prodimg_lab.studio.outline import coverage, smoothed
from prodimg_lab.studio.render import render
from prodimg_lab.studio.stage import focus
from prodimg_lab.studio.things import Scene


def exposed(scene: Scene, *, seed: int, effort: float = 1.0) -> tone.Image:
    """Linear light of `scene`, focused and balanced, before the tone curve."""
    even = scene.white or scene.sweep is not None
    shot = render(scene, seed=seed, effort=effort, depth=not even)
    light = shot.light * scene.exposure
    share = coverage(scene.product, scene.camera)
    if scene.white:
        return smoothed(tone.whitened(light, shot.albedo, share), share)
    if scene.sweep is not None:
        light = tone.calmed(light, shot.albedo, share, scene.sweep)
    light = smoothed(light, share)
    if not even:
        light = tone.defocused(light, shot.depth, sharp=focus(scene), strength=0.028)
    return tone.bloomed(light)
