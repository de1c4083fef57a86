from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.reports.alike import Alike, alike
from prodimg_lab.reports.html import render_report
from prodimg_lab.reports.thumbnails import Thumbnail
from prodimg_lab.testing.pictures import SHAPES, draw_product
from prodimg_lab.testing.views import with_row

MakeView = Callable[..., RunView]
SCENES = [draw_product(shape=SHAPES[at % 4], backdrop="scene", seed=at, size=128).picture for at in range(6)]


def webp(picture: np.ndarray, quality: int) -> Thumbnail:
    data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
    return Thumbnail(data=data, width=128, height=128)


def compared(view: RunView, pictures: Callable[[TrialRow], Thumbnail]) -> Alike | None:
    return alike(view, view.drawn, looked_at=pictures, shown=pictures)


def test_a_variant_whose_seeds_draw_the_same_is_told_and_stands_first(make_view: MakeView) -> None:
    view = make_view(products=1, seeds=4)
    stale = view.variants[1].name

    def pictures(row: TrialRow) -> Thumbnail:
        if row.trial.variant == stale:
            return webp(SCENES[0], 90 - 10 * row.trial.block.index)
        return webp(SCENES[row.trial.block.index + 1], 90)

    found = compared(view, pictures)
    assert found is not None
    first = found.spreads[0]
    assert (first.variant, first.pairs, first.near) == (stale, 6, 6) and first.diversity < 0.05
    assert all(each.diversity > 0.2 for each in found.spreads[1:])
    assert [(group.same, group.count) for group in found.groups] == [(False, 4)]
    assert stale in found.groups[0].what and found.looked_at == found.total == len(view.drawn)


def test_pictures_that_are_the_same_byte_for_byte_are_a_group_whatever_drew_them(make_view: MakeView) -> None:
    view = make_view(products=2, seeds=1)
    digest = view.rows[0].outcome.digest
    twin = view.rows[3]
    view = with_row(view, 3, outcome=replace(twin.outcome, digest=digest))
    found = compared(view, lambda row: webp(SCENES[row.trial.index % 6], 90))
    assert found is not None and not found.spreads, "with one seed there is no diversity"
    (group,) = found.groups
    assert group.same and group.count == 2
    assert {name for _, name in group.pictures} == {
        f"{row.trial.variant}, {row.trial.block.name}" for row in (view.rows[0], twin)
    }


def test_with_one_seed_and_no_equal_pictures_there_is_nothing_to_say(make_view: MakeView) -> None:
    view = make_view(products=2, seeds=1)
    assert compared(view, lambda row: webp(SCENES[row.trial.index % 6], 90)) is None
    assert 'id="alike"' not in render_report(view)


def test_a_thumbnail_that_could_not_be_made_is_left_out(make_view: MakeView) -> None:
    view = make_view(products=1, seeds=2)
    lost = view.rows[0].trial.index
    found = compared(
        view,
        lambda row: Thumbnail(problem="gone") if row.trial.index == lost else webp(SCENES[row.trial.index % 6], 90),
    )
    assert found is not None and found.looked_at == len(view.drawn) - 1
    assert view.rows[0].trial.variant not in {each.variant for each in found.spreads}


def test_one_picture_of_two_products_names_both_and_only_shown_groups_get_thumbnails(make_view: MakeView) -> None:
    view = make_view(products=2, seeds=4)
    rows = tuple(replace(row, outcome=replace(row.outcome, digest=f"{row.trial.index // 2:064x}")) for row in view.rows)
    far = replace(rows[-1], outcome=replace(rows[-1].outcome, digest=rows[0].outcome.digest))
    view = replace(view, rows=(*rows[:-1], far))
    made: list[int] = []

    def small(row: TrialRow) -> Thumbnail:
        made.append(row.trial.index)
        return webp(SCENES[row.trial.index % 6], 90)

    found = alike(view, [], looked_at=small, shown=small)
    assert found is not None and len(found.groups) == 6 and found.more_groups == len(rows) // 2 - 7
    assert len(made) <= 6 * 3, "groups that are counted only are not drawn"
    assert found.groups[0].what == ", ".join(dict.fromkeys((rows[0].trial.block.sku, far.trial.block.sku)))


def test_equal_groups_leave_room_for_near_ones(make_view: MakeView) -> None:
    view = make_view(products=2, seeds=4)
    twins = tuple(
        replace(row, outcome=replace(row.outcome, digest=f"{row.trial.index // 2:064x}"))
        if row.trial.index < 40
        else row
        for row in view.rows
    )
    found = compared(replace(view, rows=twins), lambda row: webp(SCENES[0], 60 + row.trial.index % 30))
    assert found is not None and {group.same for group in found.groups} == {True, False}
