"""Bedrock's wire on loopback: what a client sees of AWS, for tests, drills and development. Everything is simulated."""

from prodimg_lab.emulator.calls import Call, CallLog
from prodimg_lab.emulator.faults import FAULTS, Fault, FaultRule
from prodimg_lab.emulator.judge import Judge, Question
from prodimg_lab.emulator.quotas import Quota, parsed_quota
from prodimg_lab.emulator.running import Emulator
from prodimg_lab.emulator.settings import Settings

__all__ = [
    "FAULTS",
    "Call",
    "CallLog",
    "Emulator",
    "Fault",
    "FaultRule",
    "Judge",
    "Question",
    "Quota",
    "Settings",
    "parsed_quota",
]
