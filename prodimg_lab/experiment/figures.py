"""What did a picture take, cost and reach, and does that meet the targets?

How each figure is counted:

- seconds: time on the wall of the calls that this run made; what came from the store took no call and is left out.
- USD a picture: what the model takes for a picture, averaged. A picture from the store counts at its model's list
  price, so that a rerun, which buys nothing, shows what the pictures cost and not $0.
- USD a kept picture: all money of the run (drawn, refused, uncertain, judged, upscaled, dropped) and the list price of
  what came from the store, over the kept pictures. Kept = drawn with a quality of at least the target; without a
  quality target every drawn picture is kept; a picture that could not be scored is not.
- saving: `photo_usd` less USD a kept picture.

A run with pictures of AWS and simulated ones has the money figures of the AWS ones only: the two are never added. A
simulation that costs nothing is no evidence about cost: its money is shown, but held against no target and saves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor
from statistics import fmean

from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.records import TrialState
from prodimg_lab.verdict.effects import Interval, wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure over `n` pictures or calls. `why` says why there is no value, or why it is held against no target."""

    value: float | None = None
    n: int = 0
    target: float | None = None
    met: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The figures of a run against its targets. Seconds, USD and quality 0..5; rates and `saving_share` 0..1.

    `pictures` were drawn, `cached` of them came from the store, `kept` reached the target. `spent_usd` is what this run
    really paid AWS, `simulated_usd` play money. `drawn_by` names the simulated models, "" when all pictures are of AWS.
    """

    planned: int
    pictures: int
    cached: int
    kept: int
    seconds_median: Figure
    seconds_p95: Figure
    usd_picture: Figure
    usd_kept: Figure
    quality: Figure
    photo_usd: float | None
    saving_usd: float | None
    saving_share: float | None
    refused: int
    answered: int
    refusal_interval: Interval | None
    spent_usd: float
    simulated_usd: float
    simulated: bool
    drawn_by: str

    @property
    def refusal_rate(self) -> float | None:
        """Refused over answered (drawn and refused), or None before the first answer."""
        return self.refused / self.answered if self.answered else None

    def text(self) -> str:
        """All figures in one line."""
        lead = f"simulated {self.drawn_by}: " if self.simulated else ""
        parts = [self._seconds_text(), self._usd_text(), self._kept_text(), self._quality_text(), self._saving_text()]
        if self.refused:
            parts.append(f"{self.refused} of {self.answered} refused")
        return f"{lead}{'; '.join(filter(None, parts))} ({self._count_text()})"

    def _seconds_text(self) -> str:
        if self.seconds_median.value is None:
            return f"seconds a picture: {self.seconds_median.why}"
        p95 = "" if self.seconds_p95.value is None else f", p95 {seconds_text(self.seconds_p95.value)}"
        aim = _aim(self.seconds_median, "{:g} s".format)
        return f"{seconds_text(self.seconds_median.value)} a picture (median{p95}{aim})"

    def _usd_text(self) -> str:
        if self.usd_picture.value is None:
            return f"USD a picture: {self.usd_picture.why}"
        return f"{dollars(self.usd_picture.value)} a picture{_brackets(_aim(self.usd_picture, dollars))}"

    def _kept_text(self) -> str:
        if self.usd_kept.value is None:
            return f"USD a kept picture: {self.usd_kept.why}"
        return f"{dollars(self.usd_kept.value)} a kept picture{_brackets(_aim(self.usd_kept, dollars))}"

    def _quality_text(self) -> str:
        if self.quality.value is None:
            return f"quality: {self.quality.why}"
        aim = _aim(self.quality, "{:.1f}".format)
        return f"quality {self.quality.value:.2f} of 5 (mean of {self.quality.n}{aim})"

    def _saving_text(self) -> str:
        if self.saving_usd is None or self.saving_share is None or self.photo_usd is None:
            return ""
        word = "saves" if self.saving_usd >= 0 else "costs"
        side = "of" if self.saving_usd >= 0 else "more than"
        return f"{word} {dollars(abs(self.saving_usd))} {side} a {dollars(self.photo_usd)} photograph"

    def _count_text(self) -> str:
        kept = "" if self.kept == self.pictures else f", {self.kept} kept"
        cached = f", {self.cached} from the store" if self.cached else ""
        total = f" of {self.planned}" if self.planned != self.pictures else ""
        play = f", {dollars(self.simulated_usd)} of simulated money" if self.simulated_usd else ""
        paid = "" if self.simulated and not self.spent_usd else f", {dollars(self.spent_usd)} paid"
        return f"{self.pictures}{total} picture{'' if self.planned == 1 else 's'}{kept}{cached}{paid}{play}"


def headline(view: RunView) -> Headline:
    """The headline figures of a run at any moment of its life; see the module for how each is counted."""
    drawn = view.drawn
    cached = sum(row.outcome.cached for row in drawn)
    target = view.targets
    times = sorted(row.outcome.seconds for row in drawn if not row.outcome.cached)
    no_time = "no picture yet" if not drawn else f"all {len(drawn)} came from the store" if not times else ""
    qualities = [row.quality for row in drawn if row.quality is not None]
    no_quality = "no picture yet" if not drawn else "no picture could be scored"
    money = _money(view)
    photo, kept = target.photo_usd, money.usd_kept.value
    saving = photo - kept if photo is not None and kept is not None and money.is_evidence else None
    refused = view.count(TrialState.REFUSED)
    return Headline(
        planned=len(view.rows),
        pictures=len(drawn),
        cached=cached,
        kept=len(kept_rows(view)),
        seconds_median=_at_most(quantile(times, 0.5), target.seconds, n=len(times), why=no_time),
        seconds_p95=_at_most(quantile(times, 0.95), target.seconds, n=len(times), why=no_time),
        usd_picture=money.usd_picture,
        usd_kept=money.usd_kept,
        quality=_at_least(fmean(qualities) if qualities else None, target.quality, n=len(qualities), why=no_quality),
        photo_usd=photo,
        saving_usd=saving,
        saving_share=None if saving is None or not photo else saving / photo,
        refused=refused,
        answered=refused + len(drawn),
        refusal_interval=wilson_interval(refused, refused + len(drawn)),
        spent_usd=view.real_cost_micro / 1_000_000,
        simulated_usd=view.simulated_cost_micro / 1_000_000,
        simulated=view.simulated,
        drawn_by=_drawn_by(view) if view.simulated else "",
    )


def kept_rows(view: RunView) -> tuple[TrialRow, ...]:
    """The drawn pictures that reach the quality target; all drawn ones when there is none."""
    bound = view.targets.quality
    if bound is None:
        return view.drawn
    return tuple(row for row in view.drawn if row.quality is not None and row.quality >= bound)


def price_micro(view: RunView, row: TrialRow) -> int | None:
    """What `row` costs to draw: what this run paid or, if it came from the store, what its model takes for it today.

    None when that price is not known.
    """
    if not row.outcome.cached:
        return row.outcome.cost_micro
    capabilities = view.models.get(row.trial.request.model)
    if capabilities is None:
        return None
    is_free = row.outcome.state is TrialState.REFUSED and not capabilities.refusal_billed
    return 0 if is_free else capabilities.price_micro


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The quantile of ascending values, linear between neighbours (Hyndman and Fan 1996, type 7); None of nothing."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def dollars(usd: float) -> str:
    """USD for people: `$0.08`, `$12.00`, four places where two would hide something (`$0.0025`), `-$1.00`."""
    places = 2 if abs(usd * 100 - round(usd * 100)) < 1e-6 or abs(usd) >= 10 else 4
    return f"{'-' if usd < 0 else ''}${abs(usd):,.{places}f}"


def seconds_text(seconds: float) -> str:
    """Seconds for people: `0.42 s`, `12.3 s`, `4 min 05 s`, `2 h 10 min`."""
    if seconds < 99.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def about_text(seconds: float) -> str:
    """An estimate for people, no finer than it is: `a few seconds`, `20 s`, `4 min`, `2 h`."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"{10 * round(seconds / 10)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Money:
    usd_picture: Figure
    usd_kept: Figure
    is_evidence: bool


def _money(view: RunView) -> _Money:
    of_aws = tuple(row for row in view.rows if row.trial.request.source == "aws")
    rows = of_aws or view.rows
    spent = view.real_cost_micro + (0 if of_aws else view.simulated_cost_micro)
    drawn = [row for row in rows if row.is_drawn]
    prices = [price_micro(view, row) for row in drawn]
    known = [price for price in prices if price is not None]
    if len(known) < len(prices) or not drawn:
        why = "the list price of a picture from the store is not known" if drawn else "no picture yet"
        return _Money(usd_picture=Figure(why=why), usd_kept=Figure(why=why), is_evidence=False)
    stored = sum(price_micro(view, row) or 0 for row in rows if row.outcome.cached)
    kept = [row for row in kept_rows(view) if not of_aws or row.trial.request.source == "aws"]
    each = sum(known) / 1_000_000 / len(drawn)
    each_kept = (spent + stored) / 1_000_000 / len(kept) if kept else None
    no_kept = "no picture was kept" if view.targets.quality is None else f"no picture reached {view.targets.quality:g}"
    usd_picture = _at_most(each, view.targets.usd, n=len(drawn))
    usd_kept = _at_most(each_kept, view.targets.usd, n=len(kept), why=no_kept)
    if of_aws or sum(known) > 0:
        return _Money(usd_picture=usd_picture, usd_kept=usd_kept, is_evidence=True)
    free = "free simulation: no evidence of cost"
    return _Money(
        usd_picture=replace(usd_picture, met=None, why=free),
        usd_kept=replace(usd_kept, met=None, why=usd_kept.why or free),
        is_evidence=False,
    )


def _at_most(value: float | None, target: float | None, *, n: int, why: str = "") -> Figure:
    met = None if value is None or target is None else value <= target
    return Figure(value=value, n=n, target=target, met=met, why=why if value is None else "")


def _at_least(value: float | None, target: float | None, *, n: int, why: str) -> Figure:
    met = None if value is None or target is None else value >= target
    return Figure(value=value, n=n, target=target, met=met, why=why if value is None else "")


def _aim(figure: Figure, show: Callable[[float], str]) -> str:
    if figure.target is None:
        return ""
    word = "not judged" if figure.met is None else "met" if figure.met else "missed"
    return f", target {show(figure.target)} {word}"


def _brackets(aim: str) -> str:
    return f" ({aim.removeprefix(', ')})" if aim else ""


def _drawn_by(view: RunView) -> str:
    made = [(name, known) for name, known in view.models.items() if known.simulated]
    names = [name.split(":")[0] if name.startswith(("studio:", "python:")) else known.title for name, known in made]
    return ", ".join(dict.fromkeys(names)) or "model"
