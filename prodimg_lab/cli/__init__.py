"""`prodimg`: arguments in, one library call, exit code out.

Exit codes: 0 fine, 1 the work failed or differs, 2 the input is wrong, 3 stopped by a gate, check or cap.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run `prodimg` and leave with its exit code; an error of ours is one message, never a traceback."""
    from prodimg_lab.cli.app import app
    from prodimg_lab.errors import ProdimgError

    try:
        app()
    except ProdimgError as error:
        from prodimg_lab.cli.show import complain

        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)  # noqa: T201  # the command line's own word
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has left; there is nobody to tell
        sys.exit(1)
