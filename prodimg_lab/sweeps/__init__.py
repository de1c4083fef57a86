"""From factors, seeds and a design to the ordered plan of requests. Pure: nothing is read, drawn or paid here."""

from prodimg_lab.sweeps._base import FinishedBlock, Schedule
from prodimg_lab.sweeps._spec import NONE, REQUEST_PARAMETERS, Fault, LeftOut, Plan, SweepSpec
from prodimg_lab.sweeps.fit import misfits, takes
from prodimg_lab.sweeps.plan import PlanInput, make_plan
from prodimg_lab.sweeps.schedules import FullSchedule

__all__ = [
    "NONE",
    "REQUEST_PARAMETERS",
    "Fault",
    "FinishedBlock",
    "FullSchedule",
    "LeftOut",
    "Plan",
    "PlanInput",
    "Schedule",
    "SweepSpec",
    "make_plan",
    "misfits",
    "takes",
]
