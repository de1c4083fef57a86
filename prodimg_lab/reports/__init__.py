"""What is there to show of a run? Everything here reads a `RunView` and writes a file or text; nothing computes scores.

- `html.write_report`: one self-contained page. `live.LiveReport` rewrites it while the run goes on.
- `export.write_csv`, `export.write_parquet`, `export.export_rows`: one row per trial.
- `sheet.contact_sheet`: one picture of many. `plots.effects_figure`: a matplotlib figure for notebooks.
- `text.summary_text`: a few lines for a terminal.
"""
