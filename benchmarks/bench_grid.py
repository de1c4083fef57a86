"""What does it cost to look at 1,000 pictures in a notebook? Writes results/grid.json.

Three ways show the same 1,000 pictures of 512² in a real JupyterLab in headless Chromium, each with a kernel and a page
of its own: the grid, a GridBox of widgets.Image, one HTML of data URIs. Then the grid with 10,000. Linux only (memory
is read from /proc).
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from jupyter import Server, command, jupyter_lab, open_notebook, run_code, write_notebook

RESULTS = Path(__file__).parent / "results"
EDGE, PICTURES = 512, 1_000
GIVE_UP_S = 120
TEMPLATE = """name: wide
version: 1.0.0
summary: for the benchmark
prompt: photo of {{ product.subject }}, {{ background }}, {{ lighting }}
negative_prompt: text
slots: {background: all, lighting: all}
"""
EXPERIMENT = """name: wide
products: products.csv
templates: [wide]
model: studio:sd35
sweep:
  factors:
    background: [white-sweep, marble-counter, oak-table, concrete, linen-cloth]
    lighting: [softbox, golden-hour]
  seeds: {seeds}
"""
WARM_UP = """import anywidget, ipywidgets
from IPython.display import HTML, display
class Nothing(anywidget.AnyWidget):
    _esm = "export default { render({ model, el }) { el.textContent = 'empty'; } }"
display(ipywidgets.Label('label'), Nothing(), HTML('<b>ready</b>'))"""
IMPORTS = """import base64, cv2, ipywidgets, IPython.display, PIL.Image
import prodimg_lab.experiment, prodimg_lab.widgets.drawn, prodimg_lab.widgets.grid"""
GRID = "from prodimg_lab.widgets import Grid\ngrid = Grid('{run}')\ngrid"
READ = (
    "from prodimg_lab import find_run, open_run\nview = open_run(find_run('{run}'))\n"
    "data = [view.picture(row.outcome.digest) for row in view.drawn]\n"
)
BOX = READ + (
    "import ipywidgets as w\n"
    "w.GridBox([w.Image(value=each, format='jpeg', width=168) for each in data],"
    " layout=w.Layout(grid_template_columns='repeat(6, 180px)'))"
)
URIS = READ + (
    "import base64\nfrom IPython.display import HTML\n"
    "uris = ['data:image/jpeg;base64,' + base64.b64encode(each).decode() for each in data]\n"
    "HTML(''.join(f'<img width=168 src=\"{uri}\">' for uri in uris))"
)


def picture(number: int) -> bytes:
    """A synthetic JPEG of 512² (quality 82, some 33 kB): a blurred scene with a shape and fine noise."""
    rng = np.random.default_rng(number)
    small = rng.integers(90, 240, (8, 8, 3)).astype("uint8")
    pixels = np.asarray(Image.fromarray(small).resize((EDGE, EDGE), Image.Resampling.BICUBIC), dtype=float)
    pixels[150:380, 180:340] = rng.integers(0, 255, 3)
    pixels += rng.normal(0, 7, pixels.shape)
    buffer = BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")).save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def make_run(root: Path, name: str, *, seeds: int, data: list[bytes], warm: bool) -> None:
    """A finished run as the runner leaves it: stored pictures, journal, scores; `warm`: with the grid's thumbnails."""
    from prodimg_lab.experiment import RunOptions, plan_experiment
    from prodimg_lab.experiment.folder import make_run_folder
    from prodimg_lab.lab import find_lab
    from prodimg_lab.reports.thumbnails import KeptThumbnails
    from prodimg_lab.store import FolderStore, Journal

    folder = root / "experiments" / "wide"
    folder.mkdir(parents=True, exist_ok=True)
    goods = "".join(f"p{number:03},Red ceramic mug {number},mug,red\n" for number in range(100))
    (folder / "products.csv").write_text(f"sku,title,category,colour\n{goods}")
    (folder / "experiment.yaml").write_text(EXPERIMENT.format(seeds=seeds))
    lab = find_lab(root)
    planned = plan_experiment("wide", lab=lab)
    run = make_run_folder(planned, RunOptions(), run_id=name)
    store = FolderStore(root / "experiments" / "objects")
    digests = [store.put(each) for each in data]
    if warm:
        kept = KeptThumbnails(lab.thumbnails_folder)
        for digest in digests:
            kept.of(store.get, digest)
    rng = np.random.default_rng(1)
    lines: list[dict[str, object]] = [{"event": "run", "state": "running", "planned": len(planned.sweep.trials)}]
    for trial in planned.sweep.trials:
        digest = digests[trial.index % len(digests)]
        lines.append({"event": "trial", "trial": trial.index, "state": "done", "digest": digest, "seconds": 1.0})
        for scorer in ("sharpness", "exposure", "fill"):
            value = round(float(rng.uniform(0, 5)), 2)
            score = {"scorer": scorer, "version": "1", "value": value, "raw": value, "unit": "", "detail": ""}
            lines.append({"event": "score", "trial": trial.index, "key": "", "score": score})
    lines.append({"event": "run", "state": "done"})
    journal = Journal(run.path)
    journal.extend(lines)
    journal.close()
    run.write("result.json", {"state": "done"})


@dataclass
class Traffic:
    """Bytes that came to the page since it was last set to 0."""

    count: int = 0

    def watch(self, page: Any) -> None:
        """Count websocket frames and bodies."""
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", lambda event: self._add(event["response"]["payloadData"], event))
        session.on("Network.dataReceived", lambda event: self._grow(event["encodedDataLength"]))

    def _add(self, payload: str, event: dict[str, Any]) -> None:
        is_binary = event["response"]["opcode"] == 2  # base64 in the protocol
        self._grow(len(payload) * 3 // 4 if is_binary else len(payload.encode()))

    def _grow(self, length: int) -> None:
        self.count += length


def renderer_mb(page: Any) -> float:
    """Resident memory of all renderers of Chromium after their rubbish was collected, MB."""
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(500)
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                line = re.search(r"VmRSS:\s+(\d+)", (folder / "status").read_text())
                total += int(line[1]) if line else 0
        except OSError:
            continue
    return total / 1024


VIEW = {
    "grid": "n => { const s = document.querySelector('.pg-scroll')?.getBoundingClientRect(); if (!s) return false;"
    " const i = [...document.querySelectorAll('.pg-tile')].filter((t) => { const b = t.getBoundingClientRect();"
    " return b.bottom > s.top && b.top < s.bottom; }).map((t) => t.querySelector('img'));"
    " return i.length > 8 && i.every((x) => x.complete && x.naturalWidth); }",
    "box": "n => { const i = [...document.querySelectorAll('.jp-OutputArea img')];"
    " return i.length >= n && i.every((x) => x.complete && x.naturalWidth); }",
}


def measure(page: Any, server: Server, code: str, *, ready: str, traffic: Traffic) -> dict[str, object]:
    """One way, from the run of its cell to the first full view; then the saved notebook."""
    file = write_notebook(server.root / f"way-{time.monotonic_ns()}.ipynb", WARM_UP, code)
    open_notebook(page, server, file.name)
    command(page, "notebook:run-cell-and-select-next")  # the page has loaded what any widget needs
    page.get_by_text("ready", exact=True).wait_for()
    run_code(page, IMPORTS)
    page.wait_for_timeout(1500)
    before, cpu = renderer_mb(page), float(run_code(page, "import time; print(time.process_time())"))
    traffic.count, began = 0, time.monotonic()
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-cell'); }")
    try:
        page.wait_for_function(VIEW[ready], arg=PICTURES, timeout=GIVE_UP_S * 1000, polling=50)
        seconds: float | None = round(time.monotonic() - began, 2)
    except Exception as error:
        if "Timeout" not in str(error):
            raise
        seconds = None
    received = traffic.count
    spent = float(run_code(page, "print(time.process_time())")) - cpu
    page.wait_for_timeout(1500)
    grown = renderer_mb(page) - before
    command(page, "docmanager:save")
    return {
        "seconds": seconds,
        "mb_received": round(received / 1e6, 3),
        "kernel_cpu_s": round(spent, 2),
        "renderer_mb": round(grown, 1),
        "notebook_mb": round(file.stat().st_size / 1e6, 3),
    }


SCROLL = """async ([speed, seconds]) => {
  const box = document.querySelector('.pg-scroll');
  box.scrollTop = 0;
  await new Promise((done) => setTimeout(done, 1500));
  const place = (tile) => new DOMMatrix(getComputedStyle(tile).transform);
  const tiles = [...document.querySelectorAll('.pg-tile')].map(place);
  const xs = new Set(tiles.map((m) => m.e)), ys = [...new Set(tiles.map((m) => m.f))].sort((a, b) => a - b);
  const across = xs.size, line = ys[1] - ys[0], size = document.querySelector('.pg-frame').offsetHeight;
  const began = performance.now();
  let seen = 0, blank = 0, frames = [], last = began, isOver = false;
  const count = () => {  // after the frame was painted: every place in sight where a picture belongs, tile or no tile
    const top = box.scrollTop, bottom = top + box.clientHeight, shown = new Set();
    for (const tile of document.querySelectorAll('.pg-tile')) {
      const image = tile.querySelector('img');
      const m = place(tile);
      if (image && image.getAttribute('src') && image.naturalWidth) shown.add(`${Math.round(m.f / line)}/${m.e}`);
    }
    const first = Math.max(0, Math.ceil((top - size) / line)), end = Math.floor(bottom / line);
    for (let i = first; i <= end; i++) {
      for (const x of xs) {
        seen++;
        if (!shown.has(`${i}/${x}`)) blank++;
      }
    }
  };
  await new Promise((done) => {
    const step = (now) => {
      frames.push(now - last);
      last = now;
      isOver = now - began > 1000 * seconds || box.scrollTop + box.clientHeight >= box.scrollHeight - 3 * line;
      setTimeout(() => {
        count();
        if (isOver) done();
      }, 0);
      if (isOver) return;
      box.scrollTop = ((now - began) / 1000) * speed;
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  frames.sort((a, b) => a - b);
  const at = (share) => frames[Math.floor(frames.length * share)];
  return {blank, seen, frames: frames.length, across, median: at(0.5), p95: at(0.95)};
}"""

KEYS = """async (keys) => {
  const list = document.querySelector('.pg-list');
  document.querySelector('.pg-scroll').scrollTop = 0;
  list.focus();
  const times = [];
  for (const key of keys) {
    const began = performance.now();
    list.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 60));
  }
  return times;
}"""


def scroll(page: Any, speed: int, seconds: float) -> dict[str, float]:
    """Blank share of the tiles in sight, and the length of frames in ms."""
    found = page.evaluate(SCROLL, [speed, seconds])
    return {
        "blank": round(found["blank"] / max(1, found["seen"]), 4),
        "frame_ms_median": round(found["median"], 1),
        "frame_ms_p95": round(found["p95"], 1),
    }


def keys(page: Any) -> dict[str, float]:
    """Milliseconds from a key to the frame that shows what it did: 40 moves and ratings."""
    times = page.evaluate(KEYS, ["ArrowRight", "4", "ArrowDown", "k", "ArrowRight", "2", "End", "Home"] * 5)
    return {"median_ms": round(statistics.median(times), 1), "largest_ms": round(max(times), 1)}


def living(page: Any) -> dict[str, object]:
    """How the grid on the page scrolls and answers."""
    return {
        "at 1,500 px/s": scroll(page, 1500, 6),
        "at 6,000 px/s": scroll(page, 6000, 4),
        "keys": keys(page),
        "renderer_mb after": round(renderer_mb(page), 1),
    }


@contextmanager
def opened(browser: Any) -> Iterator[tuple[Any, Traffic]]:
    """A page in a context of its own, and what comes to it."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    traffic = Traffic()
    traffic.watch(page)
    try:
        yield page, traffic
    finally:
        context.close()


def main() -> None:
    """Measure all ways, `--runs` times each in turn, and keep medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="one way: grid, cold, box, uris, large")
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from prodimg_lab.lab import init_lab

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root, cold = Path(folder) / "lab", Path(folder) / "cold"
        data = [picture(number) for number in range(PICTURES)]
        for lab, warm in ((root, True), (cold, False)):
            init_lab(lab)
            (lab / "templates" / "wide.yaml").write_text(TEMPLATE)
            make_run(lab, "thousand", seeds=1, data=data, warm=warm)
        make_run(root, "ten-thousand", seeds=10, data=data, warm=True)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        ways: dict[str, tuple[Path, str, str]] = {
            "grid": (root, GRID.format(run="thousand"), "grid"),
            "grid, no thumbnail made before": (cold, GRID.format(run="thousand"), "grid"),
            "one HTML of data URIs": (root, URIS.replace("{run}", "thousand"), "box"),
            "GridBox of widgets.Image": (root, BOX.replace("{run}", "thousand"), "box"),
            "grid of 10,000": (root, GRID.format(run="ten-thousand"), "grid"),
        }
        if given.only:
            ways = {name: way for name, way in ways.items() if given.only in name}
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
        for number in range(given.runs):
            for name, (lab, code, ready) in ways.items():
                if name.startswith("GridBox") and number > 0:
                    continue  # it does not get there; once is enough
                if lab is cold:
                    _forget(cold)
                work = Path(tempfile.mkdtemp(dir=folder))
                with jupyter_lab(lab, work) as server, opened(browser) as (page, traffic):
                    line = measure(page, server, code, ready=ready, traffic=traffic)
                    if ready == "grid":
                        line |= living(page)
                print(name, json.dumps(line), flush=True)
                found[name].append(line)
        browser.close()
    result = {name: {**_median(lines), "runs": len(lines)} for name, lines in found.items()}
    if not given.only:
        result["ratios to data URIs"] = _ratios(result["grid"], result["one HTML of data URIs"])
        (RESULTS / "grid.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _forget(lab: Path) -> None:
    import shutil

    shutil.rmtree(lab / ".prodimg" / "thumbnails", ignore_errors=True)


def _median(lines: list[dict[str, Any]]) -> dict[str, Any]:
    first = lines[0]
    pick: Callable[[str], Any] = lambda key: [line[key] for line in lines]  # noqa: E731
    made: dict[str, Any] = {}
    for key, value in first.items():
        values = pick(key)
        if isinstance(value, dict):
            made[key] = _median(values)
        elif any(each is None for each in values):
            made[key] = None
        else:
            made[key] = round(statistics.median(values), 4)
    return made


def _ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    names = ("seconds", "mb_received", "kernel_cpu_s", "renderer_mb", "notebook_mb")
    return {name: round(theirs[name] / ours[name], 1) for name in names if theirs[name] and ours[name]}


if __name__ == "__main__":
    main()
