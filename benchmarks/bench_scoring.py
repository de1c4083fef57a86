"""What do all fast scores and Amazon's rules cost beside decoding the picture? One thread, CPU milliseconds.

Floor: OpenCV's decode of the same bytes. Beside it, primitives of scikit-image on the decoded pixels, which is what a
plain scorer would begin with. Writes benchmarks/results/scoring.json: least of the runs, decode left out of ours.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from prodimg_lab.records import ImageRequest
from prodimg_lab.scoring import NAMES, score_pictures, scorers
from prodimg_lab.studio import draw
from prodimg_lab.testing.known_pictures import on_level, studio_cutout
from prodimg_lab.testing.ladders import photographs
from prodimg_lab.testing.pictures import png
from prodimg_lab.testing.scorers import subject_of

RUNS = 9
ASKED = {"colour": "cobalt blue", "background": "white"}
SCENES = {
    "on white, soft shadow": "a cobalt blue ceramic mug, on a seamless pure white studio background",
    "on grey": "a sage green ceramic vase, on a seamless light grey studio sweep",
    "in a scene": "a brown leather handbag, on a light oak table",
}


def pictures() -> dict[str, bytes]:
    """PNG bytes of 1024 × 1024, by name."""
    found = {}
    for name, what in SCENES.items():
        prompt = f"Professional product photograph of {what}, softbox lighting, front view"
        avoid = "text, watermark, border, clutter"
        request = ImageRequest(model="studio:sd35@1024", prompt=prompt, negative_prompt=avoid, seed=11)
        found[name] = draw(request)[0]
    found["cut out, on 255"] = png(on_level(studio_cutout("blue-mug")))
    photograph = dict(photographs())["astronaut.png"]
    found["photograph"] = png(np.asarray(cv2.resize(photograph, (1024, 1024), interpolation=cv2.INTER_CUBIC), np.uint8))
    return found


def least(work: Callable[[], object]) -> float:
    """Thread CPU milliseconds, the least of the runs."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.thread_time()
        work()
        best = min(best, time.thread_time() - start)
    return 1000 * best


def main() -> None:
    """Measure and write."""
    cv2.setNumThreads(1)
    wanted = scorers([*NAMES, "compliance-amazon-main"])
    rows, drawn = {}, pictures()
    for name, data in drawn.items():
        decode = least(lambda data=data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
        whole = least(lambda data=data: score_pictures([subject_of(data, ASKED)], wanted))
        rows[name] = {
            "bytes": len(data),
            "decode_ms": round(decode, 1),
            "scores_ms": round(whole - decode, 1),
            "ratio": round((whole - decode) / decode, 2),
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result = {
        "unit": "CPU milliseconds of one thread, least of the runs; ratio to the decode alone",
        "runs": RUNS,
        "scorers": [scorer.name for scorer in wanted],
        "pictures": rows,
        "scikit_image_ms": peers(drawn["on white, soft shadow"]),
        "peak_mb_with_the_renderer": round(peak),
        "targets": {"ratio": 1.3},
    }
    file = Path(__file__).parent / "results" / "scoring.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    print(file.read_text())


def peers(data: bytes) -> dict[str, float]:
    """Three primitives of scikit-image on the decoded picture."""
    from skimage.color import rgb2lab
    from skimage.measure import blur_effect
    from skimage.restoration import estimate_sigma

    rgb = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))[..., ::-1]
    gray = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    work = {
        "rgb2lab": lambda: rgb2lab(rgb),
        "blur_effect": lambda: blur_effect(gray),
        "estimate_sigma": lambda: estimate_sigma(gray),
    }
    found = {}
    for name, call in work.items():
        try:
            found[name] = round(least(call), 1)
        except ImportError:
            continue  # it asks for another package
    return found


if __name__ == "__main__":
    main()
