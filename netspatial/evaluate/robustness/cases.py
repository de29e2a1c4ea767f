"""The bad inputs of a seed: every file of every command spoilt, every option given bad values.

A case is its name: the same seed and name make the same bad input again.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from netspatial.evaluate.robustness.commands import (
    COMMANDS,
    COUNT,
    NAME,
    NUMBER,
    PATH,
    Command,
)
from netspatial.evaluate.robustness.spoil import spoil
from netspatial.randomness import stream

HUGE = "1" + "0" * 400
NUMBERS = ("nan", "inf", "-inf", "x", "", "-1", "0", "1e308", "1e-320", HUGE, "1_0", "0x10", "٣")
BAD_OPTIONS: dict[str, tuple[str, ...]] = {
    NUMBER: NUMBERS,
    COUNT: (*NUMBERS, "1.5", "1000000", "100000000", str(2**63), str(2**64), f"-{HUGE}"),
    PATH: (
        "",
        ".",
        "/",
        "nowhere",
        "no/where/x.json",
        "a" * 5000,
        "/" + "a/" * 2000,
        "~nobody/x",
        "\udcff",
        "x\ny",
        "[/]",
        "-",
        "file:///nowhere",
        "http://",
        "x.tif",
        "loop",
        "#",
        "a#b=c",
        "osm:",
        "x:y",
        "://",
        "raster:",
        "https://",
        "\u202e.json",
        "CON",
        "folder",
        "fifo.csv/x",
    ),
    NAME: (
        "",
        " ",
        "x",
        "[/]",
        "[bold]",
        "\udcff",
        "a" * 4000,
        "\n",
        "🙂",
        "<script>",
        "=",
        "a=",
        "=1",
        ",",
        ",,",
        "a,a",
        "nan",
        "nan,nan,nan,nan",
        "1,2",
        "inf,0,1,2",
        "1,2,3,4,5",
        "0,0",
        "Europe/Nowhere",
        "../../etc",
        "/",
        "EST5EDT6",
        "2026-13-01",
        "0001-01-01",
        "cuda",
        "cpu:99",
        "meta",
        "mps",
        "9999-12-31",
        "lsi=nan",
        "demand=1e400",
        "llm:",
        "llm:x",
        "None",
        "total,total",
        HUGE,
    ),
}
"""By kind of option. Paths are of nothing outside a case's own folder that could be written to."""
READ_ONLY = ("/", "/" + "a/" * 2000)
"""Values that are not given to what is written: nothing outside the case's folder is risked."""

PREPARED = "prepared.json"


@dataclass(frozen=True)
class BadInputCase:
    """One bad input.

    target     : the file that is spoilt, or the option that is given `value`
    prepare    : what else is done to the good files; argv : other words than the command's
    refused    : whether no result can be right
    file_bytes : to which the size of files is limited, as by a full disk
    """

    command: str
    target: str
    number: int
    value: str | None = None
    prepare: Callable[[Path], None] | None = None
    argv: tuple[str, ...] | None = None
    refused: bool = False
    file_bytes: int | None = None

    @property
    def name(self) -> str:
        """By which it is found again."""
        return f"{self.command}/{self.target}/{self.number}"

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command line."""
        if self.argv is not None:
            return self.argv
        given = () if self.value is None else (self.target, self.value)
        return (*COMMANDS[self.command].argv, *given)


def cases(seed: int, each: int, options: int) -> Iterator[BadInputCase]:
    """Yield the bad inputs of a seed, command by command.

    each    : spoilt files for every file of a command
    options : bad values for every option
    """
    for name, command in COMMANDS.items():
        for file in command.spoilt:
            yield from (BadInputCase(name, file, number) for number in range(each))
        for option, kind in command.options.items():
            yield from _bad_options(seed, name, option, kind, options)


def _bad_options(
    seed: int, name: str, option: str, kind: str, count: int
) -> Iterator[BadInputCase]:
    values: Sequence[str] = BAD_OPTIONS[kind]
    if option == "--out":
        values = [value for value in values if value not in READ_ONLY]
    chance = stream(seed, "robustness", name, option)
    order = chance.permutation(len(values))[:count]
    for number, at in enumerate(order):
        value = values[int(at)]
        refused = kind in (NUMBER, COUNT) and value in ("nan", "x")
        yield BadInputCase(name, option, number, value, refused=refused)


def prepare(case: BadInputCase, seed: int, material: Path, folder: Path) -> None:
    """Put what the case's command reads into `folder`, spoilt; say beside it what was done.

    Run in a process of its own: what is spoilt may bring down the library that writes it.
    """
    command = COMMANDS[case.command]
    folder.mkdir(parents=True)
    copy_needs(command, material, folder)
    what, refused = f"{case.target} is {case.value!r:.80}", case.refused
    if case.prepare is not None:
        case.prepare(folder)
        what = case.target
    elif case.file_bytes is not None:
        what = f"files of at most {case.file_bytes} bytes"
    elif case.value is None:
        way = spoil(folder / case.target, stream(seed, "robustness", case.name))
        what = f"{case.target}: {'left as it was' if way is None else way.name}"
        hashed = case.target.endswith(".safetensors")
        refused = way is not None and (way.refused or hashed)
    metadata = {"what": what, "refused": refused}
    (folder.parent / PREPARED).write_text(json.dumps(metadata))


def copy_needs(command: Command, material: Path, folder: Path) -> None:
    """Copy the good files of a command."""
    for name in command.needs:
        if (material / name).is_dir():
            shutil.copytree(material / name, folder / name)
        else:
            shutil.copyfile(material / name, folder / name)
