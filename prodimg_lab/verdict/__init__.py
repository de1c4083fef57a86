"""Which differences are real? Blocked main effects with intervals, and intervals of rates.

Modules: `comparison` (variants against a baseline), `dunnett` (its correction), `components` (where scatter comes from, what
more blocks would show), `decision` (what follows), `effects` (what each level of a factor does), `agreement` (of raters, and of a
scorer with people).
"""
