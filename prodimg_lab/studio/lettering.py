"""How is text set on a label?

Faces come from Pillow (its own sans, always there) and from matplotlib's font folder where it is installed, which the
`lab` extra does; no font of the machine is used, so labels look alike everywhere. Sizes are pixels.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Face = str
"""`sans`, `bold`, `serif`, `serif-bold`, `italic` or `light`."""

_FILES = {
    "bold": "DejaVuSans-Bold.ttf",
    "serif": "STIXGeneral.ttf",
    "serif-bold": "STIXGeneralBol.ttf",
    "italic": "STIXGeneralItalic.ttf",
    "light": "cmss10.ttf",
}
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return folder if folder.is_dir() else None


@lru_cache(maxsize=256)
def font(face: Face, size: int) -> Font:
    """The face at `size` pixels; Pillow's own sans where the file is missing."""
    folder = _folder()
    if face in _FILES and folder is not None and (folder / _FILES[face]).is_file():
        return ImageFont.truetype(folder / _FILES[face], size)
    return ImageFont.load_default(size)


def width_of(text: str, face: Face, size: int, tracking: float = 0.0) -> float:
    """Width of one line in pixels; `tracking` adds that share of the size between letters."""
    return float(font(face, size).getlength(text)) + tracking * size * max(0, len(text) - 1)


def fitted(text: str, face: Face, *, width: float, height: float, tracking: float = 0.0) -> int:
    """The largest size (at least 6) at which one line fits into width x height."""
    size = max(6, int(height))
    wide = width_of(text, face, size, tracking)
    return max(6, int(size * min(1.0, width / max(wide, 1.0))))


def write(  # noqa: PLR0913 - a line of type has this many properties
    image: Image.Image,
    text: str,
    *,
    at: tuple[float, float],
    face: Face,
    size: int,
    ink: tuple[int, int, int],
    tracking: float = 0.0,
    anchor: str = "m",
) -> None:
    """One line, vertically centred on `at`; `anchor` l, m or r says what of the line stands there."""
    draw = ImageDraw.Draw(image)
    wide = width_of(text, face, size, tracking)
    x = at[0] - {"l": 0.0, "m": 0.5, "r": 1.0}[anchor] * wide
    used = font(face, size)
    if tracking == 0.0:
        draw.text(
            (x, at[1]), text, font=used, fill=ink, anchor="lm" if isinstance(used, ImageFont.FreeTypeFont) else None
        )
        return
    for letter in text:
        draw.text(
            (x, at[1]), letter, font=used, fill=ink, anchor="lm" if isinstance(used, ImageFont.FreeTypeFont) else None
        )
        x += float(used.getlength(letter)) + tracking * size


def wrapped(text: str, lines: int) -> list[str]:
    """`text` split at spaces into at most `lines` lines of nearly equal length."""
    words = text.split()
    best = [text]
    for count in range(2, min(lines, len(words)) + 1):
        target = len(text) / count
        rows: list[str] = [""]
        for word in words:
            if rows[-1] and len(rows[-1]) + len(word) / 2 > target and len(rows) < count:
                rows.append(word)
            else:
                rows[-1] = f"{rows[-1]} {word}".strip()
        if max(map(len, rows)) < max(map(len, best)):
            best = rows
    return best
