"""Progress in a notebook cell: one line that changes in place."""

from __future__ import annotations

from IPython.display import HTML, display

from prodimg_lab.runner import Event, Judging, Progress
from prodimg_lab.runner.progress import judging_text, progress_text


class NotebookProgress:
    """Shows a bar and the runner's own words under the cell; a front end that is closed loses nothing but this."""

    def __init__(self) -> None:
        self._shown = display(HTML(""), display_id=True)

    def __call__(self, event: Event) -> None:
        """Show a `Progress` or a `Judging`; other events are not for this line."""
        if self._shown is None or not isinstance(event, Progress | Judging):
            return
        share = 100 * event.done / max(1, event.total)
        if isinstance(event, Progress):
            what, text = "drawn", progress_text(event)
        else:
            what, text = "judged", judging_text(event)
        bar = f'<progress max="100" value="{share:.1f}" style="width:16em" aria-label="pictures {what}"></progress>'
        self._shown.update(HTML(f"{bar} {text}"))
