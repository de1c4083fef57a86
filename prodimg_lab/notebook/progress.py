"""Progress in a notebook cell: one line that changes in place."""

from __future__ import annotations

import html

from IPython.display import HTML, display

from prodimg_lab.runner import Event, Judging, Progress, RunFinished
from prodimg_lab.runner.progress import ending_text, judging_text, progress_text


class NotebookProgress:
    """Shows a bar and the runner's own words under the cell; a front end that is closed loses nothing but this."""

    def __init__(self) -> None:
        self._last = ""
        self._shown = display(HTML(""), display_id=True)

    def __call__(self, event: Event) -> None:
        """Show a `Progress`, a `Judging` or how the run ended; other events are not for this line."""
        if self._shown is not None and isinstance(event, RunFinished):
            self._shown.update(HTML(f"{html.escape(ending_text(event))} · {self._last}"))
        if self._shown is None or not isinstance(event, Progress | Judging):
            return
        share = 100 * event.done / max(1, event.total)
        if isinstance(event, Progress):
            what, text = "drawn", progress_text(event)
        else:
            what, text = "judged", judging_text(event)
        bar = f'<progress max="100" value="{share:.1f}" style="width:16em" aria-label="pictures {what}"></progress>'
        self._last = html.escape(text)
        self._shown.update(HTML(f"{bar} {self._last}"))
