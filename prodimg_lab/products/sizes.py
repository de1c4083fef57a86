"""How large is it, and how many are there?"""

from __future__ import annotations

import re

_NUMBER = r"\d+(?:[.,]\d+)?"
_UNITS = {
    "ml": "ml", "milliliter": "ml", "millilitre": "ml", "cl": "cl", "dl": "dl", "l": "l", "liter": "l", "litre": "l",
    "litro": "l", "litri": "l", "litros": "l", "liters": "l", "litres": "l", "oz": "oz", "fl oz": "fl oz",
    "fl. oz": "fl oz", "ounce": "oz", "ounces": "oz", "fluid ounce": "fl oz", "fluid ounces": "fl oz", "g": "g",
    "gr": "g", "gram": "g", "grams": "g", "gramm": "g", "kg": "kg", "lb": "lb", "lbs": "lb", "mm": "mm", "cm": "cm",
    "m": "m", "inch": "in", "inches": "in", "in": "in", "zoll": "in", "pulgadas": "in", "pouces": "in", "pollici": "in",
    '"': "in", "″": "in", "”": "in", "ft": "ft", "feet": "ft", "qt": "qt", "quart": "qt", "pint": "pt", "gal": "gal",
    "gallon": "gal", "yd": "yd", "cups": "cups", "gsm": "gsm", "w": "W", "watt": "W", "mah": "mAh",
}  # fmt: skip
_METRIC = ("ml", "cl", "dl", "l", "mm", "cm", "m", "g", "kg")
_NO_SIZE = frozenset({"gsm", "W", "mAh"})
_UNIT = "(?:" + "|".join(sorted((re.escape(unit) for unit in _UNITS), key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_MEASURE = re.compile(
    rf"(?<![\w.,])({_NUMBER})\s*-?({_UNIT})?(?:\s*[x×]\s*({_NUMBER})\s*({_UNIT})?)?(?:\s*[x×]\s*({_NUMBER})\s*({_UNIT})?)?",
    re.IGNORECASE,
)
_COUNTED = (
    r"piece|pieces|pcs|pc|count|ct(?!\s+(?:[a-z]+\s+)?gold)|pack|pk|bags|tea bags|pairs|pair|sheets|rolls|tabs|"
    "tablets|capsules|pods|sachets|"
    "cards|sticks|bars|stück|stuck|teile|teilig|teiliges|er set|er pack|piezas|uds|unidades|pièces|pieces|pezzi|"
    "bolsitas|beutel|sachets|bustine|crayons|pencils|candles|towels|glasses|mugs|plates|bowls|cups|pens|players"
)
_QUANTITY = re.compile(
    rf"(?P<set>\b(?:set|pack|box|case|bundle|lot|pair|juego|conjunto|paquete|confezione|coffret|bag)\s+(?:of|de|da|di)\s+"
    rf"(?P<of>\d+|two|three|four|six|eight|ten|twelve|dos|tres|cuatro|seis|deux|quatre|due|quattro|sei)\b)"
    rf"|(?P<er>\b(?P<ern>\d+)\s*[-‐]?er[-\s]?(?:set|pack|pckg|packung)\b)"
    rf"|(?P<counted>\b(?P<n>\d+)\s*[-‐]?\s*(?P<what>{_COUNTED})\b)"
    rf"|(?P<times>\b(?P<tn>\d+)\s*[x×](?=\s+[^\W\d]))"
    rf"|(?P<pair>\bpair of\b)"
    rf"|(?P<xn>[x×]\s?(?P<xnn>\d+)\b(?!\s*(?:{_UNIT}|[x×])))",
    re.IGNORECASE,
)
_NOUNS = frozenset(
    {"crayons", "pencils", "candles", "towels", "glasses", "mugs", "plates", "bowls", "cups", "pens", "cards"}
)
_NUMBERS = {
    "two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "ten": 10, "twelve": 12, "dos": 2, "tres": 3, "cuatro": 4,
    "seis": 6, "deux": 2, "quatre": 4, "due": 2, "quattro": 4, "sei": 6,
}  # fmt: skip
_SKU = re.compile(
    r"(?:\b(?:sku|item|art|ref|model|no|nr|id)\b[.:#\s-]*)?(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)+(?![\w-])"
    r"|#\d+|\b(?:SKU|Art\.?-?Nr|Ref)\b[.:#\s-]*\S+"
)


def size_in(text: str) -> tuple[str, str] | None:
    """(normalised size, the very words) of the first measure with a unit; metric wins over `12 oz / 350 ml`'s ounces.

    A comma in a number counts as its point. Bare numbers and power, charge or cloth weight are no size.
    """
    found = [known for match in _MEASURE.finditer(text) if (known := _measure(match)) and not _is_other(text, match)]
    if not found:
        return None
    if len(found) > 1 and not found[0][2] and found[1][2] and re.fullmatch(r"\W{1,4}", text[found[0][4] : found[1][3]]):
        return found[1][0], found[1][1]
    return found[0][0], found[0][1]


_OTHER_AFTER = re.compile(
    r"[\s-]*(?:laptop|notebook|tablet|macbook|screen|display|jack|plug|socket|driver|woofer|lens|quick|range|reach\b|"
    r"water|deep water|cable|cord|strap\b|band\b|wick|zoll laptop)",
    re.IGNORECASE,
)
_OTHER_BEFORE = re.compile(
    r"(?:water[- ]?resist\w*(?: to)?|waterproof(?: to)?|resistente? (?:al agua )?(?:hasta)?|wasserdicht bis|[ée]tanche"
    r"(?: [àa])?|impermeabile fino a|weighs(?: just| only)?|weight:?|net weight:?|drop of|range of|fits (?:a|up to)|"
    r"(?:strap|band|drop|cable|cord|jack|drivers?|lug)[\w\s]{0,12},?)\s*$",
    re.IGNORECASE,
)


def _is_other(text: str, match: re.Match[str]) -> bool:
    """Whether it measures something else: a laptop that fits, a plug, the depth a watch withstands."""
    return bool(_OTHER_AFTER.match(text, match.end()) or _OTHER_BEFORE.search(text[: match.start()]))


def _measure(match: re.Match[str]) -> tuple[str, str, bool, int, int] | None:
    unit_words = next((match[i] for i in (6, 4, 2) if match[i]), None)
    if unit_words is None:
        return None
    unit = _UNITS.get(unit_words.lower().rstrip(".")) or _UNITS.get(unit_words.lower())
    if unit is None or unit in _NO_SIZE or (unit_words in ("in", "IN", "In", "W", "w", "M")):
        return None
    numbers = [match[i].replace(",", ".") for i in (1, 3, 5) if match[i]]
    words = match[0].rstrip()
    value = f"{' x '.join(numbers)} {unit}"
    return value, words, unit in _METRIC, match.start(), match.start() + len(words)


def quantity_in(text: str) -> tuple[str, str] | None:
    """(normalised count, the very words): `set of 2`, `20 bags`, `pair`; None when nothing is counted or it is one."""
    for match in _QUANTITY.finditer(text):
        value = _quantity(match)
        if value:
            return value, match[0]
    return None


def _quantity(match: re.Match[str]) -> str | None:
    if match["set"]:
        count = match["of"].lower()
        return f"set of {_NUMBERS.get(count, count)}"
    if match["pair"]:
        return "pair"
    if match["counted"]:
        what = match["what"].lower()
        plain = re.fullmatch(
            "piece|pieces|pcs|pc|count|ct|pack|pk|stück|stuck|teil.*|er .*|piezas|uds|unidades|pièces|pezzi",
            what,
        )
        known = {"beutel": "bags", "bolsitas": "bags", "bustine": "bags", "tea bags": "bags"}.get(what, what)
        return None if int(match["n"]) < 2 else f"set of {int(match['n'])}" if plain else f"{int(match['n'])} {known}"
    count = match["ern"] or match["tn"] or match["xnn"]
    return f"set of {int(count)}" if int(count) > 1 else None


def _is_noun(counted: str | None) -> bool:
    return counted is not None and counted.lower() in _NOUNS


def without_measures(text: str) -> str:
    """`text` with sizes, counts and SKU codes overwritten by spaces: every other character keeps its place."""
    spans = [match.span() for match in _MEASURE.finditer(text) if _measure(match)]
    spans += [match.span() for match in _SKU.finditer(text)]
    # `4 glasses`: the number goes, the noun stays.
    spans += [match.span("n" if _is_noun(match["what"]) else 0) for match in _QUANTITY.finditer(text)]
    letters = list(text)
    for start, stop in spans:
        letters[start:stop] = " " * (stop - start)
    return "".join(letters)
