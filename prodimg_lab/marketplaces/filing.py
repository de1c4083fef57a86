"""What does a picture file say of itself, without its pixels being decoded?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from prodimg_lab.scoring import NotAPicture

if TYPE_CHECKING:
    from PIL.Image import Image

Mode = Literal["rgb", "gray", "cmyk", "other"]

_FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "TIFF": "tiff", "BMP": "bmp"}
_MODES: dict[str, Mode] = {
    "RGB": "rgb",
    "RGBA": "rgb",
    "P": "rgb",
    "L": "gray",
    "LA": "gray",
    "1": "gray",
    "CMYK": "cmyk",
}
_SOURCE_TYPE = re.compile(rb"DigitalSourceType[^>]*?(?:>|=\s*[\"'])\s*([^<\"']+)")
EXTENSIONS = {
    "jpeg": (".jpg", ".jpeg", ".jpe"),
    "png": (".png",),
    "gif": (".gif",),
    "webp": (".webp",),
    "tiff": (".tif", ".tiff"),
    "bmp": (".bmp", ".dib"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """The facts of one file: format by its bytes, size in pixels, colours, and what its metadata say.

    `bits` per channel. `srgb` is None where a colour profile stands that says neither. `source_type` is the last part
    of IPTC's DigitalSourceType, e.g. `trainedAlgorithmicMedia`, "" where none is given. `see_through`: it has alpha.
    """

    format: str
    width: int
    height: int
    size: int
    mode: Mode
    bits: int
    animated: bool
    see_through: bool
    srgb: bool | None
    source_type: str


def filed(data: bytes) -> Filed:
    """Read a file's header and metadata. Raises `NotAPicture`."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as opened:
            return Filed(
                format=_FORMATS.get(opened.format or "", (opened.format or "unknown").lower()),
                width=opened.width,
                height=opened.height,
                size=len(data),
                mode=_MODES.get(opened.mode, "gray" if opened.mode.startswith("I;16") else "other"),
                bits=_bits(data, opened),
                animated=bool(getattr(opened, "is_animated", False)) and opened.format != "MPO",
                see_through="A" in opened.getbands() or "transparency" in opened.info,
                srgb=_is_srgb(opened),
                source_type=_source_type(opened),
            )
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture(f"{len(data)} bytes that are no picture file: {error}") from error


def _bits(data: bytes, opened: Image) -> int:
    if opened.format == "PNG":
        return max(8, data[24])
    return 16 if opened.mode.startswith("I;16") else 8


def _is_srgb(opened: Image) -> bool | None:
    profile = opened.info.get("icc_profile")
    if not profile:
        return True  # without a profile browsers and marketplaces take sRGB
    from PIL import ImageCms

    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile))).strip().lower()
    except (ImageCms.PyCMSError, OSError):
        return None
    return True if "srgb" in name or "s-rgb" in name else (False if name else None)


def _source_type(opened: Image) -> str:
    info = opened.info
    packets = [info.get(key) for key in ("xmp", "XML:com.adobe.xmp", "Raw profile type xmp")]
    tags = getattr(opened, "tag_v2", None)
    packets.append(tags.get(700) if tags else None)
    for packet in packets:
        raw = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
        found = _SOURCE_TYPE.search(bytes(raw)) if raw else None
        if found:
            return found[1].decode("utf-8", "replace").strip().rstrip("/").rpartition("/")[2]
    return ""
