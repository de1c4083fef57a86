"""Does the file itself fit: its format, bytes, size, shape, colours, tag?"""

from __future__ import annotations

from pathlib import PurePath

from prodimg_lab.marketplaces import packs
from prodimg_lab.marketplaces.filing import EXTENSIONS, Filed
from prodimg_lab.marketplaces.findings import Result, fail, fixable, passed

AI_MADE = "trainedAlgorithmicMedia"
"""IPTC's digital source type of a picture that a model made (cv.iptc.org/newscodes/digitalsourcetype)."""
_AI_TYPES = {AI_MADE.lower(), "compositewithtrainedalgorithmicmedia"}


def file_format(rule: packs.FormatRule, file: Filed, name: str) -> Result:
    """By the first bytes, whatever the name says."""
    wanted = ", ".join(each.upper() for each in rule.allowed)
    if file.format not in rule.allowed:
        return fixable(f"{file.format.upper()}, allowed: {wanted}", "convert", f"save as {rule.allowed[0].upper()}")
    if rule.still and file.animated:
        return fixable("animated", "convert", "save its first picture alone")
    ending = PurePath(name).suffix.lower()
    if rule.extension and name and ending not in EXTENSIONS.get(file.format, ()):
        told = f"named {ending}" if ending else "named without an ending"
        return fixable(f"{file.format.upper()} {told}", "rename", f"name it {EXTENSIONS[file.format][0]}")
    return passed(file.format.upper())


def file_bytes(rule: packs.BytesRule, file: Filed) -> Result:
    """Megabytes."""
    size = file.size / 1e6
    told = f"{size:.2f} MB"
    if size <= rule.at_most_mb:
        return passed(told)
    return fixable(f"{told}, at most {rule.at_most_mb:g}", "recompress", "save as JPEG with less quality, or smaller")


def side(rule: packs.SideRule, file: Filed) -> Result:
    """The longest or the shortest side."""
    pixels = max(file.width, file.height) if rule.of == "longest" else min(file.width, file.height)
    told = f"{rule.of} side {pixels} px"
    if rule.at_least is not None and pixels < rule.at_least:
        return fixable(f"{told}, at least {rule.at_least}", "upscale", _enlarge(rule.at_least / pixels))
    if rule.at_most is not None and pixels > rule.at_most:
        return fixable(f"{told}, at most {rule.at_most}", "shrink", f"shrink to {rule.at_most} px")
    return passed(told)


def size(rule: packs.SizeRule, file: Filed) -> Result:
    """Width and height."""
    wide, high = rule.at_least
    told = f"{file.width} × {file.height} px"
    if file.width >= wide and file.height >= high:
        return passed(told)
    factor = max(wide / file.width, high / file.height)
    return fixable(f"{told}, at least {wide} × {high}", "upscale", _enlarge(factor))


def _enlarge(factor: float) -> str:
    return f"upscale {factor:.2f} ×" if factor <= 4 else f"draw it larger: upscaling {factor:.1f} × shows"


def pixels(rule: packs.PixelsRule, file: Filed) -> Result:
    """Megapixels."""
    found = file.width * file.height / 1e6
    told = f"{found:.1f} megapixels"
    if found <= rule.at_most_mp:
        return passed(told)
    return fixable(f"{told}, at most {rule.at_most_mp:g}", "shrink", f"shrink to {rule.at_most_mp:g} megapixels")


def ratio(rule: packs.RatioRule, file: Filed, *, background: str) -> Result:
    """Width to height; a plain background can be widened, a scene can't."""
    wanted, found = rule.width / rule.height, file.width / file.height
    told = f"{file.width}:{file.height}, asked {rule.width:g}:{rule.height:g}"
    if abs(found / wanted - 1) <= rule.tolerance:
        return passed(f"{rule.width:g}:{rule.height:g}")
    if background in ("white", "plain"):
        return fixable(told, "pad", "widen the background")
    return fail(f"{told}: a scene can only be cropped or drawn again with that aspect ratio")


def colours(rule: packs.ColoursRule, file: Filed) -> Result:
    """Mode, bits and colour space."""
    told = {"rgb": "RGB", "gray": "gray", "cmyk": "CMYK"}.get(file.mode, "an unusual colour mode")
    if file.mode not in rule.allowed:
        return fixable(told, "convert", "convert to RGB")
    if rule.bits and file.bits != rule.bits:
        return fixable(f"{file.bits} bits per channel, asked {rule.bits}", "convert", f"convert to {rule.bits} bits")
    if rule.profile == "srgb" and file.srgb is not True:
        space = "a colour profile that can't be read" if file.srgb is None else "a colour space other than sRGB"
        return fixable(space, "convert", "convert to sRGB")
    return passed(told)


def ai_tag(file: Filed) -> Result:
    """IPTC's DigitalSourceType in the XMP packet says that a model made it."""
    if file.source_type.lower() in _AI_TYPES:
        return passed(file.source_type)
    told = f"DigitalSourceType is {file.source_type}" if file.source_type else "no DigitalSourceType"
    return fixable(told, "tag", f"write {AI_MADE} into the XMP at export, if a model made it")
