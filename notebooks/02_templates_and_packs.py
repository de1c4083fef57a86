# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Templates and packs: how a prompt is written
#
# A template is a sentence with holes. Some holes are filled by the product (`{{ product.colour }}`), the others by
# **packs**: named phrases for backgrounds, lightings, angles, seasons and markets. Because every phrase has a name, the lab
# can tell afterwards which words helped.

# %% tags=["parameters"]
experiment: str = "mug-hero"  # whose products and settings are used
template: str = "kitchen-morning"  # the template to look at
sentence: str = "Product photograph of {{ product.subject }}, {{ product.colour }}, on wet slate, {{ lighting }}"  # to try
tries: int = 4  # pictures to draw of the sentence

# %%
from prodimg_lab import notebook

given = notebook.parameters(globals())

# %% [markdown]
# ## The templates
# Yours stand in `templates/`, an experiment's own in its folder; those that came with the lab fill in the rest.

# %%
notebook.templates()

# %% [markdown]
# ## A pack
# What a level says, and what it keeps out: `avoid` joins the negative prompt.

# %%
notebook.levels("lighting")

# %% [markdown]
# ## A prompt, by who wrote it
# Hover over the coloured words to see the factor and its level.

# %%
notebook.prompt(given.template, given.experiment, lighting="window-light")

# %% [markdown]
# ## What the linter says
# Contradictions, negative words in the positive prompt, words left dangling where an attribute is missing. (A template
# that cannot be rendered is an error, and nothing is drawn with it.)

# %%
notebook.findings(given.template)

# %% [markdown]
# ## Try a sentence
# An idea becomes pictures without a file. Tries are runs of their own, small on the studio, and kept like all others.

# %%
bench = notebook.Bench(given.experiment)
tried = bench.try_prompt(given.sentence, template=given.template, seeds=given.tries)

# %%
notebook.Grid(tried, height=360)

# %% [markdown]
# ## The bench
# The same by hand. **Write**: change the text on the left, read on the right what it says for a product, and press *Try 4*.
# *Keep as variant* saves it and adds it to the sweep; the price of that sweep is in the tab **Sweep**, and follows every
# click.

# %%
bench
