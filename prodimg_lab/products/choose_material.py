"""Which material is the product's?"""

from __future__ import annotations


def material(title: Reading, description: Reading, kind: str | None) -> Chosen | None:
    """The product's main material: the title's first that is the product's own, else the description's best tied."""
    eaten = bool(
        family(kind)
        & frozenset(
            ("food", "perfume", "cream", "serum", "shampoo", "makeup", "lipstick", "soap", "nail polish", "lip balm")
        )
    )
    for stuff in title.stuffs:
        if not eaten and _title_material(title, stuff, kind):
            return Chosen(value=stuff.entry.value, first=stuff.first, last=stuff.last, reading=title)
    best = max(
        ((_tied(description, m, kind), -m.first, i) for i, m in enumerate(description.stuffs)), default=(0, 0, 0)
    )
    if best[0] > (2 if eaten else 0):
        stuff = description.stuffs[best[2]]
        return Chosen(value=stuff.entry.value, first=stuff.first, last=stuff.last, reading=description)
    for noun in title.nouns:
        # A wine glass is glass unless something else is said.
        if (
            "drinking glass" in family(noun.entry.value)
            and noun.entry.value == kind
            and title.tokens[noun.last].key == "glass"
        ):
            return Chosen(value="glass", first=noun.last, last=noun.last, reading=title)
    return None


def _title_material(title: Reading, stuff: Match, kind: str | None) -> bool:
    if (
        stuff.first in title.aside
        or of_part(title, stuff.first, stuff.last, kind)
        or set(title.before(stuff.first, 1)) & phrases("negation")
    ):
        return False
    if any(n.last == stuff.last and _heads(n, stuff) for n in title.nouns):
        return False
    after = stuff.last + 1
    followed = after < len(title.tokens) and title.tokens[after].key in (
        "free",
        "like",
        "look",
        "effect",
        "safe",
        "style",
        "scent",
        "scented",
    )
    if followed:
        return False
    if stuff.entry.weak:
        span = title.segments()[title.segment[stuff.first]]
        close = (
            any(n.first in span and n.first > stuff.last for n in title.nouns)
            and title.languages[0] not in lexicon.HEAD_FIRST
        )
        close = close and not family(kind) & phrases("scented")
        close = (
            close
            or any(n.first <= after <= n.last for n in title.nouns)
            or any(n.first <= stuff.first < n.last for n in title.nouns)
        )
        before = title.before(stuff.first, 1)
        return (
            close
            or bool(set(before) & {"in", "aus", "en", "de", "di", "of"})
            or any(m.first == after for m in title.stuffs)
        )
    return True


def _heads(noun: Match, stuff: Match) -> bool:
    """Whether the stuff's word is the noun itself (`wine glass`), and not its complement (`vaso de vidrio`)."""
    if noun.entry.language == "de" and stuff.entry.language == "de" and noun.first == stuff.first:
        return noun.entry.value in ("drinking glass", "jar") and stuff.entry.value == "glass"
    return noun.first <= stuff.first and (noun.entry.language not in lexicon.HEAD_FIRST or noun.first == stuff.first)


def _tied(text: Reading, stuff: Match, kind: str | None) -> int:
    """How firmly the description says that the product is of this stuff: 3 made of it, 2 noun follows, 1 mentioned."""
    before = text.before(stuff.first, 7)
    after = text.tokens[stuff.last + 1].key if stuff.last + 1 < len(text.tokens) else ""
    if set(before[:2]) & phrases("negation") or after in ("free", "like", "look", "effect", "style", "safe"):
        return 0
    if of_part(text, stuff.first, stuff.last, kind) or text.says(stuff.first, "available"):
        return 0
    made = next((i for i, key in enumerate(before) if key in phrases("made")), None)
    hue_words = {t.key for h in text.hues for t in text.tokens[h.first : h.last + 1]}
    hue_words |= {t.key for m in (*text.surfaces, *text.stuffs) for t in text.tokens[m.first : m.last + 1]}
    if made is not None and all(key in phrases("links") or key in hue_words for key in before[:made]):
        return 3
    if stuff.first in text.aside:
        return 0
    if any(n.last == stuff.last and _heads(n, stuff) for n in text.nouns):
        return 0
    if _followed_by_own(text, stuff.last, kind) or (text.languages[0] == "de" and before[:1] == ["aus"]):
        return 2
    if stuff.entry.weak:
        return 0
    return 2 if before[:1] and before[0] in phrases("in") else 1
