"""Everything in the Python reference is described in NumPy sections, with examples that run.

The pages of docs/api are read as mkdocstrings reads them; sections are parsed by its own parser.
"""

import doctest
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import accumulate

import griffe
import pytest

from tests.documents import PAGES, ROOT

LISTED = re.compile(
    r"^::: netspatial\.(\S+)\n(?:    options:\n      members: \[(.+)\]\n)?", re.MULTILINE
)
MIN_EXAMPLES = 60
"""Lines of examples over all modules; one that is lost shows here."""


def listed() -> dict[str, list[str]]:
    """Objects of the reference by path, with the members that are shown; none listed means all."""
    return {
        path: members.split(", ") if members else []
        for page, text in PAGES.items()
        if page.startswith("docs/api/")
        for path, members in LISTED.findall(text)
    }


@cache
def package() -> griffe.Object | griffe.Alias:
    """The package as mkdocstrings reads it, without importing it."""
    return griffe.load("netspatial", search_paths=[ROOT], docstring_parser="numpy")


def shown(path: str, members: list[str]) -> Iterator[griffe.Object | griffe.Alias]:
    """Yield the object and those of its members that the page shows."""
    found = package()[path]
    if not found.is_module:
        yield found
    if found.is_module or found.is_class:
        for name, member in found.members.items():
            if name in members or not (members or name.startswith("_")):
                yield member


def named(sections: list[griffe.DocstringSection], kind: griffe.DocstringSectionKind) -> set[str]:
    """Names that the sections of a kind describe, without the stars of `*args`."""
    return {
        name.lstrip("*")
        for section in sections
        if section.kind is kind
        for item in section.value
        for name in item.name.split(", ")
    }


def problems(found: griffe.Object | griffe.Alias) -> list[str]:
    """Faults of an object's docstring."""
    if found.is_attribute and not (found.docstring or "property" in found.labels):
        return []  # a field; its class describes it
    if found.docstring is None:
        return [f"{found.path} has no docstring"]
    first, *rest = found.docstring.value.split("\n", 2)
    faults = []
    if not first.endswith(".") or (rest and rest[0]):
        faults.append(f"{found.path} has no first line that is a sentence")
    sections = found.docstring.parsed
    if found.is_class:
        faults += class_problems(found, sections)
    elif found.is_function:
        faults += function_problems(found, sections)
    return faults


def function_problems(
    found: griffe.Object | griffe.Alias, sections: list[griffe.DocstringSection]
) -> list[str]:
    """Faults in the sections of a function or method."""
    kinds = griffe.DocstringSectionKind
    described = named(sections, kinds.parameters)
    given = {one.name: one for one in found.parameters if one.name not in ("self", "cls")}
    faults = []
    if described != set(given):
        faults.append(f"{found.path} describes {sorted(described)}, and takes {list(given)}")
    # the page shows the first one's default for all of a group such as `a, b : int`
    faults += [
        f"{found.path} has another default for {item.name}; describe it in an entry of its own"
        for section in sections
        if section.kind is kinds.parameters
        for item in section.value
        if item.name in given and quoted(item.default) != quoted(given[item.name].default)
    ]
    returns = found.returns is not None and str(found.returns) != "None"
    if returns != any(section.kind in (kinds.returns, kinds.yields) for section in sections):
        faults.append(f"{found.path} returns {found.returns}: see its section Returns")
    return faults


def quoted(default: object) -> str:
    """A default as text, whichever quotes its author took."""
    return str(default).replace('"', "'")


def class_problems(
    found: griffe.Object | griffe.Alias, sections: list[griffe.DocstringSection]
) -> list[str]:
    """Faults in the sections of a class: its fields, or the parameters of its constructor."""
    kinds = griffe.DocstringSectionKind
    fields = {
        name: member
        for name, member in found.members.items()
        if member.is_attribute
        and member.annotation is not None
        and "property" not in member.labels
        and not name.startswith("_")
    }
    described = named(sections, kinds.attributes)
    undescribed = {name for name, field in fields.items() if not field.docstring} - described
    unknown = described - set(found.all_members)
    faults = [f"{found.path}: field {name} is not described" for name in sorted(undescribed)]
    faults += [f"{found.path} has no attribute {name}" for name in sorted(unknown)]
    constructor = found.members.get("__init__")
    if constructor is not None and "dataclass" not in found.labels:
        given = {one.name for one in constructor.parameters} - {"self"}
        if named(sections, kinds.parameters) != given:
            faults.append(f"{found.path} is made with {sorted(given)}: see its Parameters")
    return faults


def with_examples() -> list[str]:
    """Modules of the reference that hold examples."""
    found = set()
    for path in listed():
        for part in accumulate(path.split("."), "{}.{}".format):
            place = ROOT / "netspatial" / part.replace(".", "/")
            for file in (place.with_suffix(".py"), place / "__init__.py"):
                if file.is_file() and ">>> " in file.read_text(encoding="utf-8"):
                    found.add(f"netspatial.{part}")
    return sorted(found)


def examples(module: str) -> list[doctest.DocTest]:
    """The examples of a module, each with the names of the module."""
    return doctest.DocTestFinder(exclude_empty=True).find(import_module(module))


@pytest.mark.parametrize(("path", "members"), listed().items(), ids=list(listed()))
def test_the_docstring_has_numpy_sections(path: str, members: list[str]) -> None:
    assert [fault for one in shown(path, members) for fault in problems(one)] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/api/")])
def test_a_page_lists_each_object_once(page: str) -> None:
    found = [path for path, _ in LISTED.findall(PAGES[page])]
    assert found
    assert len(found) == len(set(found)) == PAGES[page].count("\n:::")


@pytest.mark.parametrize("module", with_examples())
def test_the_examples_run(module: str) -> None:
    lines: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for example in examples(module):
        runner.run(example, out=lines.append)
    assert not lines, "".join(lines)


def test_there_are_examples() -> None:
    count = sum(len(one.examples) for module in with_examples() for one in examples(module))
    assert count >= MIN_EXAMPLES
