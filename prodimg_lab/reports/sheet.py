"""One picture of many: a contact sheet for a README, a terminal that shows pictures, or a mail."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from prodimg_lab.errors import MissingExtra, StoreError, UsageError
from prodimg_lab.experiment.view import RunView, TrialRow
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.reports.thumbnails import opened

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

FORMATS = {".webp": "WEBP", ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}

MAX_SIDE = 16_383
"""Pixels on a side that WebP can hold (RFC 6386, section 9.1: 14 bits)."""

MAX_PIXELS = 40_000_000
"""Of the whole sheet: 120 MB in memory. Larger runs are what the report and the grid are for."""

GAP, CAPTION, MARGIN = 8, 40, 12
INK, MUTED, PAPER, BLANK = (20, 23, 31), (89, 98, 115), (255, 255, 255), (238, 240, 245)


def contact_sheet(view: RunView, path: Path, *, columns: int = 6, limit: int = 24, size: int = 256) -> Path:
    """Write up to `limit` pictures in `columns`, each within `size` pixels, with variant, product and quality below.

    The format follows the name: .webp, .png or .jpg. When there are more pictures than `limit`, they are taken at even
    steps of the plan. A simulated run says so on the sheet. Raises `UsageError` for an impossible name, count or size.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"{path.name} is no picture that can be written; end it in {', '.join(FORMATS)}")
    if columns < 1 or limit < 1 or size < 32:
        raise UsageError(f"columns {columns} and limit {limit} must be 1 or more, size {size} 32 or more")
    rows = _even(view.drawn, limit)
    sheet = _set(view, rows, columns=min(columns, max(1, len(rows))), size=size)
    buffer = BytesIO()
    if form == "PNG":
        sheet.save(buffer, form, optimize=True)
    else:
        sheet.save(buffer, form, quality=85)
    return write_atomically(path, buffer.getvalue())


def _set(view: RunView, rows: Sequence[TrialRow], *, columns: int, size: int) -> Image:
    try:
        from PIL import Image as pictures
        from PIL import ImageDraw as pens
        from PIL import ImageFont as fonts
    except ImportError as error:
        raise MissingExtra("a contact sheet needs pillow: pip install 'prodimg-lab[lab]'") from error
    lines = max(1, -(-len(rows) // columns))
    width = 2 * MARGIN + columns * size + (columns - 1) * GAP
    height = 2 * MARGIN + lines * (size + CAPTION) + (lines - 1) * GAP + CAPTION
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise UsageError(f"a sheet of {width} × {height} pixels is too large: lower limit, columns or size")
    sheet = pictures.new("RGB", (width, height), PAPER)
    pen = pens.Draw(sheet)
    large, small = fonts.load_default(15), fonts.load_default(14)
    pen.text((MARGIN, MARGIN), _fitted(_title(view, len(rows)), pen, large, width - 2 * MARGIN), INK, font=large)
    for place, row in enumerate(rows):
        left = MARGIN + place % columns * (size + GAP)
        top = MARGIN + CAPTION + place // columns * (size + CAPTION + GAP)
        pen.rectangle((left, top, left + size - 1, top + size - 1), fill=BLANK)
        try:
            picture = opened(view.picture(row.outcome.digest), size)
            sheet.paste(picture, (left + (size - picture.width) // 2, top + (size - picture.height) // 2))
        except (StoreError, OSError, ValueError) as error:
            pen.text((left + 8, top + 8), _fitted(f"unreadable: {error}", pen, small, size - 16), MUTED, font=small)
        quality = "" if row.quality is None else f"{row.quality:.2f}  "
        template, _, levels = row.trial.variant.partition("/")
        below = " · ".join(part for part in (levels.replace(",", ", "), row.trial.block.name) if part)
        pen.text((left, top + size + 3), _fitted(quality + template, pen, large, size), INK, font=large)
        pen.text((left, top + size + 21), _fitted(below, pen, small, size), MUTED, font=small)
    return sheet


def _title(view: RunView, shown: int) -> str:
    total = len(view.drawn)
    count = f"{shown} pictures" if shown == total else f"{shown} of {total} pictures"
    return f"{view.experiment} · {view.run_id} · {count}{' · SIMULATED' if view.simulated else ''}"


def _even(rows: Sequence[TrialRow], limit: int) -> tuple[TrialRow, ...]:
    count = min(limit, len(rows))
    return tuple(rows[place * len(rows) // count] for place in range(count))


def _fitted(text: str, pen: ImageDraw, font: FreeTypeFont | ImageFont, width: int) -> str:
    """The text, cut with an ellipsis to `width` pixels."""
    line = " ".join(text.split())
    if pen.textlength(line, font=font) <= width:
        return line
    while line and pen.textlength(f"{line}…", font=font) > width:
        line = line[:-1]
    return f"{line}…"
