# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Factors: what helps, which settings to drop
#
# One picture says nothing, and a hundred pictures of one variant say little. A sweep that crosses factors says what each
# setting does on average over all the others, from the same pictures.

# %% tags=["parameters"]
experiment: str = "shop-window"  # a name under experiments/
model: str = "studio:sd35@192"  # small pictures: this is about settings, not about beauty
products: int = 3  # more products: conclusions that hold for more of the shop
seeds: int = 1  # more seeds: narrower intervals
lightings: list = ["softbox", "window-light", "golden-hour"]  # the levels of the factor lighting
angles: list = ["front", "three-quarter"]  # the levels of the factor angle

# %%
from prodimg_lab import notebook

given = notebook.parameters(globals())

# %% [markdown]
# ## The plan
# Templates × lightings × angles, each for the same products and seeds.

# %%
factors = {"sweep.factors": {"lighting": given.lightings, "angle": given.angles}, "baseline": None}
sizes = {"model": given.model, "products": given.products, "seeds": given.seeds}
planned = notebook.prepare(given.experiment, overrides=factors, **sizes)
planned

# %%
run = notebook.run(planned)

# %% [markdown]
# ## The pictures, by their settings
# Rows are one factor, columns another, the bars are quality. Change them above the grid.

# %%
notebook.Grid(run, rows="lighting", columns="angle", supers="template", overlay="bars", size=112)

# %% [markdown]
# ## Main effects
# How far each level moves quality from the mean of its factor, paired by block.

# %%
notebook.effects(run)

# %% [markdown]
# ## Keep, drop, open
# A level is to keep or to drop only where its interval leaves no doubt about the sign. Most are *open* in a small sweep:
# that is an honest answer, and more products or seeds narrow it.

# %%
notebook.advice(run)

# %% [markdown]
# ## Two factors together
# A setting may help in one template and hurt in another. If the columns of this table do not rise and fall together, do
# not read the main effects alone.

# %%
notebook.pivot_plot(run, rows="lighting", columns="template")

# %%
notebook.pivot(run, rows="lighting", columns="template").round(2)

# %% [markdown]
# ## Next
# Put the levels that are worth keeping into experiment.yaml (or click them together in `notebook.Bench(...)`), and spend
# the pictures that you saved on more products.

# %%
notebook.finish(run)
