"""prodimg-lab: find, prove and ship the prompts that make product photographs."""

__version__ = "0.1.0"
