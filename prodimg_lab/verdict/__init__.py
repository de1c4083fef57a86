"""Which differences are real? Blocked main effects with intervals, and intervals of rates.

Modules: `effects` (what each level of a factor does to a figure, paired by block), `agreement` (of raters, and of a
scorer with people).
"""
