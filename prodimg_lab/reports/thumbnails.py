"""How does a picture get small enough for a page?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from prodimg_lab.errors import MissingExtra, StoreError

if TYPE_CHECKING:
    from PIL.Image import Image

LADDER = ((1.0, 80), (1.0, 60), (0.75, 60), (0.75, 40), (0.5, 40), (0.35, 30), (0.25, 20))
"""Share of the edge and WebP quality, tried in turn until the bytes fit."""

FAR = 2.5
"""So many times too large: the next step of the ladder would be too large as well, and is left out."""

ENCODER_EFFORT = 2
"""WebP method: 2 costs 8 ms at 512 px where 4 costs 20 ms, for files 3-6 % larger (measured on product renderings)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small WebP, or the `problem` why there is none. Width and height in pixels."""

    data: bytes = b""
    width: int = 0
    height: int = 0
    problem: str = ""

    @property
    def uri(self) -> str:
        """The picture as a `data:` address; "" when there is none."""
        import pybase64

        return f"data:image/webp;base64,{pybase64.b64encode_as_string(self.data)}" if self.data else ""


class Thumbnails:
    """Makes thumbnails and keeps them by digest, so that rewriting a report reads only new pictures."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], Thumbnail] = {}

    def __len__(self) -> int:
        return len(self._made)

    def of(self, picture: Callable[[str], bytes], digest: str, *, edge: int, max_bytes: int) -> Thumbnail:
        """The picture `digest` within `edge` pixels and, down to a quarter of that edge, `max_bytes`.

        A picture that the store cannot give or that cannot be decoded gives a thumbnail with a `problem`.
        """
        key = (digest, edge, max_bytes)
        if key not in self._made:
            self._made[key] = _thumbnail(picture, digest, edge, max_bytes)
        return self._made[key]


def opened(data: bytes, edge: int) -> Image:
    """The picture as RGB within `edge` pixels; transparent parts become white. Raises OSError or ValueError."""
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("reports need pillow: pip install 'prodimg-lab[lab]'") from error
    try:
        with Image.open(BytesIO(data)) as source:
            source.draft("RGB", (edge, edge))  # JPEG decodes at a fraction of its size; other formats ignore it
            source.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=1.1)
            if not source.has_transparency_data:
                return source.convert("RGB")
            over = source.convert("RGBA")
    except (SyntaxError, Image.DecompressionBombError) as error:  # Pillow's words for a broken PNG and a huge one
        raise ValueError(str(error)) from error
    return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")


def _thumbnail(picture: Callable[[str], bytes], digest: str, edge: int, max_bytes: int) -> Thumbnail:
    try:
        image = opened(picture(digest), edge)
    except (StoreError, OSError, ValueError) as error:
        return Thumbnail(problem=f"the picture could not be read: {error}")
    step = 0
    while True:
        share, quality = LADDER[step]
        small = image if share == 1.0 else image.copy()
        small.thumbnail((round(edge * share), round(edge * share)))
        buffer = BytesIO()
        small.save(buffer, "WEBP", quality=quality, method=ENCODER_EFFORT)
        data = buffer.getvalue()
        if len(data) <= max_bytes or step == len(LADDER) - 1:
            return Thumbnail(data=data, width=small.width, height=small.height)
        step = min(step + (2 if len(data) > FAR * max_bytes else 1), len(LADDER) - 1)
