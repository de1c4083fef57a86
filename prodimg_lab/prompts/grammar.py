"""What may a prompt template say?

The sandbox of Jinja2 keeps a template from Python's attributes, but neither from `'a' * 400000000` nor from nested
loops over a million. So a prompt is parsed, held to a list of what is allowed, and rewritten: every name becomes a
plain variable of its own, every hole is wrapped so that its words can be found again. What is compiled afterwards holds
no attribute, no item, no call and no loop but over lists that are given and short.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from prodimg_lab.prompts._base import IMPLICIT_SLOTS
from prodimg_lab.prompts.filters import FILTERS, TAKES
from prodimg_lab.prompts.text import invisible
from prodimg_lab.records import ATTRIBUTES
from prodimg_lab.suggest import nearest

PRODUCT_NAMES = (*ATTRIBUTES, "title", "description", "sku")
MARKET_NAMES = ("text", "prop", "locale")
LISTS = ("product.attributes", "market.props")
LOOP_NAMES = ("index", "index0", "first", "last", "length")
MOST_SOURCE = 20_000
MOST_NODES = 2_000
MOST_IN_HOLE = 64
MOST_LOOPS = 2
MOST_BLOCKS = 8

_STATEMENTS: Mapping[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Include: "include",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.FilterBlock: "filter block",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.With: "with",
}
_OPERATORS: Mapping[type[nodes.Node], str] = {
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.Mod: "%",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GrammarFault:
    """Something that a prompt may not say. `line` counts from 1 within the prompt; `words` can be looked for there."""

    rule: str
    message: str
    line: int
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A prompt, checked. `template` is None when there are faults.

    `names` are the dotted names it uses (`product.colour`, `lighting`), `names[i]` being the variable `v{i}`; `fixed`
    is the text between the holes with its line; `filtered` says whether loops or filters make lengths hard to foretell.
    """

    template: jinja2.Template | None
    names: tuple[str, ...]
    fixed: tuple[tuple[int, str], ...]
    filtered: bool
    faults: tuple[GrammarFault, ...] = ()

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that the prompt names, in the order of their first use."""
        heads = (name.split(".")[0] for name in self.names)
        return tuple(dict.fromkeys(head for head in heads if head != "product"))


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False, cache_size=0)
    made.globals.clear()
    made.tests.clear()
    made.filters.clear()
    made.filters.update(FILTERS)
    return made


_ENVIRONMENT = _environment()


@lru_cache(maxsize=512)
def compile_prompt(source: str, slots: tuple[str, ...]) -> Compiled:
    """Check and compile a prompt that may name `slots`, `season`, `market` and the product. Never raises: `faults`."""
    if len(source) > MOST_SOURCE:
        text = f"the prompt has {len(source)} characters, over {MOST_SOURCE}; shorten it"
        return _refused(GrammarFault(rule="too-long", message=text, line=1))
    hidden = invisible(source)
    if hidden:
        text = f"the prompt holds the invisible character U+{ord(hidden):04X}; remove it"
        return _refused(
            GrammarFault(rule="invisible", message=text, line=source.count("\n", 0, source.index(hidden)) + 1)
        )
    try:
        return _compiled(source, slots)
    except jinja2.TemplateSyntaxError as exc:
        return _refused(GrammarFault(rule="syntax", message=_syntax(exc), line=exc.lineno))
    except RecursionError:
        return _refused(GrammarFault(rule="too-deep", message="the prompt is nested too deep; flatten it", line=1))


def _compiled(source: str, slots: tuple[str, ...]) -> Compiled:
    tree = _ENVIRONMENT.parse(source)
    reader = _Reader(slots=slots)
    body = reader.body(tree.body, loops=(), depth=0)
    if reader.faults:
        return _refused(*reader.faults)
    rewritten = nodes.Template(body, lineno=1)
    rewritten.set_environment(_ENVIRONMENT)
    template = _ENVIRONMENT.from_string(rewritten)
    return Compiled(template=template, names=tuple(reader.names), fixed=tuple(reader.fixed), filtered=reader.filtered)


def _refused(*faults: GrammarFault) -> Compiled:
    return Compiled(template=None, names=(), fixed=(), filtered=False, faults=tuple(faults))


def _syntax(exc: jinja2.TemplateSyntaxError) -> str:
    said = (exc.message or "cannot be read").rstrip(".")
    return f"the prompt cannot be read: {said}; holes are {{{{ name }}}}, conditions {{% if name %}} … {{% endif %}}"


@dataclass
class _Reader:
    """Walks the tree of a prompt once: collects faults, names and fixed text, and builds the rewritten tree."""

    slots: tuple[str, ...]
    names: list[str] = field(default_factory=list)
    fixed: list[tuple[int, str]] = field(default_factory=list)
    faults: list[GrammarFault] = field(default_factory=list)
    filtered: bool = False
    count: int = 0

    def refuse(self, rule: str, message: str, node: nodes.Node, words: str = "") -> None:
        fault = GrammarFault(rule=rule, message=message, line=node.lineno or 1, words=words)
        if fault not in self.faults:
            self.faults.append(fault)

    def body(self, found: Sequence[nodes.Node], loops: tuple[str, ...], depth: int) -> list[nodes.Node]:
        if depth > MOST_BLOCKS and found:
            self.refuse("too-deep", f"blocks are nested more than {MOST_BLOCKS} deep; flatten them", found[0])
            return []
        return [made for node in found for made in self.statement(node, loops, depth)]

    def statement(self, node: nodes.Node, loops: tuple[str, ...], depth: int) -> list[nodes.Node]:
        if isinstance(node, nodes.Output):
            return [nodes.Output([self.hole(each, loops) for each in node.nodes], lineno=node.lineno)]
        if isinstance(node, nodes.If):
            return [self.condition(node, loops, depth)]
        if isinstance(node, nodes.For):
            return self.loop(node, loops, depth)
        name = _STATEMENTS.get(type(node), type(node).__name__.lower())
        self.refuse("not-allowed", f"{{% {name} %}} is not allowed in a prompt; write the words out", node, name)
        return []

    def condition(self, node: nodes.If, loops: tuple[str, ...], depth: int) -> nodes.If:
        return nodes.If(
            self.expression(node.test, loops),
            self.body(node.body, loops, depth + 1),
            [self.condition(each, loops, depth) for each in node.elif_],
            self.body(node.else_, loops, depth + 1),
            lineno=node.lineno,
        )

    def loop(self, node: nodes.For, loops: tuple[str, ...], depth: int) -> list[nodes.Node]:
        self.filtered = True
        given = _dotted(node.iter)
        lists = " and ".join(LISTS)
        if len(loops) >= MOST_LOOPS:
            self.refuse("not-allowed", f"loops are nested more than {MOST_LOOPS} deep; take the inner one out", node)
        elif given not in LISTS:
            self.refuse("not-allowed", f"a loop runs over a given list only: {lists}; write the words out", node, "for")
        elif not isinstance(node.target, nodes.Name) or node.recursive:
            self.refuse("not-allowed", "a loop has one plain name: {% for value in product.attributes %}", node, "for")
        elif self.is_taken(node.target.name, loops):
            self.refuse("not-allowed", f"{node.target.name!r} is taken; choose another name for the loop", node)
        else:
            target = node.target.name
            inner = (*loops, target)
            name = nodes.Name(f"loop_{target}", "store", lineno=node.lineno)
            test = self.expression(node.test, inner) if node.test else None
            body = self.body(node.body, inner, depth + 1)
            over = self.variable(given, node)
            otherwise = self.body(node.else_, loops, depth + 1)
            return [nodes.For(name, over, body, otherwise, test, False, lineno=node.lineno)]
        return []

    def is_taken(self, name: str, loops: tuple[str, ...]) -> bool:
        return name in (*self.slots, *IMPLICIT_SLOTS, *loops, "product", "loop") or name.startswith("_")

    def hole(self, node: nodes.Node, loops: tuple[str, ...]) -> nodes.Expr:
        """One `{{ … }}`, or the text between two of them, rewritten so that its words carry their origin."""
        if isinstance(node, nodes.TemplateData):
            self.fixed.append((node.lineno, node.data))
            return node
        before = self.count
        made = self.worded(node, loops)
        if self.count - before > MOST_IN_HOLE:
            self.refuse("too-long", f"a hole has more than {MOST_IN_HOLE} parts; make it simpler", node)
        return made

    def worded(self, node: nodes.Node, loops: tuple[str, ...]) -> nodes.Expr:
        line = node.lineno or 1
        if isinstance(node, nodes.CondExpr):
            other = self.worded(node.expr2, loops) if node.expr2 else nodes.Const("", lineno=line)
            return nodes.CondExpr(self.expression(node.test, loops), self.worded(node.expr1, loops), other, lineno=line)
        if isinstance(node, nodes.Or | nodes.And):
            return type(node)(self.worded(node.left, loops), self.worded(node.right, loops), lineno=line)
        if isinstance(node, nodes.Concat):
            return nodes.Concat([self.worded(each, loops) for each in node.nodes], lineno=line)
        made = self.expression(node, loops)
        bare = made
        while isinstance(bare, nodes.Filter) and bare.node is not None:
            bare = bare.node
        if isinstance(bare, nodes.Const):
            return made
        return nodes.Filter(made, "_marked", [bare], [], None, None, lineno=line)

    def expression(self, node: nodes.Node, loops: tuple[str, ...]) -> nodes.Expr:
        """The expression with every name replaced by its variable; refuses what is not on the list."""
        self.count += 1
        if self.count > MOST_NODES:
            if self.count == MOST_NODES + 1:
                self.refuse("too-long", f"the prompt has more than {MOST_NODES} parts; make it simpler", node)
            return nodes.Const("", lineno=node.lineno)
        line = node.lineno
        if isinstance(node, nodes.Const):
            return node
        if isinstance(node, nodes.Name | nodes.Getattr):
            return self.named(node, loops)
        if isinstance(node, nodes.Filter):
            return self.filter(node, loops)
        if isinstance(node, nodes.Not | nodes.Neg | nodes.Pos):
            return type(node)(self.expression(node.node, loops), lineno=line)
        if isinstance(node, nodes.And | nodes.Or | nodes.Add | nodes.Sub):
            return type(node)(self.expression(node.left, loops), self.expression(node.right, loops), lineno=line)
        if isinstance(node, nodes.CondExpr):
            parts = [node.test, node.expr1, node.expr2 or nodes.Const("", lineno=line)]
            return nodes.CondExpr(*[self.expression(each, loops) for each in parts], lineno=line)
        if isinstance(node, nodes.Concat):
            return nodes.Concat([self.expression(each, loops) for each in node.nodes], lineno=line)
        if isinstance(node, nodes.Compare):
            sides = [nodes.Operand(each.op, self.side(each.expr, loops), lineno=line) for each in node.ops]
            return nodes.Compare(self.expression(node.expr, loops), sides, lineno=line)
        return self.foreign(node)

    def side(self, node: nodes.Node, loops: tuple[str, ...]) -> nodes.Expr:
        """One side of a comparison: the only place for a list (`{% if product.category in ['mug', 'cup'] %}`)."""
        if isinstance(node, nodes.List):
            return nodes.List([self.expression(each, loops) for each in node.items], lineno=node.lineno)
        return self.expression(node, loops)

    def foreign(self, node: nodes.Node) -> nodes.Expr:
        """Say why this kind of expression is refused, and what to write."""
        operator = _OPERATORS.get(type(node))
        if operator:
            self.refuse("not-allowed", f"{operator} is not allowed in a prompt; write the words out", node, operator)
        elif isinstance(node, nodes.Call):
            called = _dotted(node.node) or "a value"
            text = f"{called}() cannot be called from a prompt; only filters can ({_filters()})"
            self.refuse("not-allowed", text, node, called.rsplit(".", 1)[-1])
        elif isinstance(node, nodes.Getitem):
            self.refuse("not-allowed", "[ ] is not allowed in a prompt; write product.colour", node, "[")
        elif isinstance(node, nodes.Test):
            self.refuse("not-allowed", f"`is {node.name}` is not allowed; write {{% if name %}}", node, node.name)
        else:
            kind = type(node).__name__.lower()
            self.refuse("not-allowed", f"a {kind} is not allowed in a prompt; write the words out", node)
        return nodes.Const("", lineno=node.lineno)

    def filter(self, node: nodes.Filter, loops: tuple[str, ...]) -> nodes.Expr:
        self.filtered = self.filtered or node.name != "required"
        inner = nodes.Const("", lineno=node.lineno) if node.node is None else self.expression(node.node, loops)
        bounds = TAKES.get(node.name)
        if bounds is None:
            text = f"no filter {node.name!r}; {nearest(node.name, TAKES)}"
            self.refuse("unknown-filter", text, node, node.name)
            return inner
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not bounds[0] <= len(node.args) <= bounds[1]:
            wanted = str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]} to {bounds[1]}"
            self.refuse("unknown-filter", f"filter {node.name!r} takes {wanted} plain values", node, node.name)
            return inner
        arguments = [self.expression(each, loops) for each in node.args]
        if node.name == "required":
            bare = node.node
            while isinstance(bare, nodes.Filter) and bare.node is not None:
                bare = bare.node
            named = _dotted(bare) if bare is not None else ""
            arguments = [nodes.Const(named, lineno=node.lineno), nodes.Const(node.lineno, lineno=node.lineno)]
        return nodes.Filter(inner, node.name, arguments, [], None, None, lineno=node.lineno)

    def named(self, node: nodes.Name | nodes.Getattr, loops: tuple[str, ...]) -> nodes.Expr:
        dotted = _dotted(node)
        head, _, rest = dotted.partition(".")
        if head in loops and not rest:
            return nodes.Name(f"loop_{head}", "load", lineno=node.lineno)
        if head == "loop" and loops and rest in LOOP_NAMES:
            return nodes.Getattr(nodes.Name("loop", "load", lineno=node.lineno), rest, "load", lineno=node.lineno)
        if self.is_known(head, rest):
            return self.variable(dotted, node)
        self.unknown(node, dotted, loops)
        return nodes.Const("", lineno=node.lineno)

    def is_known(self, head: str, rest: str) -> bool:
        if head == "product":
            extra = rest.removeprefix("extra.")
            return rest in PRODUCT_NAMES or (rest.startswith("extra.") and "." not in extra and extra[:1] != "_")
        if head not in (*self.slots, *IMPLICIT_SLOTS):
            return False
        return rest in ("", "level") or (head == "market" and rest in MARKET_NAMES)

    def unknown(self, node: nodes.Node, dotted: str, loops: tuple[str, ...]) -> None:
        head, _, rest = dotted.partition(".")
        words = dotted.rsplit(".", 1)[-1]
        if not dotted or any(part.startswith("_") for part in dotted.split(".")):
            told = f"{dotted!r}" if dotted else f"attribute {getattr(node, 'attr', '')!r} of a value"
            text = f"{told} is out of reach: a prompt sees only the product, its slots, season and market"
            self.refuse("not-allowed", text, node, words)
        elif dotted in LISTS:
            self.refuse("not-allowed", f"{dotted} is a list; {{% for value in {dotted} %}} runs over it", node, words)
        elif head in (*self.slots, *IMPLICIT_SLOTS, *loops, "product", "loop"):
            known = [each for each in self.known(loops) if each.startswith(head)]
            text = f"undefined name {dotted!r}; {nearest(dotted, known)}"
            self.refuse("undefined-name", text, node, words if rest else head)
        else:
            near = nearest(dotted, self.known(loops))
            text = f"undefined name {dotted!r}; {near}"
            if not rest and not near.startswith("did you mean"):
                text = f"undefined name {dotted!r}; write `{dotted}: [level, level]` under `slots:`, or one of "
                text += ", ".join((*self.slots, *IMPLICIT_SLOTS, "product.subject", "product.colour", "…"))
            self.refuse("undefined-slot" if not rest else "undefined-name", text, node, head)

    def known(self, loops: Collection[str]) -> list[str]:
        """Every name that this prompt could use."""
        slots = [*self.slots, *IMPLICIT_SLOTS, *(f"market.{each}" for each in MARKET_NAMES)]
        return [*(f"product.{each}" for each in PRODUCT_NAMES), *slots, *loops]

    def variable(self, dotted: str, node: nodes.Node) -> nodes.Name:
        if dotted not in self.names:
            self.names.append(dotted)
        return nodes.Name(f"v{self.names.index(dotted)}", "load", lineno=node.lineno)


def _dotted(node: nodes.Node) -> str:
    """`product.colour` for a name with attributes, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        return ""
    return ".".join([node.name, *reversed(parts)])


def _filters() -> str:
    return ", ".join(sorted(TAKES))
