"""The clients that `bench_runner.py` compares, each in a process of its own: `python benchmarks/clients.py NAME …`.

Prints one JSON line: wall (first send to last commit), CPU seconds without imports, peak memory, pictures kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prodimg_lab.runner import TrialFinished
    from prodimg_lab.store import FolderStore

PROMPT = "Professional product photograph of a ceramic mug, seamless white background, number {}"
MODEL = "stability.sd3-5-large-v1:0"
Result = dict[str, object]


def cpu_s() -> float:
    """User and system seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """The most memory that this process has held (Linux; `ru_maxrss` would count what the parent held at the fork)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def trials(calls: int, *, first: int = 0) -> list[object]:
    """The plan: `calls` requests, four a block."""
    from prodimg_lab.models.catalogue import row
    from prodimg_lab.records import Block, ImageRequest, Prompt, Trial

    card = row(MODEL)
    return [
        Trial(
            index=number,
            variant=f"v{number % 4}",
            block=Block(sku=f"P{number // 4:05}", index=0),
            levels={"template": "t"},
            prompt=Prompt(text=PROMPT.format(first + number), template="t", template_version="1"),
            request=ImageRequest(
                model=card.model,
                prompt=PROMPT.format(first + number),
                seed=1 + number % 4,
                aspect_ratio="1:1",
                output_format="png",
                source="simulated",
                revision=card.revision,
            ),
        )
        for number in range(calls)
    ]


def ours(options: argparse.Namespace) -> Result:
    """prodimg-lab: durable objects, journal, index; budget held."""
    from prodimg_lab.lab import find_lab
    from prodimg_lab.models import load_model
    from prodimg_lab.runner import RunContext, TrialFinished, run_schedule
    from prodimg_lab.store import Caps, FolderStore, Index
    from prodimg_lab.sweeps import FullSchedule

    lab = find_lab(options.lab)
    model = load_model(f"bedrock:{MODEL}", lab)
    if options.bare:
        _connect()
    plan = trials(options.calls, first=options.first)
    index = Index(lab.index_file)
    store = FolderStore(lab.store_folder)
    context = RunContext(
        folder=lab.experiments / "bench" / "runs" / options.run,
        store=store,
        index=index,
        caps=Caps(run_micro=10**12),
        concurrency=options.concurrency,
    )
    desk = _Desk(store, grid=Path(options.lab) / ".prodimg" / "thumbnails") if options.scores else None
    if desk is not None:
        desk.warm_up(next(store.digests()))

    def listen(event: object) -> None:
        if desk is not None and isinstance(event, TrialFinished):
            desk.take(event)

    before, began = cpu_s(), time.monotonic()
    summary = run_schedule(FullSchedule(plan), models={MODEL: model}, context=context, on_event=listen)
    if desk is not None:
        desk.finish()
    wall, used = time.monotonic() - began, cpu_s() - before
    kept = sum(outcome.state == "done" for outcome in summary.outcomes.values())
    index.close()
    return {"wall_s": wall, "cpu_s": used, "kept": kept, "state": summary.state}


def naive(options: argparse.Namespace) -> Result:
    """A loop as one writes it first: boto3, json, base64, a file."""
    client = _client()
    folder = _folder(options)
    before, began = cpu_s(), time.monotonic()
    for number in range(options.calls):
        _call_plainly(client, number, folder)
    return {"wall_s": time.monotonic() - began, "cpu_s": cpu_s() - before, "kept": len(list(folder.iterdir()))}


def threads(options: argparse.Namespace) -> Result:
    """The same in a ThreadPoolExecutor, default configuration, as people write it."""
    from concurrent.futures import ThreadPoolExecutor

    client = _client()
    folder = _folder(options)
    before, began = cpu_s(), time.monotonic()
    with ThreadPoolExecutor(options.concurrency) as pool:
        futures = [pool.submit(_call_plainly, client, number, folder) for number in range(options.calls)]
    lost = sum(future.exception() is not None for future in futures)
    wall, used = time.monotonic() - began, cpu_s() - before
    return {"wall_s": wall, "cpu_s": used, "kept": len(list(folder.iterdir())), "lost": lost}


def litellm(options: argparse.Namespace) -> Result:
    """Litellm's image_generation in threads."""
    import base64
    from concurrent.futures import ThreadPoolExecutor

    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm as peer

    folder = _folder(options)
    url = os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"]

    def call(number: int) -> None:
        answer = peer.image_generation(
            prompt=PROMPT.format(number),
            model=f"bedrock/{MODEL}",
            aws_bedrock_runtime_endpoint=url,
            aws_region_name="us-west-2",
        )
        data = base64.b64decode(answer.data[0].b64_json)
        (folder / f"{hashlib.sha256(data).hexdigest()}.png").write_bytes(data)

    before, began = cpu_s(), time.monotonic()
    with ThreadPoolExecutor(options.concurrency) as pool:
        futures = [pool.submit(call, number) for number in range(options.calls)]
    lost = [future.exception() for future in futures if future.exception() is not None]
    if lost:
        print(lost[0], file=sys.stderr)
    wall, used = time.monotonic() - began, cpu_s() - before
    return {"wall_s": wall, "cpu_s": used, "kept": len(list(folder.iterdir())), "lost": len(lost)}


def thumbnails(options: argparse.Namespace) -> Result:
    """The floor of the work on pixels: pictures of the lab's store decoded and made a thumbnail, in one thread."""
    from prodimg_lab.lab import find_lab
    from prodimg_lab.store import FolderStore

    store = FolderStore(find_lab(options.lab).store_folder)
    desk = _Desk(store)
    digests = list(store.digests())[: options.calls]
    desk.warm_up(digests[0])
    before, began = cpu_s(), time.monotonic()
    for digest in digests:
        desk.look(digest)
    return {"wall_s": time.monotonic() - began, "cpu_s": cpu_s() - before, "kept": len(digests)}


class _Desk:
    """Thumbnails and fast scores of what has been drawn, in one thread beside the runner, as an experiment does it.

    `grid` is where the grid's thumbnails are kept; None: only the report's thumbnail is made, and nothing scored.
    """

    def __init__(self, store: FolderStore, *, grid: Path | None = None) -> None:
        from concurrent.futures import ThreadPoolExecutor

        import cv2

        from prodimg_lab.reports.thumbnails import KeptThumbnails, Thumbnails
        from prodimg_lab.scoring import scorers
        from prodimg_lab.scoring.rubric import load_rubric

        cv2.setNumThreads(1)
        self._store = store
        self._thumbnails = Thumbnails()
        self._kept = KeptThumbnails(grid) if grid else None
        self._scorers = scorers(load_rubric("product-default").scorers) if grid else ()
        self._thread = ThreadPoolExecutor(1)
        self._work: list[Future[None]] = []

    def take(self, event: TrialFinished) -> None:
        """A picture is there."""
        if event.outcome.digest:
            self._work.append(self._thread.submit(self.look, event.outcome.digest))

    def look(self, digest: str) -> None:
        """Thumbnail and scores of one picture, decoded once."""
        from prodimg_lab.scoring import Subject, score_pictures

        asked = {"colour": "red", "background": "white", "material": "ceramic"}
        subject = Subject(digest=digest, data=self._store.get(digest), asked=asked)
        self._thumbnails.make(digest, subject.measures.bgr, edge=384, max_bytes=20_000)
        if self._kept is not None:
            self._kept.make(digest, subject.measures.bgr)
            score_pictures([subject], self._scorers)

    def warm_up(self, digest: str) -> None:
        """Imports are not what is measured."""
        self.look(digest)

    def finish(self) -> None:
        """Wait for what is left; raises what went wrong."""
        for work in self._work:
            work.result()


def _client() -> object:
    import boto3

    return boto3.client("bedrock-runtime")


def _connect() -> None:
    """Make the client before the clock starts: what is measured is the sweep."""
    from prodimg_lab.aws import account_of, client

    client("bedrock-runtime", "us-west-2", account_of(None))


def _call_plainly(client: object, number: int, folder: Path) -> None:
    import base64

    body = json.dumps({"prompt": PROMPT.format(number), "seed": 1, "aspect_ratio": "1:1", "output_format": "png"})
    answer = json.loads(client.invoke_model(modelId=MODEL, body=body)["body"].read())  # type: ignore[attr-defined]
    data = base64.b64decode(answer["images"][0])
    (folder / f"{hashlib.sha256(data).hexdigest()}.png").write_bytes(data)


def _folder(options: argparse.Namespace) -> Path:
    folder = Path(options.lab) / "plain" / options.run
    folder.mkdir(parents=True)
    return folder


CLIENTS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "ours": ours,
    "naive": naive,
    "threads": threads,
    "litellm": litellm,
    "thumbnails": thumbnails,
}


def main() -> None:
    """Run one client and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("--lab", required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="number of the first prompt")
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--scores", action="store_true")
    parser.add_argument("--bare", action="store_true", help="make the client before the clock starts")
    options = parser.parse_args()
    result = CLIENTS[options.client](options)
    print(json.dumps({**result, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
