# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which prompt makes this product photograph sell?
#
# This notebook plans one experiment, draws it, scores every picture and shows what came of it. Run it cell by cell, or
# headless: `papermill notebooks/run_experiment.ipynb out.ipynb -r experiment mug-hero`. Both make the same requests in the
# same order and the same scores as `prodimg run mug-hero`. Nothing is paid before the cell *Draw*; a run that was
# interrupted goes on when it is started again with its `run_id`, and buys nothing twice.

# %% tags=["parameters"]
experiment: str = "mug-hero"  # a name under experiments/, a folder, or an experiment.yaml
run_id: str = ""  # "" makes a new run; the id of a run that exists resumes it
model: str = ""  # "" is the experiment's model; for example "studio:sd35@384"
budget_usd: float = 0.0  # US dollars: the most that this run may spend; 0 is the experiment's own budget
overrides: dict = {}  # keys of experiment.yaml to change for this run, for example {"sweep.seeds": 2}
rerun_of: str = ""  # replay this run from its frozen inputs, and compare
fresh: bool = False  # draw every picture again, also those that the store has
today: bool = False  # with rerun_of, take today's files and show what changed in them

# %% [markdown]
# ## Plan
# How many pictures, what they would cost, how long they would take, and every problem, before anything is paid.

# %%
from prodimg_lab import notebook

given = notebook.run_parameters(globals())
planned = notebook.plan(given)
planned

# %% [markdown]
# ## Draw
# Pictures are stored the moment they arrive. The report named below fills while the run goes on.

# %%
run = notebook.run(planned)

# %% [markdown]
# ## Look
# Every picture, with its prompt and the exact request behind it. A score is a hint where to look, not a verdict.

# %%
notebook.Grid(run)

# %% [markdown]
# ## Which variants, which words
# Mean quality by variant (0 to 5), refusals and cost; then what each factor does, with 95 % intervals.

# %%
notebook.variants(run)

# %%
notebook.effects(run)

# %% [markdown]
# ## The three best prompts

# %%
notebook.best_prompts(run)

# %% [markdown]
# ## Finish
# Report and result.json are written. A run that is not `done` ends here with an error, so that a scheduler sees it.

# %%
notebook.finish(run)
