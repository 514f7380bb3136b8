"""Read a deploy script for how it deploys the stack; nothing of it is ever run.

Understood is what such scripts are written with: quotes, comments, continued lines, variables with one value, their
defaults, arrays. What else a shell would work out stays unknown, and is said.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from stslab.submission.parameters import UNKNOWN, parameters_of

_OPERATIONS = ("deploy", "create-stack", "create-change-set", "update-stack")
_DOLLAR = "\x01"
"""Stands for a dollar sign that is one."""

_PIECES = re.compile(
    r"""
      (?P<single>'[^']*')
    | (?P<continued>\\\r?\n)
    | (?P<escaped>\\.)
    | (?P<computed>\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`)
    | (?P<comment>(?<![^\s;&|("])\#[^\n"]*(?=\n|$))
    """,
    re.VERBOSE | re.DOTALL,
)
_HEREDOC = re.compile(r"(?<!<)<<(?!<)-?[ \t]*['\"\\]?(\w+)")
_VARIABLE = re.compile(r"\$\{(?P<braced>\w+)(?:\[[@*]\])?(?::?[-=](?P<default>[^}]*))?\}|\$(?P<plain>\w+|[@*])")
_LEFT = re.compile(r"\$[\w{(]")
"""What of an expansion is left when all that are understood are done."""

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)\+?=(?P<value>.*)", re.DOTALL)
_DECLARING = frozenset({"export", "readonly", "local", "declare", "typeset", "set", "env"})
_OPENING, _CLOSING = frozenset({"if", "case", "while", "until", "for", "select"}), frozenset({"fi", "esac", "done"})
_LEADING = frozenset({"then", "else", "elif", "do", "{", "!", "time", "sudo", "exec", "command"}) | _OPENING

Value = str | list[str] | None
"""The value of a variable: a text, the words of an array, or ``None`` where it cannot be known."""


@dataclass(frozen=True)
class Deploy:
    """How a script deploys the stack.

    Args:
        operation: ``deploy``, ``create-stack`` and so on.
        stack_name: the stack's name, or ``None`` where it cannot be known.
        capabilities: what it acknowledges, or ``None`` where that cannot be known.
        parameters: values of the template's parameters.
        parameters_file: the file that has more of them, as ``file://`` gives its path, or ``None``.
        region: the region, or ``None`` where the script leaves it to the person's configuration.
        notes: a sentence for each thing that could not be read.
    """

    operation: str
    stack_name: str | None = None
    capabilities: tuple[str, ...] | None = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    parameters_file: str | None = None
    region: str | None = None
    notes: tuple[str, ...] = ()


def read_deploy(text: str) -> Deploy | None:
    """Find the command in a script that deploys a stack, and read it.

    Args:
        text: the script: of bash or a shell like it, of PowerShell, or of Windows' cmd.

    Returns:
        the first such command, or ``None`` where there is none.
    """
    variables: dict[str, Value] = {}
    found: list[Deploy] = []
    depth = 0
    for words, chained in _commands(text):
        while words and words[0] in _LEADING:
            depth += words.pop(0) in _OPENING
        if words and words[0] in _CLOSING:
            depth = max(0, depth - 1)
        _assign(words, variables, sometimes=depth > 0 or chained)
        deploy = _read(_evaluated(list(_expanded(words, variables))))
        if deploy is not None:
            found.append(deploy)
    if not found:
        return None
    others = sorted({str(each.stack_name) for each in found} - {str(found[0].stack_name)})
    if not others:
        return found[0]
    return Deploy(**{**vars(found[0]), "notes": (*found[0].notes, f"it deploys {', '.join(others)}, too.")})


def _commands(text: str) -> Iterator[tuple[list[str], bool]]:
    """The simple commands of a script, each as its words, and whether it hangs on how the one before it ends.

    Variables stand in the words still.
    """
    lexer = shlex.shlex(_plain(text), posix=True, punctuation_chars=";&|()\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    command: list[str] = []
    in_array = chained = False
    while (word := _next(lexer)) is not None:
        separates = bool(word) and not set(word) - set(";&|()\n")
        if in_array or (word.startswith("(") and command and command[-1].endswith("=")):
            in_array = not (separates and ")" in word)
            if not separates or not in_array or word.startswith("("):
                command.append(word.strip("\n") if separates else word)
        elif separates:
            if command:
                yield command, chained
            command, chained = [], "&&" in word or "||" in word
        else:
            command.append(word)
    if command:
        yield command, chained


def _evaluated(words: list[str]) -> list[str]:
    """The words of what ``eval`` is given, and any others as they are."""
    if words[:1] != ["eval"]:
        return words
    try:
        return shlex.split(" ".join(words[1:]))
    except ValueError:
        return []


def _next(lexer: shlex.shlex) -> str | None:
    try:
        return lexer.get_token()
    except ValueError:  # a quote that is not closed
        return None


def _plain(text: str) -> str:
    """The script without comments, here-documents and continued lines, and with marks for what is computed."""
    text = text.replace("\r\n", "\n").replace("\0", "").replace(UNKNOWN, "").replace(_DOLLAR, "")
    if re.search(r"^\s*(?:@?echo off|set \"?\w+=|rem\b)", text, re.IGNORECASE | re.MULTILINE):
        text = re.sub(r"\^\n", " ", text)
        text = re.sub(r"^\s*@?set \"?(\w+)=([^\"\n]*)\"?", r"\1='\2'", text, flags=re.IGNORECASE | re.MULTILINE)
        text = re.sub(r"^\s*(?:@?rem\b|::)[^\n]*", "", text, flags=re.IGNORECASE | re.MULTILINE)
        text = re.sub(r"%(\w+)%", r"${\1}", text).replace("\\", "/")
    elif re.search(r"^\s*(?:param\s*\(|\$\w+\s*=)|[ \t]`\n", text, re.MULTILINE):
        text = re.sub(r"`\n", " ", text)
        text = re.sub(r"^\s*\$\w+\s*=\s*(?=(?:aws|sam)\b)", "", text, flags=re.MULTILINE)
        text = re.sub(r"^\s*\$(?:env:)?(\w+)\s*=\s*", r"\1=", text, flags=re.MULTILINE)
    text = "\n".join(_without_heredocs(text.split("\n")))

    def replaced(found: re.Match[str]) -> str:
        if found.lastgroup == "single":
            return found[0].replace("$", _DOLLAR)
        if found.lastgroup == "computed":
            # What runs to have its answer kept runs all the same.
            return f"{UNKNOWN}\n{found[0][2:-1]}\n" if _deploys(found[0]) else UNKNOWN
        if found.lastgroup == "escaped":
            return _DOLLAR if found[0] == "\\$" else found[0]
        return " " if found.lastgroup == "continued" else ""

    return _PIECES.sub(replaced, text)


def _deploys(text: str) -> bool:
    return text.startswith("$(") and "cloudformation" in text and any(each in text for each in _OPERATIONS)


def _without_heredocs(lines: Sequence[str]) -> Iterator[str]:
    mark = None
    for line in lines:
        if mark is None:
            yield line
            found = _HEREDOC.search(line)
            mark = found[1] if found else None
        elif line.strip() == mark:
            mark = None


def _assign(words: Sequence[str], variables: dict[str, Value], *, sometimes: bool) -> None:
    """Take the assignments of a command in; one that is made only sometimes leaves a variable unknown if it changes."""
    if words and words[0] in (".", "source"):
        variables.update(dict.fromkeys(variables))  # another file may have changed any of them
    if words and words[0] == "unset":
        for name in words[1:]:
            variables.pop(name, None)
    declaring = bool(words) and words[0] in _DECLARING
    at = 1 if declaring else 0
    while at < len(words):
        found = _ASSIGNMENT.fullmatch(words[at])
        if found is None:
            if not declaring:
                return
            at += 1
            continue
        value: Value
        name, appends = found["name"], "+=" in words[at].removesuffix(found["value"])
        if words[at + 1 : at + 2] == ["("] and not found["value"]:
            end = words.index(")", at) if ")" in words[at:] else len(words)
            value = list(_expanded(words[at + 2 : end], variables))
            at = end
        else:
            value = next(iter(_expanded([found["value"]], variables)), "")
            value = None if value is not None and UNKNOWN in value else value
        before = variables.get(name)
        if appends and isinstance(before, list):
            value = [*before, *(value if isinstance(value, list) else [])]
        elif appends and isinstance(before, str):
            value = before + value if isinstance(value, str) else None
        variables[name] = None if sometimes and variables.get(name) != value else value
        at += 1


def _expanded(words: Sequence[str], variables: Mapping[str, Value]) -> Iterator[str]:
    """The words with variables replaced; :data:`UNKNOWN` stands where that cannot be done."""
    for word in words:
        whole = _VARIABLE.fullmatch(word)
        value = _value(whole, variables) if whole else None
        if isinstance(value, list):
            yield from value
        elif value is not None:
            # A variable that holds several words is meant to fall apart into them.
            yield from value.split() or [""]
        elif word not in ("$@", "$*"):
            text = _VARIABLE.sub(lambda found: _as_text(_value(found, variables)), word)
            yield UNKNOWN if _LEFT.search(text) else text.replace(_DOLLAR, "$")


def _value(found: re.Match[str], variables: Mapping[str, Value]) -> Value:
    name, default = found["braced"] or found["plain"], found["default"]
    if variables.get(name) is not None:
        return variables[name]
    # The lab runs a script without arguments, and in an environment that nobody knows.
    if default is not None and name not in variables:
        return _VARIABLE.sub(lambda inner: _as_text(_value(inner, variables)), default)
    return None


def _as_text(value: Value) -> str:
    return " ".join(value) if isinstance(value, list) else UNKNOWN if value is None else value


def _read(words: Sequence[str]) -> Deploy | None:
    """Read a command, if it deploys a stack with the AWS CLI or the SAM CLI.

    Of an option that is repeated the last one counts. Source: AWS CLI command reference, cloudformation deploy and
    create-stack.
    """
    names = [re.split(r"[/\\]", word)[-1].lower() for word in words]
    programs = [at for at, name in enumerate(names) if name in ("aws", "aws.exe", "sam")]
    if not programs:
        return None
    words = words[programs[0] :]
    is_sam = words[0].endswith("sam")
    begin = 1 if is_sam else next((at for at, word in enumerate(words) if word == "cloudformation"), len(words))
    operation = next((word for word in words[begin:] if word in _OPERATIONS), None)
    if operation is None or (is_sam and operation != "deploy"):
        return None
    options = _options(words[1:])
    notes: list[str] = []

    def one(name: str) -> str | None:
        value = next(iter(options.get(name, ())), None)
        if value is not None and UNKNOWN in value:
            notes.append(f"{name} is worked out by the shell, so it is not known.")
            return None
        return value

    # Until a redirection, say.
    given = takewhile(re.compile(rf"[\w{UNKNOWN} ,\[\]\"]+").fullmatch, options.get("--capabilities", ()))
    capabilities: tuple[str, ...] | None = tuple(
        part.strip(' []"') for word in given for part in word.split(",") if part.strip(' []"')
    )
    if any(UNKNOWN in word for word in capabilities or ()):
        notes.append("--capabilities is worked out by the shell, so it is not known.")
        capabilities = None
    elif "--capabilities" not in options and (is_sam or UNKNOWN in words):
        notes.append("it may be given capabilities that are not in the script.")
        capabilities = None
    parameters, file = parameters_of(options.get("--parameter-overrides", options.get("--parameters", ())), notes)
    return Deploy(
        operation=operation,
        stack_name=one("--stack-name"),
        capabilities=capabilities,
        parameters=parameters,
        parameters_file=file,
        region=one("--region"),
        notes=tuple(notes),
    )


def _options(words: Sequence[str]) -> dict[str, list[str]]:
    """The words behind each option, those after an equals sign included."""
    options: dict[str, list[str]] = {}
    current: list[str] = []
    for word in words:
        if re.match(r"--?[a-z]", word):
            name, equals, value = word.partition("=")
            current = options[name] = [value] if equals else []
        else:
            current.append(word)
    return options
