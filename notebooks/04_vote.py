# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Vote: which picture do people prefer?
#
# Scores see sharpness, colour and background; people see a product that they want. A vote shows two variants of the **same
# product and seed**, sides drawn by lot, names hidden. Every vote is in the store at once, with the sides as they were shown.

# %% tags=["parameters"]
experiment: str = "shop-window"  # a name under experiments/
model: str = "studio:sd35@256"  # pictures that people can judge
products: int = 3  # products to vote on
rater: str = ""  # who votes; empty: your user name
page: str = "vote.html"  # the page for colleagues, beside the notebook's working folder
pairs: int = 12  # pairs on that page

# %%
from prodimg_lab import notebook

given = notebook.parameters(globals())

# %%
sizes = {"model": given.model, "products": given.products, "seeds": 1}
run = notebook.run(notebook.prepare(given.experiment, **sizes))

# %% [markdown]
# ## Vote
# Click into the widget, then: left and right arrow choose, down is a tie, up is *both bad*, `u` takes the last vote back.
# Other people at the same screen write their name into the field above.

# %%
vote = notebook.Vote(run, rater=given.rater)
vote

# %% [markdown]
# ## Where it stands
# The share of votes that each variant won, ties half, with 95 % intervals. A pair is *settled* when the interval of its
# votes leaves one half out.

# %%
notebook.standings_plot(vote.tally)

# %% [markdown]
# ## Colleagues without Jupyter
# One file holds pictures and script; nothing leaves it by itself. They open it, vote, save a file and send it back:
# `prodimg votes import FILE` brings their votes in, once.

# %%
vote.page(given.page, pairs=given.pairs)

# %% [markdown]
# ## Do raters favour a side?
# Sides are drawn by lot. If the left picture wins clearly more or less often than half, that is a habit of the raters.

# %%
print(vote.tally.sides_text)
