"""Which words of a prompt ask for which level?

Rows are tried in order, the special before the general; the first pattern that is found wins. Levels are those of the
style packs, and a few that only free wording reaches. Patterns are case-insensitive regular expressions.
"""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, str]
"""Level, pattern."""

BACKGROUNDS: Sequence[Row] = (
    ("stone-plinth", r"plinth|podium|pedestal|travertine"),
    (
        "festive-table",
        r"(festive|christmas|holiday)\w* (table|background|backdrop|scene|setting)|"
        r"fairy[- ]light backdrop",
    ),
    ("bathroom-shelf", r"bathroom|vanity|washbasin|\bspa\b|(glossy|white) tiles|tiled wall"),
    ("black-marble", r"(black|dark|nero)[\w ]* marble"),
    ("marble-counter", r"marble"),
    ("snow-ground", r"\b(on|in|against|over) (\w+ ){0,3}snow\b|snowy (ground|background|landscape|field)"),
    ("mossy-stone", r"\bmoss|forest|woodland"),
    ("sandy-beach", r"\bsand\b|\bsandy\b|beach|seaside|seashore|\bby the sea\b"),
    ("garden-table", r"garden|patio|outdoors?\b|picnic|foliage behind|meadow|terrace"),
    ("writing-desk", r"\bdesk\b|workspace|office|\bstudy\b"),
    ("kitchen-counter", r"kitchen"),
    ("dark-walnut", r"walnut|mahogany|dark (wood|wooden|timber)"),
    ("terrazzo", r"terrazzo"),
    ("slate", r"\bslate\b|basalt"),
    ("concrete", r"concrete|cement|industrial"),
    ("linen-cloth", r"linen|tablecloth|\bcloth\b|draped|fabric (background|backdrop|surface)|cotton sheet"),
    (
        "oak-table",
        r"\boak\b|wood(en)? (table|surface|board|counter|background|backdrop|top)|\bon wood\b|"
        r"caf[eé]|living room|table ?top|\b(dining|coffee|farmhouse) table",
    ),
    ("gradient-studio", r"gradient"),
    (
        "black-sweep",
        r"(black|dark|charcoal)( \w+){0,3} (background|backdrop|sweep|seamless|studio)|"
        r"seamless( \w+){0,2} black|\bon black\b",
    ),
    (
        "white-sweep",
        r"white( \w+){0,3} (background|backdrop|sweep|seamless|studio|cyc\w*|paper|surface)|"
        r"seamless( \w+){0,2} white|\bon (pure |plain |clean )?white\b|isolated|packshot|cut-?out|"
        r"e-?commerce",
    ),
    (
        "grey-sweep",
        r"gr[ae]y( \w+){0,3} (background|backdrop|sweep|seamless|studio|paper|surface)|"
        r"seamless( \w+){0,2} gr[ae]y|\bon (light )?gr[ae]y\b|neutral (background|backdrop)",
    ),
    (
        "pastel-sweep",
        r"pastel( \w+){0,3} (background|backdrop|sweep|studio|paper|set|surface)|\w+ (seamless |"
        r"plain |solid |studio |paper )*(background|backdrop|sweep)|colou?red paper",
    ),
)

LIGHTINGS: Sequence[Row] = (
    ("golden-hour", r"golden[- ]hour|sunset|sunrise|golden (sun)?light|warm (\w+ )?sunlight|late afternoon"),
    ("candlelight", r"candle-?light|candle-?lit|fire-?light|lantern light"),
    ("dappled-light", r"dappled|through (the )?leaves|leaf shadows?|tree shadows?"),
    ("rim-light", r"\brim[- ]?li(ght|t)|back-?li(ght|t)|edge[- ]light"),
    ("hard-sun", r"hard (\w+ )?(sun|light)|midday|noon|harsh (sun)?light|crisp (\w+ )?shadows?|direct sun|bright sun"),
    ("low-key", r"low[- ]key|moody|dramatic|chiaroscuro|deep shadows|dark light"),
    ("high-key", r"high[- ]key|bright (and )?airy|bright (\w+ )?studio|bright,? even"),
    ("overcast", r"overcast|cloudy|diffuse daylight"),
    ("window-light", r"window|natural (\w+ )?light|day-?light|morning light|sunlight|morning sun"),
    (
        "softbox",
        r"soft-?box|studio light|soft (\w+ )?light|even (\w+ )*light|diffused? light|beauty dish|strobe|three-point",
    ),
)

ANGLES: Sequence[Row] = (
    ("top-down", r"top[- ]down|over-?head|flat[- ]?lay|bird'?s[- ]eye|from directly above"),
    ("close-up", r"close-?up|macro|detail shot|extreme detail"),
    ("low-angle", r"low[- ]angle|from (just )?below|worm'?s[- ]eye|just above the surface|hero angle"),
    ("three-quarter", r"three[- ]quarters?|3/4|slightly above|angled view|at an angle"),
    ("high-angle", r"high[- ]angle|forty-?five degrees?|\b45 ?(°|deg)|from above"),
    ("side", r"\bside[- ](view|on|profile|angle)|in profile|from the side|profile view"),
    ("wide", r"\bwide (view|shot|angle|framing)|negative space|empty space|copy space|establishing"),
    ("front", r"(?<!in )\bfront(al)?\b|eye[- ]level|straight[- ]on|head[- ]on"),
)

SEASONS: Sequence[Row] = (
    ("lunar-new-year", r"(lunar|chinese) new year|spring festival"),
    ("mothers-day", r"mother'?s'? day|peon(y|ies)"),
    ("valentines", r"valentine|rose petals"),
    ("halloween", r"hallowe'?en"),
    ("diwali", r"diwali|deepavali|clay lamps?|diyas?\b"),
    ("easter", r"\beaster\b"),
    ("christmas", r"christmas|xmas|\bnoel\b|yuletide|festive season|holiday season"),
    ("autumn", r"\bautumn|\bfall (mood|season|leaves|colou?rs|vibes?|scene)|amber leaves|pumpkins?\b"),
    ("winter", r"\bwinter|snow|frost|pine sprigs"),
    ("summer", r"\bsummer|citrus slices"),
    ("spring", r"\bspring(time)?\b(?! (water|onion|roll|mattress))|blossom"),
)

PROPS: Sequence[Row] = (
    ("lemons", r"lemons?|limes?\b|citrus|oranges?\b|grapefruit|persimmons?"),
    ("petals", r"petals?"),
    ("flowers", r"flowers?|bouquets?|\broses?\b|peon|marigold|daffodil|mimosa|lavender|wildflower|edelweiss"),
    ("blossom", r"blossom|twigs?\b"),
    (
        "leaves",
        r"(?<!through )(?<!amber )(?<!autumn )(?<!dry )(?<!maple )\b(leaves|leaf|basil|mint|olive branch|eucalyptus)\b",
    ),
    ("autumn-leaves", r"(amber|autumn|dry|maple) lea(f|ves)"),
    ("pumpkins", r"pumpkins?"),
    ("fir", r"\bfir\b|pine (branches|sprigs|twigs)|spruce"),
    ("baubles", r"baubles?|ornaments?|christmas balls?"),
    ("ribbon", r"ribbons?"),
    ("eggs", r"\beggs?\b"),
    ("lamps", r"(clay|oil|tea) ?-?(lamps?|lights?)|diyas?\b"),
    ("pebbles", r"pebbles?|river stones?|stones\b"),
    ("beans", r"coffee beans?"),
    ("notebook", r"notebook|magazine|\bbooks?\b"),
    ("napkin", r"napkin|furoshiki|folded (\w+ ){0,2}(cloth|towel)|wool throw"),
    ("gift", r"gift (box|wrap)|wrapped (present|gift|box)"),
    ("snow", r"dusting of snow|\bsnow\b"),
)

REFUSED = r"\b(nsfw|nude|naked|gore|gory|bloodshed|pornograph\w*|explicit)\b"
"""Words that the studio refuses, so that refusals can be practised."""

ARCHETYPES: Sequence[Row] = (
    ("candle", r"candles?\b"),
    ("lamp", r"(table|desk|bedside|floor|night) ?lamps?|\blamps?\b|lampshade"),
    ("watch", r"(wrist)?watch(es)?\b|chronograph|timepiece"),
    ("headphones", r"head-?phones?|headset|over-ear"),
    ("speaker", r"speakers?\b|smart speaker|loudspeaker"),
    (
        "tumbler",
        r"tumblers?|travel (mug|cup)|water bottles?|thermos|vacuum (flask|bottle)|insulated|flask\b|"
        r"hydration|sports bottle|steel bottle|cocktail shaker",
    ),
    ("mug", r"\bmugs?\b|(coffee|tea|espresso) ?cups?|\bcups?\b|stein\b"),
    ("bowl", r"\bbowls?\b|\bplates?\b|dish(es)?\b|saucer"),
    ("vase", r"\bvases?\b|carafe|jug\b|pitcher|planter|plant pot|urn\b|moon jar"),
    ("tube", r"\btubes?\b|toothpaste|hand cream|sunscreen|lip ?(gloss|balm)"),
    (
        "handbag",
        r"hand-?bags?|\btotes?\b|purses?\b|satchels?|shoulder bag|\bbags?\b(?! of)",
    ),
    (
        "pouch",
        r"pouch(es)?|sachet|(bag|pack|packet) of|coffee beans|ground coffee|granola|kibble|pet food|crisps|snacks?\b",
    ),
    (
        "jar",
        r"\bjars?\b|\bpots?\b|honey|\bjam\b|marmalade|preserves?|pickles?|moisturi[sz]er|face cream|"
        r"\bcream\b|balm\b|butter\b",
    ),
    ("can", r"\bcans?\b|\btins?\b|soda|beer|energy drink|cider|sparkling water|soft drink|lemonade|\bcola\b|spritz"),
    (
        "bottle",
        r"bottles?|perfume|fragrance|cologne|serum|shampoo|lotion|sauce|syrup|vinegar|\boil\b|wine|"
        r"whisk(e)?y|\bgin\b|vodka|\brum\b|tonic|juice|hand ?wash|soap dispenser|dropper|"
        r"conditioner|ketchup|kombucha|flacon",
    ),
    ("book", r"notebooks?|journals?|planners?|\bbooks?\b|diary|sketchbook"),
    ("soap", r"\bsoaps?\b|shampoo bar"),
    ("cushion", r"cushions?|pillows?"),
    (
        "box",
        r"\bbox(es)?\b|cartons?|packag(e|ing)|chocolates?|cereal|\btea\b|puzzle|board game|tissues?|\bkits?\b|gift set",
    ),
)

SHAPES: Sequence[tuple[str, str, str]] = (
    ("bottle", "perfume", r"perfume|fragrance|cologne|eau de|flacon|parfum"),
    ("bottle", "dropper", r"serum|dropper|pipette|essential oil|tincture|face oil|beard oil|ampoule"),
    (
        "bottle",
        "pump",
        r"shampoo|lotion|hand ?wash|soap|conditioner|body wash|dispenser|pump|sanitizer|cleanser|detergent",
    ),
    ("bottle", "wine", r"wine|olive oil|champagne|prosecco|vinegar|merlot|chardonnay|riesling"),
    ("tumbler", "bottle", r"bottle|flask|thermos|hydration"),
    ("jar", "cream", r"cream|moisturi|balm|scrub|mask|cosmetic|skincare|butter\b"),
    ("box", "flat", r"chocolate|puzzle|board game|gift set|tissues?|truffles?|praline"),
    ("box", "cube", r"cube|candle box|gift box"),
    ("handbag", "tote", r"\btotes?\b|shopper|canvas"),
    ("vase", "jug", r"\bjug\b|pitcher|carafe"),
    ("bowl", "plate", r"\bplates?\b|saucer|dish\b"),
)
"""Archetype, its shape, and the words that ask for it."""

STAND_IN = (
    r"\b(kettles?|tea ?pots?|french press|cafeti[eè]re|moka|sneakers?|shoes?|boots?|sandals?|"
    r"bottle opener|candle holder|phone case|jewell?ery box|lunch box|watch strap|"
    r"salt and pepper|lamp ?shades?|book ?shel\w+|cup ?board)\b"
)
"""Nouns that hold an archetype's word, or stand beside one, and yet are something else."""

NEAREST: Sequence[tuple[str, str, str]] = (
    (
        "kettles?|tea ?pots?|coffee (?:maker|machine|pot)|french press|cafeti[eè]re|moka|cookware|pan\\b|"
        "salt and pepper",
        "tumbler",
        "kitchenware",
    ),
    (
        "shoes?|sneakers?|trainers?|boots?|sandals?|t-?shirts?|hoodies?|dress|jacket|jeans|socks?|"
        "scarf|hat\\b|cap\\b|apparel",
        "box",
        "clothing",
    ),
    ("rug|blanket|throw|towels?|bedding|duvet|curtain", "cushion", "textiles"),
    ("rings?\\b|necklace|earrings?|bracelet|pendant|jewell?ery|sunglasses|glasses", "box", "jewellery"),
    ("watch strap|belt|tie\\b|gloves|keychain|umbrella", "box", "accessories"),
    ("candle holder|holder|diffuser|humidifier|figurine|incense", "vase", "home decor"),
    ("bottle opener|corkscrew|lunch box|jewell?ery box", "box", "boxed goods"),
    ("backpacks?|rucksack|briefcase|wallets?|suitcase|luggage|laptop sleeve|pencil case", "handbag", "luggage"),
    ("phone|smartphone|tablet|laptop|charger|keyboard|mouse|camera|earbuds|console", "box", "electronics"),
    ("toys?|teddy|plush|doll|blocks|game", "box", "toys"),
    ("lipstick|mascara|foundation|blush|palette|nail polish", "tube", "make-up"),
    ("chair|stool|table\\b|shelf|sofa|mirror|clock|furniture", "lamp", "furniture"),
    ("knife|spatula|cutlery|fork|spoon|board\\b|tool|drill|hammer", "box", "tools"),
    ("shampoo|beauty|skincare|cosmetic", "jar", "cosmetics"),
)
"""Words, the archetype that stands in, and what kind of thing they name."""

PHOTO_WORDS = frozenset(
    """a an the of professional product photograph photo photography picture image shot studio commercial advertising
    packshot high quality resolution detailed realistic photorealistic render rendering catalog catalogue editorial
    lifestyle hero beautiful elegant premium luxury luxurious stylish modern minimal minimalist single one new with and
    in for sharp focus 8k 4k hd stunning award winning clean""".split()  # noqa: SIM905 - one list, read as text
)
"""Words that say nothing about which product it is."""
