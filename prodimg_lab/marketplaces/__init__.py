"""May this picture be listed there? Dated rule packs with sources, their checker, and the scorer that gates by them."""

from prodimg_lab.marketplaces.checking import Compliance, Finding, check_picture
from prodimg_lab.marketplaces.packs import Pack, PackError, load_pack, packs

__all__ = ["Compliance", "Finding", "Pack", "PackError", "check_picture", "load_pack", "packs"]
