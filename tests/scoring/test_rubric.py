from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodimg_lab.errors import Problems, UnknownName, UsageError
from prodimg_lab.records import Score, Unscored
from prodimg_lab.scoring import NAMES, Rubric, RubricError, load_rubric, rubrics
from prodimg_lab.scoring.registry import names
from prodimg_lab.scoring.rubric import QUALITY, on_scale


def scored(name: str, value: float) -> Score:
    return Score(scorer=name, version="1", value=value, raw=value)


def unscored(name: str, reason: str = "no idea") -> Unscored:
    return Unscored(scorer=name, version="1", reason=reason)


def rubric_of(weights: dict[str, float], share: float = 0.5, gates: dict[str, float] | None = None) -> Rubric:
    return Rubric(name="mine", version="1", weights=weights, gates=gates or {}, scored_share=share)


def write(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_rubrics_load_and_name_scorers_of_this_package() -> None:
    assert rubrics() == ("amazon-main", "lifestyle", "product-default", "technical-only")
    for name in rubrics():
        rubric = load_rubric(name)
        assert rubric.name == name and rubric.summary and set(rubric.scorers) <= set(names())


def test_the_default_rubric_weighs_every_fast_scorer_but_the_advisory_ones() -> None:
    assert set(load_rubric("product-default").weights) == set(NAMES) - {"shadow", "parts"}


def test_quality_is_the_weighted_mean_of_what_could_be_scored() -> None:
    rubric = rubric_of({"colour": 3, "fill": 1, "noise": 1})
    scores = {"colour": scored("colour", 4.0), "fill": scored("fill", 2.0), "noise": unscored("noise")}
    assert rubric.quality(scores) == pytest.approx((3 * 4 + 1 * 2) / 4)
    assert rubric.coverage(scores) == pytest.approx(0.8)


def test_a_missing_score_is_not_a_zero_and_too_many_make_no_quality() -> None:
    rubric = rubric_of({"colour": 3, "fill": 1}, share=0.5)
    answer = rubric.quality({"colour": unscored("colour", "the prompt names no colour"), "fill": scored("fill", 5)})
    assert answer == Unscored(
        scorer=QUALITY,
        version="mine@1",
        reason="25% of the weight could be scored, mine needs 50% (colour: the prompt names no colour)",
    )
    assert (
        isinstance(answer_for_nothing := rubric.quality({}), Unscored)
        and "colour: not run" in answer_for_nothing.reason
    )


def test_exactly_the_needed_share_is_enough() -> None:
    rubric = rubric_of({"colour": 1, "fill": 1}, share=0.5)
    assert rubric.quality({"colour": scored("colour", 3.5)}) == 3.5


def test_below_a_gate_the_quality_is_0_and_an_unscored_gate_fails_nobody() -> None:
    rubric = rubric_of({"colour": 1, "fill": 1}, gates={"cropped": 2.0})
    good = {"colour": scored("colour", 5), "fill": scored("fill", 5)}
    assert rubric.quality({**good, "cropped": scored("cropped", 1.9)}) == 0.0
    assert rubric.failed_gates({**good, "cropped": scored("cropped", 1.9)}) == ("cropped",)
    assert rubric.quality({**good, "cropped": scored("cropped", 2.0)}) == 5.0
    assert rubric.quality({**good, "cropped": unscored("cropped")}) == 5.0
    assert rubric.scorers == ("colour", "fill", "cropped")


@given(st.dictionaries(st.sampled_from(NAMES), st.tuples(st.floats(0.01, 1000), st.floats(0, 5)), min_size=1))
def test_quality_lies_between_the_lowest_and_the_highest_score(given_: dict[str, tuple[float, float]]) -> None:
    rubric = rubric_of({name: weight for name, (weight, _) in given_.items()}, share=1.0)
    quality = rubric.quality({name: scored(name, value) for name, (_, value) in given_.items()})
    values = [value for _, value in given_.values()]
    assert isinstance(quality, float)
    assert 0 <= quality <= 5 and min(values) - 1e-9 <= quality <= max(values) + 1e-9


def test_a_rubric_of_ones_own_is_read_from_a_file_beside_the_experiment(tmp_path: Path) -> None:
    write(
        tmp_path, 'name: mine\nversion: "2"\nscored_share: 0.8\nweights: {colour: 2, fill: 0.5}\ngates: {cropped: 1}\n'
    )
    rubric = load_rubric("mine.yaml", folder=tmp_path)
    assert (rubric.name, rubric.version, rubric.scored_share) == ("mine", "2", 0.8)
    assert rubric.weights == {"colour": 2, "fill": 0.5} and rubric.gates == {"cropped": 1}
    assert load_rubric(tmp_path / "mine.yaml") == rubric


def test_an_unknown_rubric_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no rubric 'product-defualt'; did you mean 'product-default'"):
        load_rubric("product-defualt")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            'name: a\nversion: "1"\nweights:\n  colour: 1\n  sharpnes: 2\n',
            5,
            "no scorer 'sharpnes'; did you mean 'sharpness'?",
        ),
        (
            'name: a\nversion: "1"\nweights:\n  colour: 1\ngates: {croped: 2}\n',
            5,
            "no scorer 'croped'; did you mean 'cropped'?",
        ),
        ("name: a\nversion: 1\nweights:\n  colour: 1\n", 2, "version must be text"),
        ('name: a\nversion: "1"\nweigths:\n  colour: 1\n', 3, "unknown key 'weigths'; did you mean 'weights'?"),
        ('name: a\nversion: "1"\nweights:\n  colour: 0\n', 4, "weights.colour"),
        ('name: a\nversion: "1"\nweights:\n  colour: .nan\n', 4, "weights.colour"),
        ('name: a\nversion: "1"\nweights:\n  colour: yes\n', 4, "weights.colour"),
        ('name: a\nversion: "1"\nscored_share: 1.5\nweights: {colour: 1}\n', 3, "scored_share"),
        ('name: a\nversion: "1"\nweights: {colour: 1}\ngates:\n  fill: 6\n', 5, "gates.fill"),
        ('name: a\nversion: "1"\nweights: {}\n', 3, "weights"),
        ('name: a\nversion: "1"\nweights:\n  colour: 1\n  colour: 2\n', 5, "duplicate"),
        ("- colour\n", 1, "keys and values"),
    ],
)
def test_a_fault_in_a_rubric_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        load_rubric(file)
    faults = raised.value.problems if isinstance(raised.value, Problems) else (raised.value,)
    assert any(fault.file == file and fault.line == line and message in fault.message for fault in faults), faults
    assert all(isinstance(fault, RubricError) for fault in faults)


def test_several_unknown_scorers_are_all_named_at_once(tmp_path: Path) -> None:
    file = write(tmp_path, 'name: a\nversion: "1"\nweights: {colr: 1, nois: 1}\n')
    with pytest.raises(Problems) as raised:
        load_rubric(file)
    assert len(raised.value.problems) == 2


def test_scorers_from_other_rooms_can_be_made_known(tmp_path: Path) -> None:
    file = write(tmp_path, 'name: a\nversion: "1"\nweights: {colour: 1}\ngates: {amazon: 5}\n')
    with pytest.raises(RubricError, match="no scorer 'amazon'"):
        load_rubric(file)
    assert load_rubric(file, known=[*NAMES, "amazon"]).gates == {"amazon": 5}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RubricError, match=r"gone\.yaml: there is no such file"):
        load_rubric("gone.yaml", folder=tmp_path)


def test_a_scale_of_the_rubrics_own_turns_raw_values_into_points(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        'name: mine\nversion: "1"\nweights: {noise: 1, fill: 1}\ngates: {fill: 2}\n'
        "scales:\n  noise: [[1, 5], [3, 1], [6, 0]]\n  fill: [[0.5, 0], [0.9, 5]]\n",
    )
    rubric = load_rubric(file)

    def raw(name: str, value: float) -> Score:
        return Score(scorer=name, version="1", value=0.0, raw=value)

    for noise, points in ((0.2, 5), (1, 5), (2, 3), (4.5, 0.5), (99, 0)):
        assert rubric.value_of(raw("noise", noise)) == pytest.approx(points)
    assert rubric.quality({"noise": raw("noise", 2), "fill": raw("fill", 0.9)}) == pytest.approx(4)
    assert rubric.quality({"noise": raw("noise", 2), "fill": raw("fill", 0.6)}) == 0.0
    assert [part.value for part in rubric.parts({"noise": raw("noise", 2)})] == [pytest.approx(3), None]


@pytest.mark.parametrize(
    "scale",
    ["[[1, 5]]", "[[2, 5], [1, 0]]", "[[1, 6], [2, 0]]", "[1, 2]", "[[.nan, 1], [2, 0]]", "5", "[[1, a], [2, 0]]"],
)
def test_a_scale_that_is_none_is_told_with_its_name_and_the_form(tmp_path: Path, scale: str) -> None:
    file = write(tmp_path, f'name: mine\nversion: "1"\nweights: {{noise: 1}}\nscales:\n  noise: {scale}\n')
    with pytest.raises(UsageError, match=r"scale of noise is .*write \[\[raw, 0\.\.5\]"):
        load_rubric(file)


def test_a_scale_or_a_rule_for_a_part_without_a_weight_is_refused(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        'name: mine\nversion: "1"\nweights: {noise: 1}\nscales: {fill: [[0, 0], [1, 5]]}\n'
        "unscored: {colour: no-quality}\n",
    )
    with pytest.raises(Problems, match=r"(?s)scales names 'fill', which has no weight.*unscored names 'colour'"):
        load_rubric(file)


def test_a_part_that_must_be_scored_gives_no_quality_without_it(tmp_path: Path) -> None:
    file = write(tmp_path, 'name: mine\nversion: "1"\nweights: {noise: 9, colour: 1}\nunscored: {colour: no-quality}\n')
    rubric = load_rubric(file)
    assert rubric.quality({"noise": scored("noise", 4), "colour": scored("colour", 4)}) == pytest.approx(4)
    answer = rubric.quality({"noise": scored("noise", 4), "colour": unscored("colour", "no colour was asked")})
    assert (
        isinstance(answer, Unscored)
        and answer.reason == "mine gives no quality without it (colour: no colour was asked)"
    )


@given(raw=st.floats(-10, 10))
def test_a_scale_stays_within_its_points_and_never_turns_back(raw: float) -> None:
    scale = ((0.0, 5.0), (1.0, 3.0), (4.0, 0.0))
    assert 0 <= on_scale(scale, raw) <= 5
    assert on_scale(scale, raw) >= on_scale(scale, raw + 0.1) - 1e-12
