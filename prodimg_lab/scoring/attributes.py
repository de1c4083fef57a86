"""Does the picture show what the prompt asked for: this colour, this background, a product well placed in the frame?

Thresholds are not validated on people. Size and place need the product's outline, which only plain backgrounds
give with certainty; in a scene these scorers answer `Unscored` instead of guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast, get_args

from prodimg_lab.scoring._base import ScorerCard, Subject
from prodimg_lab.scoring.colours import Cluster, clusters, lab_of
from prodimg_lab.scoring.curves import Curve
from prodimg_lab.scoring.measures import COLOUR_FROM, OUTLINE_FROM, Measures
from prodimg_lab.scoring.pixels import CannotJudge, PixelScorer, Reading, nothing_else
from prodimg_lab.scoring.relit import light_of, nearest, stops_in

Background = Literal["white", "plain", "scene"]

COLOUR_CURVE = Curve(((0.0, 5.0), (5.0, 4.5), (12.0, 3.0), (20.0, 1.0), (35.0, 0.0)))
CLUSTER_FROM = 0.15
"""Least share of the product that a colour must cover to count as its colour."""
WHITE_CURVE = Curve(((0.0, 0.0), (0.3, 1.0), (0.8, 3.5), (0.95, 4.7), (1.0, 5.0)))
PLAIN_CURVE = Curve(((0.3, 0.0), (0.6, 1.0), (0.75, 3.0), (0.9, 4.7), (1.0, 5.0)))
SCENE_CURVE = Curve(((0.0, 0.0), (0.1, 1.0), (0.25, 3.0), (0.4, 5.0)))
PLAIN_FROM = 0.75
"""Share of the outer tenth that must agree with one smooth surface for a background to be called plain."""
WHITE_FROM = 0.6
"""Share of the surroundings that must be white for a background to be called white (a shadow may take the rest)."""
PACKSHOT_CURVE = Curve(((0.15, 0.0), (0.40, 2.0), (0.60, 5.0), (0.90, 5.0), (0.98, 3.0), (1.0, 1.5)))
SCENE_FILL_CURVE = Curve(((0.08, 0.0), (0.20, 2.5), (0.35, 5.0), (0.80, 5.0), (1.0, 1.5)))
CENTRING_CURVE = Curve(((0.02, 5.0), (0.06, 4.0), (0.15, 2.0), (0.30, 0.0)))
SCENE_CENTRING_CURVE = Curve(((0.06, 5.0), (0.17, 4.0), (0.25, 2.0), (0.40, 0.0)))
PARTS_CURVE = Curve(((1.0, 5.0), (2.0, 3.0), (4.0, 0.0)))
SHADOW_CURVE = Curve(((0.0, 2.0), (0.005, 4.0), (0.02, 5.0), (0.15, 5.0), (0.40, 1.0)))
CROPPED_CURVE = Curve(((0.01, 5.0), (0.05, 3.0), (0.20, 1.0), (0.50, 0.0)))


def asked_hexes(colour: str) -> tuple[str, ...]:
    """`#rrggbb` of an asked colour; of each known part when several are joined by " and "; () when none is known."""
    return tuple(found for part in colour.split(" and ") if (found := _hex(part.strip())))


def _hex(name: str) -> str | None:
    if name.startswith("#"):
        return name
    from prodimg_lab.products import colour_hex

    return colour_hex(name)


def found_colours(measures: Measures) -> tuple[Cluster, ...]:
    """The product's main colours. Raises `CannotJudge` where most of the mask may be something else."""
    if measures.confidence < COLOUR_FROM:
        raise CannotJudge(f"the product can't be told from its background (confidence {measures.confidence:.2f})")
    return clusters(measures.lab, measures.inner)


def _reads_colour(subject: Subject) -> Mapping[str, str]:
    colour = subject.asked.get("colour", "")
    return {"colour": colour, "hex": " ".join(asked_hexes(colour))} if colour else {}


def _colour(subject: Subject) -> Reading:
    colour = subject.asked.get("colour", "")
    if not colour:
        raise CannotJudge("the prompt names no colour")
    hexes = asked_hexes(colour)
    if not hexes:
        raise CannotJudge(f"no colour value is known for {colour!r}")
    found = [cluster for cluster in found_colours(subject.measures) if cluster.share >= CLUSTER_FROM]
    measures = subject.measures
    light = light_of(measures.lab, measures.surroundings)
    stops = stops_in(measures.lab, measures.surroundings)
    match = nearest(found, [lab_of(each) for each in hexes], light, stops=stops)
    raw, best = match.distance, found[match.found]
    seen = f"found {best.hex} on {best.share:.0%} of the product{_by(measures)}"
    asked = hexes[match.asked] if colour.startswith("#") else f"{colour} {hexes[match.asked]}"
    detail = f"asked {asked}, {seen} (ΔE00 {raw:.1f}{match.says})"
    return Reading(raw=raw, value=COLOUR_CURVE(raw), detail=detail)


def found_background(measures: Measures) -> Background:
    """What the background is: white, plain (one colour or a smooth fall), else a scene."""
    if measures.segmentation.plain < PLAIN_FROM:
        return "scene"
    return "white" if measures.white_share >= WHITE_FROM else "plain"


def _asked_background(subject: Subject) -> Background | None:
    asked = subject.asked.get("background")
    return cast(Background, asked) if asked in get_args(Background) else None


def _reads_background(subject: Subject) -> Mapping[str, str]:
    return {"background": subject.asked["background"]} if "background" in subject.asked else {}


def _background(subject: Subject) -> Reading:
    asked = _asked_background(subject)
    if asked is None:
        given = subject.asked.get("background", "")
        known = ", ".join(get_args(Background))
        raise CannotJudge(f"background {given!r} is none of {known}" if given else "the prompt names no background")
    measures = subject.measures
    plain = measures.segmentation.plain
    raw, curve = {
        "white": (measures.white_share, WHITE_CURVE),
        "plain": (plain, PLAIN_CURVE),
        "scene": (1 - plain, SCENE_CURVE),
    }[asked]
    unseen = "; which scene it is can't be told from pixels" if asked == "scene" else ""
    detail = f"asked {asked}, found {found_background(measures)} ({raw:.0%} of it as asked){unseen}"
    return Reading(raw=raw, value=curve(raw), detail=detail)


def _outline(subject: Subject) -> Measures:
    """The measures, where the outline is certain. Raises `CannotJudge` elsewhere."""
    measures = subject.measures
    if measures.confidence == 0:
        raise CannotJudge("no product stands out from the background")
    if not measures.has_outline:
        raise CannotJudge(
            f"the product's outline is not certain enough (confidence {measures.confidence:.2f} of {OUTLINE_FROM})"
        )
    return measures


def _by(measures: Measures) -> str:
    """Which mask was used, for the detail of a score."""
    return f" ({measures.segmentation.way} mask)"


def _fill(subject: Subject) -> Reading:
    measures = _outline(subject)
    raw = measures.box.longest
    curve = SCENE_FILL_CURVE if _asked_background(subject) == "scene" else PACKSHOT_CURVE
    return Reading(raw=raw, value=curve(raw), detail=f"the product spans {raw:.0%} of the frame{_by(measures)}")


def _centring(subject: Subject) -> Reading:
    measures = _outline(subject)
    right, down = (part - 0.5 for part in measures.box.centre)
    raw = max(abs(right), abs(down))
    curve = SCENE_CENTRING_CURVE if _asked_background(subject) == "scene" else CENTRING_CURVE
    detail = f"{right:+.0%} across and {down:+.0%} down from the middle{_by(measures)}"
    return Reading(raw=raw, value=curve(raw), detail=detail)


def _cropped(subject: Subject) -> Reading:
    measures = _outline(subject)
    edge, raw = max(measures.edge_contact.items(), key=lambda item: item[1])
    told = f"the product is cut off along {raw:.0%} of the {edge} edge" if raw else "the whole product is in the frame"
    return Reading(raw=raw, value=CROPPED_CURVE(raw), detail=told + _by(measures))


def _parts(subject: Subject) -> Reading:
    measures = _outline(subject)
    raw = measures.segmentation.parts
    told = "one part" if raw == 1 else f"{raw} parts that do not touch"
    return Reading(raw=float(raw), value=PARTS_CURVE(float(raw)), detail=told + _by(measures))


def _shadow(subject: Subject) -> Reading:
    measures = _outline(subject)
    raw = measures.segmentation.shadow
    if raw is None:
        raise CannotJudge("shadows are told from a plain ground only")
    told = "no shadow: the product floats" if raw < 0.002 else f"a soft shadow on {raw:.1%} of the frame"
    return Reading(raw=raw, value=SHADOW_CURVE(raw), detail=told)


def _scorer(
    name: str, judge: Callable[[Subject], Reading], card: ScorerCard, reads: Callable[[Subject], Mapping[str, str]]
) -> PixelScorer:
    return PixelScorer(name=name, version="4", card=card, judge=judge, extra=reads)


COLOUR = _scorer(
    "colour",
    _colour,
    ScorerCard(
        unit="ΔE00",
        direction="lower",
        raw_range="0..about 100",
        cost="free",
        formula="Sharma et al. 2005, asked colour to the nearest of 4 k-means colours that cover 15 % of the product; "
        "up to 2 stops of shade (2 a stop; 1 in a bright picture) and the light's colour (up to 4) are discounted",
    ),
    _reads_colour,
)
BACKGROUND = _scorer(
    "background",
    _background,
    ScorerCard(
        unit="share as asked",
        direction="higher",
        raw_range="0..1",
        cost="free",
        formula="white: L* ≥ 94 and chroma ≤ 4; plain: within CIE76 5 of one smooth surface; scene: the rest",
    ),
    _reads_background,
)
FILL = _scorer(
    "fill",
    _fill,
    ScorerCard(
        unit="share of frame",
        direction="target",
        raw_range="0..1",
        cost="free",
        formula="longest side of the product's box; best at 0.6-0.9, in a scene at 0.35-0.8",
    ),
    _reads_background,
)
CENTRING = _scorer(
    "centring",
    _centring,
    ScorerCard(
        unit="share of frame",
        direction="lower",
        raw_range="0..0.5",
        cost="free",
        formula="larger distance, across or down, of the box's middle from the frame's; a scene allows thirds",
    ),
    _reads_background,
)
CROPPED = _scorer(
    "cropped",
    _cropped,
    ScorerCard(
        unit="share of edge",
        direction="lower",
        raw_range="0..1",
        cost="free",
        formula="longest contact of product and frame, standing off the background by L* 25 or chroma 12",
    ),
    nothing_else,
)
PARTS = _scorer(
    "parts",
    _parts,
    ScorerCard(
        unit="parts",
        direction="lower",
        raw_range="1..",
        cost="free",
        formula="parts of the product that do not touch, each at least 8 % of the largest; a set has more than one",
    ),
    nothing_else,
)
SHADOW = _scorer(
    "shadow",
    _shadow,
    ScorerCard(
        unit="share of frame",
        direction="target",
        raw_range="0..1",
        cost="free",
        formula="smooth darker ground (L* 2.5 to 45, its own hue) joined to the border; best at 0.02-0.15; advisory",
    ),
    nothing_else,
)
