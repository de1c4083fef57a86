"""How good is a picture? Scorers 0..5 from pixels, and rubrics that weigh them into one quality. Loads no OpenCV."""

from prodimg_lab.scoring._base import NotAPicture, Scorer, ScorerCard, Subject
from prodimg_lab.scoring.pixels import CannotJudge, PixelScorer, Reading
from prodimg_lab.scoring.registry import NAMES, card_table, scorers
from prodimg_lab.scoring.rubric import Rubric, RubricError, load_rubric, rubrics
from prodimg_lab.scoring.run import (
    ScoreCache,
    score_from_json,
    score_key,
    score_keys,
    score_one,
    score_pictures,
    score_to_json,
)

__all__ = [
    "NAMES",
    "CannotJudge",
    "NotAPicture",
    "PixelScorer",
    "Reading",
    "Rubric",
    "RubricError",
    "ScoreCache",
    "Scorer",
    "ScorerCard",
    "Subject",
    "card_table",
    "load_rubric",
    "rubrics",
    "score_from_json",
    "score_key",
    "score_keys",
    "score_one",
    "score_pictures",
    "score_to_json",
    "scorers",
]
