"""What a notebook shows and lets people do: the grid. Each widget has a still twin for readers without a kernel."""

from prodimg_lab.widgets.grid import Grid, Look
from prodimg_lab.widgets.surroundings import is_headless

__all__ = ["Grid", "Look", "is_headless"]
