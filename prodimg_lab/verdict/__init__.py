"""Which differences are real, and what follows?

Modules: `comparison` (variants against a baseline, paired), `dunnett` (its correction), `components` (where the scatter
comes from, and what more blocks would show), `decision` (promote, keep, or inconclusive), `effects` (what each level of
a factor does, and intervals of rates), `agreement` (of raters, and of a scorer with people), `fitting` (of weights).
"""
