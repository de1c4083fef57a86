from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from prodimg_lab.errors import Problems, UnknownName
from prodimg_lab.prompts import Library, lint, load_library, render
from prodimg_lab.records import Product

Write = Callable[..., Path]

GOOD = "Photo of {{ product.subject }}, {{ background }}"
SLOTS = "slots:\n  background: [white-sweep]\n"


def refused(*folders: Path) -> list[str]:
    with pytest.raises(Problems) as caught:
        load_library(folders)
    return [str(problem) for problem in caught.value.problems]


def test_an_earlier_folder_hides_a_template_of_the_same_name(write: Write) -> None:
    later = write(GOOD, SLOTS, folder="wheel")
    earlier = write("Own photo of {{ product.subject }}", folder="own")
    library = load_library([earlier, later])
    assert library.template("sample").prompt.startswith("Own photo")
    assert library.template("sample").file == earlier / "sample.yaml"


def test_levels_of_an_earlier_folder_join_and_hide_those_of_a_later_one(write: Write, tmp_path: Path) -> None:
    later = write(GOOD, "slots:\n  background: all\n")
    own = tmp_path / "own" / "styles"
    own.mkdir(parents=True)
    text = "kind: background\nlevels:\n  cork: {text: on a cork board}\n  oak-table: {text: on our own oak table}\n"
    (own / "extra.yaml").write_text(text)
    library = load_library([tmp_path / "own", later])
    assert library.level("background", "oak-table").text == "on our own oak table"
    assert list(library.packs["background"].levels) == ["cork", "oak-table", "white-sweep", "marble-counter"]
    levels = [level.name for level in library.template("sample").slots["background"]]
    assert levels == ["cork", "oak-table", "white-sweep", "marble-counter"]


def test_a_folder_that_is_not_there_counts_as_empty(tmp_path: Path) -> None:
    assert load_library([tmp_path / "nowhere"]) == Library()


def test_names_that_do_not_exist_bring_the_nearest(write: Write) -> None:
    library = load_library([write(GOOD, SLOTS)])
    with pytest.raises(UnknownName, match="no template 'sampl'; did you mean 'sample'"):
        library.template("sampl")
    with pytest.raises(UnknownName, match="no background 'oak-tabel'; did you mean 'oak-table'"):
        library.level("background", "oak-tabel")
    with pytest.raises(UnknownName, match="no pack of kind 'backdrround'; did you mean 'background'"):
        library.level("backdrround", "oak-table")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "sample.yaml:1: must hold keys and values"),
        ("[a, b", "sample.yaml:1: not valid YAML"),
        ("a: 1\na: 2\n", "sample.yaml:2: not valid YAML: found duplicate key"),
        ("name: sample\nversion: 1.0\nsummary: s\nprompt: x\n", "sample.yaml:2: version must be text, and 1.0 is not"),
        ("name: sample\nversion: v1\nsummary: s\nprompt: x\n", "sample.yaml:2: version: must be of the form 1.0.0"),
        ("name: sample\nversion: 1.0.0\nprompt: x\n", "sample.yaml:1: summary is missing"),
        ("name: Sample\nversion: 1.0.0\nsummary: s\nprompt: x\n", "name: must be lower-case words"),
        ("name: other\nversion: 1.0.0\nsummary: s\nprompt: x\n", "rename the file to other.yaml or write 'sample'"),
        (
            "name: sample\nversion: 1.0.0\nsummary: s\nprompt: x\nslot: {}\n",
            "sample.yaml:5: unknown key 'slot'; did you mean 'slots'?",
        ),
        (
            "name: sample\nversion: 1.0.0\nsummary: s\nprompt: '{{ a }}'\nslots:\n  a: [1]\n",
            "sample.yaml:6: slots.a.0 must be text, and 1 is not",
        ),
        (
            "name: sample\nversion: 1.0.0\nsummary: s\nprompt: '{{ a }}'\nslots:\n  a: [x, x]\n",
            "slots.a: must name 'x' once only",
        ),
        (
            "name: sample\nversion: 1.0.0\nsummary: s\nprompt: x\nslots:\n  product: [a]\n",
            "sample.yaml:6: slots.product: must be lower-case letters",
        ),
        (
            "name: sample\nversion: 1.0.0\nsummary: s\nprompt: x\nnegative_prompt: '{{ x }}'\n",
            "sample.yaml:5: negative_prompt: must be plain text without holes",
        ),
        ("a: &x [1]\nb: *x\n", "sample.yaml:2: alias *x is not read; write the value out"),
        ("[" * 5_000, "is nested too deep"),
        ("x: " + "y" * 300_000, "300003 bytes are over 262144; split the file"),
    ],
)
def test_a_broken_file_is_told_with_file_line_and_next_step(write: Write, raw: str, message: str) -> None:
    begun = time.process_time()
    said = "\n".join(refused(write(raw=raw)))
    assert message in said
    assert time.process_time() - begun < 3


def test_bytes_that_are_not_utf8_are_told_with_their_line(write: Write) -> None:
    folder = write(GOOD, SLOTS)
    (folder / "sample.yaml").write_bytes(b"name: sample\nsummary: s\xe9v\n")
    assert refused(folder) == [f"{folder}/sample.yaml:2: is not UTF-8; save the file as UTF-8"]


def test_aliases_that_would_grow_to_gigabytes_are_refused_at_once(write: Write) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    begun = time.process_time()
    assert "alias *a0 is not read" in refused(write(raw="\n".join(lines)))[0]
    assert time.process_time() - begun < 3


def test_an_ampersand_and_an_asterisk_in_a_prompt_are_plain_text(write: Write) -> None:
    library = load_library([write("Salt & pepper *set*, {{ product.subject }} &x *y", "")])
    assert "&x *y" in library.template("sample").prompt


def test_all_faults_of_all_files_are_told_at_once(write: Write) -> None:
    folder = write("{{ product.color }}", "slots:\n  background: [white-swep, oak-table, walnt]\n")
    (folder / "second.yaml").write_text("name: second\nversion: 1.0.0\nsummary: s\nprompt: '{{ x }}'\n")
    (folder / "styles" / "angles.yaml").write_text("kind: angle\nlevels:\n  front: {txt: front view}\n")
    said = [line.removeprefix(f"{folder}/") for line in refused(folder)]
    assert [line.split(": ")[0] for line in said] == [
        *("sample.yaml:5", "sample.yaml:7", "sample.yaml:7", "second.yaml:4"),
        *("styles/angles.yaml:3", "styles/angles.yaml:3"),
    ]
    assert "unknown background 'white-swep'; did you mean 'white-sweep'?" in said[1]


def test_without_strictness_the_faults_are_findings_and_the_rest_is_there(write: Write) -> None:
    folder = write(GOOD, SLOTS)
    (folder / "second.yaml").write_text("name: second\nversion: 1.0.0\nsummary: s\nprompt: '{{ nothing }}'\n")
    library = load_library([folder], strict=False)
    assert list(library.templates) == ["sample"]
    finding = next(each for each in lint(library) if each.file == folder / "second.yaml")
    assert (finding.severity, finding.rule, finding.line) == ("error", "undefined-slot", 4)


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        ("kind: angle\nlevels: {}\n", "levels"),
        ("kind: angle\nlevels:\n  front: {text: ''}\n", "levels.front.text: must be a phrase"),
        ("kind: angle\nlevels:\n  front: {text: a, locale: de-DE}\n", "unknown key 'locale'"),
        ("kind: angle\nlevels:\n  Front View: {text: a}\n", "must be lower-case words"),
        ("kind: angle\nlevels:\n  front: {text: a, expect: {background: green}}\n", "background must be one of"),
        ("kind: background\nlevels:\n  oak-table: {text: a}\n", "background 'oak-table' stands in"),
        ("kind: market\nlevels:\n  it: {text: a, locale: Italian}\n", "must be a locale such as de-DE"),
        (
            "kind: market\nlevels:\n  it: {text: a, locale: it-IT, prefer: {background: [oak-tabel]}}\n",
            "market it prefers background 'oak-tabel', which no pack has; did you mean 'oak-table'?",
        ),
    ],
)
def test_a_broken_pack_is_told_with_its_line(write: Write, pack: str, message: str) -> None:
    folder = write(GOOD, SLOTS)
    (folder / "styles" / "zz.yaml").write_text(pack)
    said = refused(folder)
    assert len(said) == 1
    assert message in said[0]
    assert f"{folder}/styles/zz.yaml:{2 if message == 'levels' else 3}: " in said[0]


def test_a_market_named_no_is_text(write: Write) -> None:
    folder = write(GOOD, SLOTS)
    (folder / "styles" / "zz.yaml").write_text("kind: market\nlevels:\n  no: {text: nordic, locale: nb-NO}\n")
    assert load_library([folder]).level("market", "no").text == "nordic"


def test_the_digest_follows_the_content_not_the_layout(write: Write) -> None:
    one = load_library([write(GOOD, SLOTS, folder="one")]).template("sample")
    same = load_library([write(GOOD, "# a comment\n" + SLOTS, folder="same")]).template("sample")
    other = load_library([write(GOOD, "slots:\n  background: [oak-table]\n", folder="other")]).template("sample")
    assert one.digest == same.digest != other.digest
    assert len(one.digest) == 64


def test_records_travel_to_worker_processes(shipped: Library, mug: Product) -> None:
    template, library = pickle.loads(pickle.dumps((shipped.template("plain-white"), shipped)))
    assert render(template, mug, {}, library) == render(shipped.template("plain-white"), mug, {}, shipped)


def test_rendering_needs_no_yaml_reader() -> None:
    code = (
        "import sys\n"
        "from prodimg_lab.prompts import Library, Template, render\n"
        "from prodimg_lab.records import Product\n"
        "template = Template(name='t', version='1.0.0', prompt='{{ product.title }}')\n"
        "assert render(template, Product(sku='1', title='Mug'), {}, Library()).text == 'Mug'\n"
        "assert not {'ruamel.yaml', 'pydantic'} & set(sys.modules), 'heavy'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": ""})
