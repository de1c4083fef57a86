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
products: int = 4  # how many products of the experiment, the first so many
seeds: int = 1  # pictures of each variant and product; more of them make intervals narrower

# %%
from prodimg_lab import notebook

given = notebook.parameters(globals())

# %% [markdown]
# ## 1. What the catalogue says
# Every product was read into attributes. Templates fill their holes with them, so look here first: a wrong colour in this
# table is a wrong colour in every picture, and an empty one renders empty. A correction file mends both
# ([how](../docs/products.md)). The experiment takes some of these products; the plan below names them.

# %%
notebook.products("experiments/catalogue/products.csv").head(8)

# %% [markdown]
# ## 2. What will be drawn
# A **factor** is what the sweep changes (here the template and the lighting), its **levels** are the choices. A **variant**
# is one level of every factor. Every variant is drawn for the same **blocks** (product × seed), so that variants are
# compared like with like. The price is exact, and known before anything is spent; with a paid model, such as
# `bedrock:sd35`, the next cell spends it.

# %%
planned = notebook.prepare(given.experiment, model=given.model, products=given.products, seeds=given.seeds)
planned

# %% [markdown]
# ## 3. Draw
# A picture is stored the moment it arrives and is never drawn twice. Run this cell again with the same parameters and it
# opens this very run, with all ratings; with others, only what is new is drawn. Stopped with ■, run it again: it draws the
# rest. The studio takes some seconds to start.

# %%
run = notebook.run(planned)

# %% [markdown]
# ## 4. Look
# Click a picture to see it large, with the prompt that made it: each factor's words have their colour. Arrow keys move,
# `1` to `5` rate, `k` and `d` keep and drop, `space` selects, `c` compares; there are buttons for all of it. Choose *Rows*
# and *Columns* above the pictures to pivot them.
#
# Quality is measured from pixels: colour, background, size, sharpness, light. No score here reads the prompt: that a table
# is oak, or a label legible, only your eye sees, or a vision model ([a judge](../docs/scoring.md)). What you rate stands in
# the report, where it shows how far each score agrees with you.

# %%
grid = notebook.Grid(run, sort="quality", descending=True)
grid

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
# With four products most will. To know more, set `seeds = 4` above and run the cells again: pictures that are there are
# not drawn again.

# %%
notebook.effects(run)

# %% [markdown]
# ## 7. What to take away
# The best prompts so far, and the report: every picture, score and cost in one file.

# %%
notebook.best_prompts(run, count=2)

# %%
notebook.finish(run)

# %% [markdown]
# ## Where to go next
# - [02_templates_and_packs](02_templates_and_packs.ipynb): change a sentence and see four pictures of it.
# - [03_factors](03_factors.ipynb): which settings help, which to drop.
# - [04_vote](04_vote.ipynb): let people choose, without knowing what is what.
# - The whole experiment, twelve products at 384 pixels, from a shell: `prodimg run shop-window`; this very sweep:
#   `prodimg run shop-window --model studio:sd35@256 --set products.limit=4 --set sweep.seeds=1`. With a scheduler:
#   [run_experiment](run_experiment.ipynb).
