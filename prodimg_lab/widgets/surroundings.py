"""Is somebody looking, and with what?"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping


def is_headless(environ: Mapping[str, str] | None = None) -> bool:
    """Whether nobody is looking: true unless a front end shows itself. `PRODIMG_HEADLESS=0|1` decides otherwise."""
    environ = os.environ if environ is None else environ
    forced = environ.get("PRODIMG_HEADLESS", "")
    if forced in ("0", "1"):
        return forced == "1"
    if environ.get("JPY_SESSION_NAME") or needs_base64():
        return False
    main = sys.modules.get("__main__")
    return not hasattr(main, "__vsc_ipynb_file__")


def needs_base64() -> bool:
    """Whether the front end loses the binary parts of messages (Colab; colab-cdn-widget-manager #8, #33)."""
    return "google.colab" in sys.modules


def user_name() -> str:
    """Who sits here, as the system knows; `me` where it does not."""
    try:
        return getpass.getuser() or "me"
    except (OSError, KeyError):
        return "me"
