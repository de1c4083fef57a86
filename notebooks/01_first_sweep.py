# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A first sweep: from a product to ranked pictures
#
# Ten minutes, no AWS account, no cost: the pictures come from the **studio**, a simulated image model that path-traces
# product photographs on this machine. What you learn here is the same for a paid model: describe, plan, draw, look, rank.
#
# Run the cells one by one (Shift+Enter). Nothing is drawn before the cell *Draw*.

# %% tags=["parameters"]
experiment: str = "shop-window"  # a name under experiments/, or the path of an experiment.yaml
model: str = "studio:sd35@256"  # the number after @ is the size in pixels; small is quick
products: int = 4  # how many products of the catalogue
seeds: int = 1  # pictures of each variant and product

# %%
from prodimg_lab import notebook

given = notebook.parameters(globals())

# %% [markdown]
# ## 1. What the catalogue says
# Every product was read into attributes. Templates fill their holes with them, so look here first: a wrong colour in this
# table is a wrong colour in every picture. (A correction file mends it; see *Products* in the docs.)

# %%
notebook.products("experiments/catalogue/products.csv").head(8)

# %% [markdown]
# ## 2. What will be drawn
# A **variant** is a template with one level of every factor. Every variant is drawn for the same **blocks** (product ×
# seed), so that variants are compared like with like. The price is exact, and it is known before anything is spent.

# %%
planned = notebook.prepare(given.experiment, model=given.model, products=given.products, seeds=given.seeds)
planned

# %% [markdown]
# ## 3. Draw
# A picture is stored the moment it arrives and is never drawn twice: run this cell again and it takes no time.

# %%
run = notebook.run(planned)

# %% [markdown]
# ## 4. Look
# Click a picture to see it large, with the prompt that made it: each factor's words have their colour. Arrow keys move,
# `1` to `5` rate, `k` and `d` keep and drop, `space` selects, `c` compares. Choose *Rows* and *Columns* above the pictures
# to pivot them.

# %%
notebook.Grid(run, sort="quality", descending=True)

# %% [markdown]
# ## 5. Rank
# The mean over the same products and seeds. It tells where to look; a *verdict* needs more pictures than this.

# %%
notebook.variants(run)

# %%
notebook.variants_plot(run)

# %% [markdown]
# ## 6. What helped
# What each level does to quality, with 95 % intervals over blocks. An interval that crosses the line says: not known yet.

# %%
notebook.effects(run)

# %% [markdown]
# ## Where to go next
# - `02_templates_and_packs`: change a sentence and see four pictures of it.
# - `03_factors`: which settings help, which to drop.
# - `04_vote`: let people choose, without knowing what is what.
# - The same sweep from a shell: `prodimg run shop-window`; with a scheduler: `run_experiment`.

# %%
notebook.finish(run)
