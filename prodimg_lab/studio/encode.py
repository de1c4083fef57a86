"""How do pixels become a file that says what it is?

Every file carries the words below, in PNG text chunks or in EXIF: nobody shall take a simulated picture for a model's.
No dates, so equal pixels give equal bytes.
"""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, PngImagePlugin

NOTICE = "Simulated picture: rendered by the prodimg-lab studio, which imitates an image model. No image model drew it."
SOFTWARE = "prodimg-lab studio (simulation)"
FORMATS: tuple[str, ...] = ("png", "jpeg", "webp")


def encoded(pixels: NDArray[np.uint8], output_format: Literal["png", "jpeg", "webp"] | str, *, model: str) -> bytes:
    """The file of `pixels`; `model` is written beside the notice. Raises ValueError for an unknown format."""
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    if output_format == "png":
        text = PngImagePlugin.PngInfo()
        text.add_itxt("Description", NOTICE)
        text.add_text("Software", SOFTWARE)
        text.add_text("Source", model)
        image.save(out, "PNG", pnginfo=text, compress_level=4)
        return out.getvalue()
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription.value] = NOTICE
    exif[ExifTags.Base.Software.value] = SOFTWARE
    exif[ExifTags.Base.Model.value] = model
    if output_format == "jpeg":
        image.save(out, "JPEG", quality=92, subsampling=0, exif=exif)
    elif output_format == "webp":
        image.save(out, "WEBP", quality=92, method=2, exif=exif)
    else:
        raise ValueError(f"{output_format!r} is not one of {FORMATS}")
    return out.getvalue()
