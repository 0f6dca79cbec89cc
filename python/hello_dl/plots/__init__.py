"""Plots of what a run log holds. They need matplotlib: pip install 'hello-dl[plot]'."""

from hello_dl.plots.everything import draw, draw_sweep

__all__ = ["draw", "draw_sweep"]
