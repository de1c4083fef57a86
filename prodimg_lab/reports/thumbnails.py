"""How does a picture get small enough for a page or for the grid?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from prodimg_lab.errors import MissingExtra, StoreError
from prodimg_lab.reports.files import write_atomically
from prodimg_lab.scoring import NotAPicture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Bytes = NDArray[np.uint8]

LADDER = ((1.0, 80), (1.0, 60), (0.75, 60), (0.75, 40), (0.5, 40), (0.35, 30), (0.25, 20))
"""Share of the edge and WebP quality, tried in turn until the bytes fit."""

FAR = 2.5
"""So many times too large: the next step of the ladder would be too large as well, and is left out."""

GRID_EDGE, GRID_QUALITY, GRID_EFFORT = 256, 72, 1
"""Of the grid's thumbnails: pixels, WebP quality and method (1.9 ms and some 5 KB for a product on a table)."""

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

    def make(self, digest: str, bgr: Bytes, *, edge: int, max_bytes: int) -> None:
        """Make the thumbnail that `of` gives from pixels that somebody has decoded (8 bits, BGR)."""
        key = (digest, edge, max_bytes)
        if key not in self._made:
            self._made[key] = _encoded(_reduced(bgr, edge), edge, max_bytes)


class KeptThumbnails:
    """The grid's thumbnails, WebP within 256 pixels, kept in a folder by digest: each is made once in a lab's life.

    The folder is a cache: it may be deleted at any time, and a full disk only costs time. Safe in several threads and
    processes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, picture: Callable[[str], bytes], digest: str) -> Thumbnail:
        """The thumbnail of the picture `digest`, or one with a `problem`. `width` and `height` are left out."""
        try:
            return Thumbnail(data=self._file(digest).read_bytes())
        except OSError:
            pass
        try:
            return self._keep(digest, opened(picture(digest), GRID_EDGE))
        except (StoreError, OSError, ValueError) as error:
            return Thumbnail(problem=f"the picture could not be read: {error}")

    def make(self, digest: str, bgr: Bytes) -> None:
        """Keep the thumbnail of pixels that somebody has decoded (8 bits, BGR), unless it is there."""
        if not self._file(digest).exists():
            self._keep(digest, _reduced(bgr, GRID_EDGE))

    def _file(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.webp"

    def _keep(self, digest: str, image: Image) -> Thumbnail:
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=GRID_QUALITY, method=GRID_EFFORT)
        with suppress(StoreError):
            write_atomically(self._file(digest), buffer.getvalue())
        return Thumbnail(data=buffer.getvalue())


def opened(data: bytes, edge: int) -> Image:
    """The picture as RGB within `edge` pixels; transparent parts become white. Raises ValueError."""
    from prodimg_lab.scoring.measures import measure

    try:
        return _reduced(measure(data).bgr, edge)
    except NotAPicture as error:
        raise ValueError(str(error)) from error


def _reduced(bgr: Bytes, edge: int) -> Image:
    """Decoded pixels as a picture within `edge` pixels, every pixel the mean of those that it stands for."""
    import cv2
    import numpy as np

    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("reports need pillow: pip install 'prodimg-lab[lab]'") from error
    height, width = bgr.shape[:2]
    scale = edge / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        bgr = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Image.fromarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


def _thumbnail(picture: Callable[[str], bytes], digest: str, edge: int, max_bytes: int) -> Thumbnail:
    try:
        return _encoded(opened(picture(digest), edge), edge, max_bytes)
    except (StoreError, OSError, ValueError) as error:
        return Thumbnail(problem=f"the picture could not be read: {error}")


def _encoded(image: Image, edge: int, max_bytes: int) -> Thumbnail:
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
