from __future__ import annotations

from datetime import date
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from prodimg_lab.marketplaces import check_picture
from prodimg_lab.marketplaces.filing import filed
from prodimg_lab.scoring import NotAPicture
from prodimg_lab.testing.scorers import subject_of

DAY = date(2026, 11, 27)
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {as_attribute}>{as_element}
</rdf:Description></rdf:RDF></x:xmpmeta>"""
URI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def file(form: str, size: tuple[int, int] = (1200, 1200), mode: str = "RGB", **save: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size, "white" if mode != "CMYK" else (0, 0, 0, 0)).save(out, form, **save)
    return out.getvalue()


def outcome(data: bytes, rule: str, market: str = "amazon-main", name: str = "") -> tuple[str, str, str]:
    found = check_picture(subject_of(data, {}), market, as_of=DAY, name=name)
    (finding,) = [each for each in found.findings if each.rule == rule]
    return finding.outcome, finding.action, finding.detail


@pytest.mark.parametrize(
    ("form", "market", "wanted"),
    [
        ("JPEG", "amazon-main", "pass"),
        ("PNG", "amazon-main", "pass"),
        ("WEBP", "amazon-main", "fixable"),
        ("WEBP", "google-merchant", "pass"),
        ("PNG", "zalando", "fixable"),
        ("GIF", "walmart", "fixable"),
        ("BMP", "walmart", "pass"),
    ],
)
def test_formats_go_by_the_bytes(form: str, market: str, wanted: str) -> None:
    got, action, _ = outcome(
        file(form), "format", market, name="picture.jpg" if form == "JPEG" else f"x.{form.lower()}"
    )
    assert (got, action) == (wanted, "convert" if wanted == "fixable" else "")


def test_a_name_that_says_another_format_is_told_where_it_matters() -> None:
    assert outcome(file("PNG"), "format", "google-merchant", name="a.jpg")[:2] == ("fixable", "rename")
    assert outcome(file("PNG"), "format", "amazon-main", name="a.jpg")[0] == "pass"


def test_an_animated_gif_is_no_still_picture() -> None:
    frames = [Image.new("RGB", (600, 600), each) for each in ("white", "gray")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert outcome(out.getvalue(), "format")[2] == "animated"


@pytest.mark.parametrize(("side", "wanted"), [(499, "fixable"), (500, "pass"), (999, "pass")])
def test_the_least_side_is_a_bound_that_itself_passes(side: int, wanted: str) -> None:
    assert outcome(file("JPEG", (side, side)), "side")[0] == wanted


def test_an_upscale_too_large_to_look_good_is_told_as_such() -> None:
    found = check_picture(subject_of(file("JPEG", (100, 100)), {}), "amazon-main", as_of=DAY)
    (side,) = [each for each in found.findings if each.rule == "side"]
    assert "upscaling 5.0 × shows" in side.fix


def test_too_many_pixels_or_bytes_are_fixable() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1400, 1400, 3), np.uint8)
    heavy = cv2.imencode(".png", noise)[1].tobytes()
    assert outcome(heavy, "bytes", "walmart")[:2] == ("fixable", "recompress")
    assert outcome(file("PNG", (4473, 300)), "side", "shopify")[:2] == ("fixable", "shrink")


def test_a_ratio_can_be_padded_on_white_only() -> None:
    assert outcome(file("JPEG", (1801, 2594)), "ratio", "zalando")[0] == "pass"
    assert outcome(file("JPEG", (1800, 1800)), "ratio", "zalando")[:2] == ("fixable", "pad")


def test_colours_other_than_srgb_are_converted() -> None:
    assert outcome(file("TIFF", mode="CMYK"), "colours")[:2] == ("fixable", "convert")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert outcome(file("PNG", icc_profile=srgb), "colours")[0] == "pass"
    assert outcome(file("PNG", icc_profile=lab), "colours")[2] == "a colour space other than sRGB"
    deep = cv2.imencode(".png", np.full((600, 600, 3), 65535, np.uint16))[1].tobytes()
    assert outcome(deep, "colours", "walmart")[2] == "16 bits per channel, asked 8"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("way", ["as_attribute", "as_element"])
def test_the_mark_of_ai_is_read_from_every_container(form: str, way: str) -> None:
    texts = {
        "as_attribute": f'Iptc4xmpExt:DigitalSourceType="{URI}"',
        "as_element": f"<Iptc4xmpExt:DigitalSourceType>{URI}</Iptc4xmpExt:DigitalSourceType>",
    }
    packet = XMP.format(**{each: texts[each] if each == way else "" for each in texts})
    if form == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet)
        data = file(form, pnginfo=info)
    elif form == "TIFF":
        data = file(form, tiffinfo={700: packet.encode()})
    else:
        data = file(form, xmp=packet.encode())
    assert filed(data).source_type == "trainedAlgorithmicMedia"
    assert outcome(data, "ai-tag", "google-merchant")[0] == "pass"
    assert outcome(file(form), "ai-tag", "google-merchant")[:2] == ("fixable", "tag")


def test_apparel_rules_hold_for_apparel_alone() -> None:
    small = file("JPEG", (200, 200))

    def told(asked: dict[str, str]) -> str:
        found = check_picture(subject_of(small, asked), "google-merchant", as_of=DAY)
        return next(each.outcome for each in found.findings if each.rule == "side:apparel")

    assert told({"category": "mug"}) == "pass"
    assert told({"category": "dress"}) == "fixable"
    assert told({}) == "cannot tell"


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(NotAPicture):
        filed(b"no picture")
