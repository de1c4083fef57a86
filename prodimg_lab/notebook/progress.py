"""Progress in a notebook cell: one line that changes in place."""

from __future__ import annotations

from IPython.display import HTML, display

from prodimg_lab.runner import Event, Progress
from prodimg_lab.runner.progress import progress_text


class NotebookProgress:
    """Shows a bar and the runner's own words under the cell; a front end that is closed loses nothing but this."""

    def __init__(self) -> None:
        self._shown = display(HTML(""), display_id=True)

    def __call__(self, event: Event) -> None:
        """Show a `Progress`; other events are not for this line."""
        if isinstance(event, Progress) and self._shown is not None:
            share = 100 * event.done / max(1, event.total)
            bar = f'<progress max="100" value="{share:.1f}" style="width:16em" aria-label="pictures drawn"></progress>'
            self._shown.update(HTML(f"{bar} {progress_text(event)}"))
