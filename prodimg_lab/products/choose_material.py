"""Which material is the product's?

The title's first that is the product's own, else the description's best tied: made of it, its main part is, the
product's noun follows. What packaged goods are in counts as theirs; a candle whose container is not named is wax.
"""

from __future__ import annotations

from prodimg_lab.products import parts
from prodimg_lab.products.choose import Chosen
from prodimg_lab.products.lexicon import HEAD_FIRST, Match, phrases
from prodimg_lab.products.materials import base_material
from prodimg_lab.products.parts import family, followed_by_own, of_part
from prodimg_lab.products.reading import Reading, places

_WEAVES = frozenset({"velvet", "mesh", "felt", "satin", "fleece", "canvas", "cotton"})
_PLATED = frozenset({"gold plated", "silver plated"})
_COVERS = frozenset({"enamel", "metal", "nickel", "chrome"})
_METALS = frozenset({"steel", "iron", "aluminium", "titanium", "brass", "bronze", "copper", "zinc", "silver"})
_PLANTS = frozenset({"seagrass", "jute", "bamboo", "paper", "plastic"})
_FIBRES = frozenset({"cotton", "linen", "hemp", "bamboo", "viscose", "polyester", "wool", "silk", "nylon"})
_BINDERS = frozenset({"plaster", "concrete", "resin"})
# What a word for a whole family of stuffs may be in particular: the bases of those.
_GENERIC = {
    "metal": _METALS - {"silver"},
    "metall": _METALS - {"silver"},
    "metallo": _METALS - {"silver"},
    "wicker": _PLANTS,
    "terrazzo": _BINDERS,
    "muslin": _FIBRES,
    "jersey": _FIBRES,
    "plush": _FIBRES,
}
_LOOKS = frozenset({"free", "like", "look", "effect", "style", "safe", "finish", "feel", "scent", "scented", "print"})
_COATED = frozenset({"lined", "coated", "dipped", "backed", "tipped", "trimmed", "edged"})
_FORMS = frozenset({"cord", "rope", "thread", "webbing", "fabric", "cloth", "plate", "sheet"})
_SHAPES = frozenset({"construction", "build", "konstruktion"})
_OUT_OF = frozenset({"from", "of", "aus"})
_WHERE = frozenset({"in", "by", "at", "on"})
_FROM = frozenset({"from", "of", "in", "with", "aus", "the", "a", "an"})


def material(title: Reading, description: Reading, kind: str | None, *, packed: str | None = None) -> Chosen | None:
    """The product's main material; of the goods `packed` their container's."""
    if packed is not None:
        return _packed(title, description, packed)
    never = parts.never(kind)
    tie, told = _best_told(description, kind, never)
    for stuff in title.stuffs:
        if stuff.entry.value in never or not _title_material(title, stuff, kind, description if told else None):
            continue
        finer = _finer(title, stuff, description, kind) or _particular(title, stuff, told if tie > 2 else None)
        if finer is not None and finer.entry.value not in never:
            return _chosen(description, finer)
        bare = _base_of_plated(title, stuff, description, kind)
        if bare is not None:
            return _chosen(description, bare)
        other = told is not None and base_material(told.entry.value) != base_material(stuff.entry.value)
        if other and tie > 1 and (_only_covers(stuff, told) or (tie > 2 and _is_hue_alone(title, stuff))):
            continue
        return _chosen(title, stuff)
    mine = parts.main_parts(kind)
    for stuff in title.stuffs:
        plain = not stuff.entry.weak and parts.next_key(title, stuff.last) not in _COATED
        if tie < 3 and plain and stuff.entry.value not in never and parts.of_main(title, stuff, mine):
            bare = _base_of_plated(title, stuff, description, kind)
            return _chosen(description, bare) if bare is not None else _chosen(title, stuff)
    if told is not None:
        return _chosen(description, told)
    for noun in title.nouns:
        # A wine glass is glass unless something else is said.
        glass = "drinking glass" in family(noun.entry.value) and title.tokens[noun.last].key == "glass"
        if glass and noun.entry.value == kind:
            return Chosen(value="glass", first=noun.last, last=noun.last, reading=title)
    return None


def _only_covers(stuff: Match, told: Match | None) -> bool:
    """Whether the title's stuff lies on the metal that the description names: enamel, nickel, gold plate."""
    metal = told is not None and base_material(told.entry.value) in _METALS and told.entry.value not in _PLATED
    return stuff.entry.value in _PLATED or (metal and stuff.entry.value in _COVERS)


def _treats(text: Reading, stuff: Match) -> bool:
    """Whether the description says that the title's stuff only treats another: `cotton infused with beeswax`."""
    return any(
        m.entry.value == stuff.entry.value and set(text.before(m.first, 4)[1:]) & phrases("treated")
        for m in text.stuffs
        if text.before(m.first, 1) == ["with"]
    )


def _finer(title: Reading, stuff: Match, text: Reading, kind: str | None) -> Match | None:
    """What the description calls the title's stuff in more words: `polyester velvet` for `Velvet`."""
    key = title.tokens[stuff.last].key
    for m in text.stuffs:
        after = m.last + 1
        weave = stuff.entry.value in _WEAVES and any(
            o.first == after and text.tokens[after].key == key for o in text.stuffs
        )
        if weave and text.tokens[after].joined and _tied(text, m, kind):
            return m
        longer = m.last - m.first > stuff.last - stuff.first and text.tokens[m.last].key == key
        if longer and _tied(text, m, kind):
            return m
    return None


def _particular(title: Reading, stuff: Match, told: Match | None) -> Match | None:
    """What the description says the title's `metal` or `wicker` is: the one stuff told of the family."""
    family_of = _GENERIC.get(title.tokens[stuff.last].key, frozenset()) if stuff.first == stuff.last else frozenset()
    return told if told is not None and base_material(told.entry.value) in family_of else None


def _base_of_plated(title: Reading, stuff: Match, text: Reading, kind: str | None) -> Match | None:
    """The metal under the title's plating, when the description names both: `brass with 18k gold plating`."""
    if stuff.entry.value not in _PLATED:
        return None
    for m in text.stuffs:
        if base_material(m.entry.value) not in _METALS or m.entry.value in _PLATED or not _tied(text, m, kind):
            continue
        said = (t.key for t, at in zip(text.tokens, text.sentence, strict=True) if at == text.sentence[m.first])
        if any(key.startswith("plat") and key != "platinum" for key in said):
            return m
    return None


def _share(text: Reading, stuff: Match) -> int:
    """The per cent that is said before a stuff, 0 when none is: `30% organic cotton`."""
    near = [text.tokens[i] for i in range(stuff.first - 1, max(-1, stuff.first - 3), -1)]
    number = next((t for t in near if t.key.isdigit()), None)
    told = number is not None and text.text[number.stop : number.stop + 2].lstrip().startswith("%")
    return int(number.key) if number is not None and told else 0


def _largest(text: Reading, stuff: Match) -> Match:
    """Of a blend whose shares are told (`30% linen, 70% cotton`) the largest part, else the stuff itself."""
    best, left = stuff, 100 - _share(text, stuff)
    if left == 100:
        return stuff
    for other in text.stuffs:
        share = _share(text, other)
        if other.first <= stuff.last or text.sentence[other.first] != text.sentence[stuff.first] or not share:
            continue
        left -= share
        if left < 0:
            break
        best = other if share > _share(text, best) else best
    return best


def _chosen(reading: Reading, stuff: Match) -> Chosen:
    return Chosen(value=stuff.entry.value, first=stuff.first, last=stuff.last, reading=reading)


def _best_told(text: Reading, kind: str | None, never: frozenset[str]) -> tuple[int, Match | None]:
    ties = [(_tied(text, m, kind), -m.first, m) for m in text.stuffs if m.entry.value not in never]
    tie, _, best = max(ties, key=lambda item: item[:2], default=(0, 0, None))
    return (tie, _largest(text, best)) if tie and best is not None else (0, None)


def _is_hue_alone(title: Reading, stuff: Match) -> bool:
    """Whether the stuff has a segment to itself and is a colour's name as well: `, Walnut`."""
    span = title.segments()[title.segment[stuff.first]]
    named = any(hue.first <= stuff.first and stuff.last <= hue.last for hue in title.hues)
    return named and span.start > 0 and (span.start, span.stop - 1) == (stuff.first, stuff.last)


def _packed(title: Reading, description: Reading, kind: str) -> Chosen | None:
    """What the container is of, when the text says so; else a candle's wax."""
    for reading in (title, description):
        for container in parts.containers(reading, kind):
            for stuff in reading.stuffs:
                wax = base_material(stuff.entry.value) == "wax"
                if not wax and parts.of_container(reading, stuff, container):
                    return _chosen(reading, stuff)
            stuff_itself = parts.made_by_name(reading, container)
            if stuff_itself:
                return Chosen(value=stuff_itself, first=container.place, last=container.place, reading=reading)
    return _wax(title, description) if kind == "candle" else None


def _wax(title: Reading, description: Reading) -> Chosen | None:
    """The wax that is named most exactly: `soy wax` before `wax`."""
    waxes = [(r, m) for r in (title, description) for m in r.stuffs if base_material(m.entry.value) == "wax"]
    waxes = [(r, m) for r, m in waxes if not set(r.before(m.first, 2)) & phrases("negation")]
    best = min(waxes, key=lambda item: item[1].entry.value == "wax", default=None)
    return _chosen(*best) if best else None


def _title_material(title: Reading, stuff: Match, kind: str | None, told: Reading | None) -> bool:
    """Whether the title's stuff is the product's; `told` is the description, when that names one too."""
    if (
        stuff.first in title.aside
        or (told is not None and _treats(told, stuff))
        or of_part(title, stuff.first, stuff.last, kind)
        or set(title.before(stuff.first, 1)) & phrases("negation")
    ):
        return False
    if any(n.last == stuff.last and _heads(n, stuff) for n in title.nouns):
        return False
    if any(n.first == stuff.first and n.last > stuff.last and n.entry.language in HEAD_FIRST for n in title.nouns):
        return False  # `boucles d'oreilles`
    after = stuff.last + 1
    if any(m.first == after for m in title.stuffs) and (stuff.entry.weak or _is_hue(title, stuff)):
        return False  # `Terracotta Linen Cover`, `Gold Plated Steel`
    followed = after < len(title.tokens) and title.tokens[after].key in _LOOKS | _COATED
    if followed:
        return False
    if stuff.entry.weak:
        span = title.segments()[title.segment[stuff.first]]
        close = (
            any(n.first in span and n.first > stuff.last for n in title.nouns) and title.languages[0] not in HEAD_FIRST
        )
        close = close and not family(kind) & phrases("scented")
        close = (
            close
            or any(n.first <= after <= n.last for n in title.nouns)
            or any(n.first <= stuff.first < n.last for n in title.nouns)
        )
        before = title.before(stuff.first, 1)
        described = places(title.stuffs, title.hues, title.surfaces)
        ends = span.stop - 1 == stuff.last and span.start < stuff.first and span.start > 0
        return (
            close
            or (ends and all(i in described or title.tokens[i].key == "the" for i in span))
            or bool(set(before) & {"in", "aus", "en", "de", "di", "of"})
            or any(m.first == after for m in title.stuffs)
        )
    return True


def _is_hue(text: Reading, stuff: Match) -> bool:
    named = any(hue.first <= stuff.first and stuff.last <= hue.last for hue in text.hues)
    return named or stuff.entry.value in _PLATED


def _heads(noun: Match, stuff: Match) -> bool:
    """Whether the stuff's word is the noun itself (`wine glass`), and not its complement (`vaso de vidrio`)."""
    if noun.entry.language == "de" and stuff.entry.language == "de" and noun.first == stuff.first:
        return noun.entry.value in ("drinking glass", "jar") and stuff.entry.value == "glass"
    return noun.first <= stuff.first and (noun.entry.language not in HEAD_FIRST or noun.first == stuff.first)


def _tied(text: Reading, stuff: Match, kind: str | None) -> int:
    """How firmly the description says that the product is of this stuff: 3 made of it, 2 noun follows, 1 mentioned."""
    before = text.before(stuff.first, 7)
    after = text.tokens[stuff.last + 1].key if stuff.last + 1 < len(text.tokens) else ""
    if _is_denied(before) or _is_plating(before) or after in _LOOKS | _COATED:
        return 0
    spun = after in _FORMS and _is_made_of(text, before)
    if (of_part(text, stuff.first, stuff.last, kind) and not spun) or text.is_other(stuff.first):
        return 0
    mine = parts.main_parts(kind)
    within = (
        stuff.first < stuff.last and text.tokens[stuff.last].key in mine and text.tokens[stuff.last].key != "leather"
    )
    if (within or parts.of_main(text, stuff, mine)) and not _covered(text, stuff):
        return 3
    if _covered(text, stuff):
        return 0
    if _is_made_of(text, before):
        return 3
    if after in _SHAPES and text.tokens[stuff.last + 1].joined:
        return 3
    if _is_own(text, stuff, before, kind, _described(text)):
        return 3
    if stuff.first in text.aside:
        return 0
    if any(n.last == stuff.last and _heads(n, stuff) for n in text.nouns):
        return 0
    if followed_by_own(text, stuff.last, kind) or (text.languages[0] == "de" and _after_aus(before)):
        return 2
    if stuff.entry.weak:
        return 0
    return 2 if before[:1] and before[0] in phrases("in") else 1


def _described(text: Reading) -> set[str]:
    """Keys of all words of colour, finish and material."""
    return {text.tokens[i].key for i in places(text.hues, text.surfaces, text.stuffs)}


def _is_made_of(text: Reading, before: list[str]) -> bool:
    """Whether `made of`, `woven from` or the like stands before, only describing words between."""
    made = next((i for i, key in enumerate(before) if key in phrases("made")), None)
    return made is not None and all(_links(key, _described(text)) for key in _unlinked(before[:made]))


def _is_denied(before: list[str]) -> bool:
    """Whether `without`, `faux` or `free from` stands before; in `BPA-free plastic` another stuff is denied."""
    freed = any(pair in (["from", "free"], ["of", "free"]) for pair in (before[i : i + 2] for i in range(len(before))))
    return freed or bool(set(before[:2]) & (phrases("negation") - {"free"}))


def _is_plating(before: list[str]) -> bool:
    """Whether `plated in` or `plated with` stands before: it lies on the stuff that was named before that."""
    near = before[:4]
    return any(key == "plated" and near[at - 1] in ("in", "with") for at, key in enumerate(near) if at)


def _is_own(text: Reading, stuff: Match, before: list[str], kind: str | None, described: set[str]) -> bool:
    """Whether the product's noun `is` it: `the tumbler is brushed stainless steel`."""
    said = next((i for i, key in enumerate(before) if key not in described and key not in phrases("filler")), None)
    if said is None or before[said] not in ("is", "are", "ist", "es", "est"):
        return False
    noun = next((n for n in text.nouns if n.last == stuff.first - said - 2), None)
    return noun is not None and parts.kin(noun, family(kind))


def _unlinked(before: list[str]) -> list[str]:
    """The words back to `made`, without up to two adjectives nobody listed after the preposition."""
    at = next((i for i, key in enumerate(before) if key in _FROM), None)
    if at is None or at > 4:
        return before
    near = before[:at]
    strange = [key for key in near if key not in phrases("links") and not key.isdigit()]
    if len(strange) > 2 or set(near) & (phrases("part") | phrases("negation") | {"and", "or", "to", "on"}):
        return before
    rest = before[at:]
    # `Made in Germany from …`, `woven by hand in our mill from …`: where and how is passed over.
    return rest[:1] if rest[0] in _OUT_OF and rest[-1] in _WHERE else rest


def _after_aus(before: list[str]) -> bool:
    """Whether German `aus` stands before, adjectives at most between: `aus robuster, gewachster Baumwolle`."""
    at = next((i for i, key in enumerate(before) if key == "aus"), None)
    return at is not None and at < 4 and all(key.endswith(("er", "em", "en", "es")) for key in before[:at])


def _links(key: str, described: set[str]) -> bool:
    return key in phrases("links") or key in described or key.isdigit()


def _covered(text: Reading, stuff: Match) -> bool:
    """Whether another stuff follows that this one only covers or colours: `gold plated stainless steel`."""
    return stuff.entry.value in _PLATED and any(m.first == stuff.last + 1 for m in text.stuffs)
