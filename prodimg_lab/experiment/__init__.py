"""The one place that joins the rooms: plan, run, resume, rerun, open. Command line, notebooks and widgets call this."""

from prodimg_lab.experiment.around import around, write_around
from prodimg_lab.experiment.calibration import Calibration, calibrate
from prodimg_lab.experiment.checking import Check, check_store
from prodimg_lab.experiment.comparing import Comparison, compare_runs
from prodimg_lab.experiment.figures import Headline, headline
from prodimg_lab.experiment.folder import RunFolder, RunOptions, new_run_id
from prodimg_lab.experiment.following import FollowedRun
from prodimg_lab.experiment.frames import factor_means
from prodimg_lab.experiment.judge_runs import JudgeOptions, judge_pairs, judge_run
from prodimg_lab.experiment.opening import find_run, list_runs, open_run
from prodimg_lab.experiment.planning import Estimate, Planned, estimate_plan, plan_experiment
from prodimg_lab.experiment.pruning import Pruning, parsed_age, prune_store
from prodimg_lab.experiment.ratings import Rating, choose, rate
from prodimg_lab.experiment.rerun import compare_rerun, plan_rerun, rerun_options
from prodimg_lab.experiment.rescoring import score_run
from prodimg_lab.experiment.results import exit_code_of, read_result, result_of
from prodimg_lab.experiment.rubric_fit import FittedRubric, fit_rubric, write_rubric
from prodimg_lab.experiment.running import Audience, resume_run, run_experiment
from prodimg_lab.experiment.spec import Experiment, overrides_for
from prodimg_lab.experiment.starting import experiment_schema, new_experiment
from prodimg_lab.experiment.view import RunView, Targets, TrialRow

__all__ = [
    "Audience",
    "Calibration",
    "Check",
    "Comparison",
    "Estimate",
    "Experiment",
    "FittedRubric",
    "FollowedRun",
    "Headline",
    "JudgeOptions",
    "Planned",
    "Pruning",
    "Rating",
    "RunFolder",
    "RunOptions",
    "RunView",
    "Targets",
    "TrialRow",
    "around",
    "calibrate",
    "check_store",
    "choose",
    "compare_rerun",
    "compare_runs",
    "estimate_plan",
    "exit_code_of",
    "experiment_schema",
    "factor_means",
    "find_run",
    "fit_rubric",
    "headline",
    "judge_pairs",
    "judge_run",
    "list_runs",
    "new_experiment",
    "new_run_id",
    "open_run",
    "overrides_for",
    "parsed_age",
    "plan_experiment",
    "plan_rerun",
    "prune_store",
    "rate",
    "read_result",
    "rerun_options",
    "result_of",
    "resume_run",
    "run_experiment",
    "score_run",
    "write_around",
    "write_rubric",
]
