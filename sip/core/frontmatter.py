"""YAML front matter of text files: strict reading, and a canonical writing that is the same bytes every time."""

import codecs
import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
_READABLE = 100

_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FENCE = re.compile(r"---[ \t]*")
_WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_NOT_WRITTEN_AS_IS = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_DOUBLE_QUOTES = re.compile(rf'["\\]|{_NOT_WRITTEN_AS_IS.pattern}')


class BadFrontMatter(ValueError):
    """Front matter that cannot be read; `line` counts from 1 in the whole file, and is in the message too."""

    def __init__(self, problem: str, line: int):
        super().__init__(f"line {line}: {problem}")
        self.problem = problem
        self.line = line


class BadEncoding(ValueError):
    """Bytes that are no text in an encoding we accept; `position` is the first offending byte, counted from 0."""

    def __init__(self, encoding: str, position: int):
        super().__init__(f"byte {position} is not valid {encoding}")
        self.encoding = encoding
        self.position = position


def decode(data: bytes, *, foreign: bool = False) -> str:
    """Text of a file, LF only and without byte order mark; `foreign` files may also be in Windows-1252."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif data.startswith(codecs.BOM_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "cp1252"] if foreign else ["utf-8"]
    first: UnicodeDecodeError | None = None
    for encoding in encodings:
        try:
            return normalise(data.decode(encoding))
        except UnicodeDecodeError as error:
            first = first or error
    assert first is not None
    # Python counts from behind the byte order mark, people from the beginning of the file.
    position = first.start + len(data) - len(first.object)
    raise BadEncoding(encodings[0].removesuffix("-sig"), position)


def normalise(text: str) -> str:
    """The same text with LF line ends and without a leading byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def split(text: str) -> tuple[dict[str, Any], str]:
    """Front matter (empty where there is none) and body, without the blank line and the final LF that `join` writes."""
    text = normalise(text)
    lines = text.split("\n")
    if not _FENCE.fullmatch(lines[0]):
        return {}, text.removesuffix("\n")
    end = next((number for number, line in enumerate(lines) if number and _FENCE.fullmatch(line)), None)
    if end is None:
        raise BadFrontMatter("the front matter is not closed by a line of three hyphens", 1)
    meta = load("\n".join(lines[1:end]), first_line=2)
    if meta is None:
        meta = {}
    if not isinstance(meta, dict):
        raise BadFrontMatter("the front matter is not a list of names and values", 2)
    body = "\n".join(lines[end + 1 :])
    return meta, body.removeprefix("\n").removesuffix("\n")


def join(meta: Mapping[str, Any], body: str) -> str:
    """Text of a file; `split` gives back the same meta and body, whatever they hold."""
    return f"---\n{dump(meta)}---\n" + (f"\n{body}\n" if body else "")


def load(text: str, *, first_line: int = 1) -> Any:
    """Value of a small YAML text: no aliases, tags or repeated keys; timestamps become UTC; raises BadFrontMatter."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadFrontMatter(f"the front matter is larger than {MAX_BYTES // 1024} KB", first_line)
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise BadFrontMatter(f"the character U+{error.character:04X} may not stand here", line + first_line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "this is not YAML"
        raise BadFrontMatter(problem, (mark.line if mark else 0) + first_line) from error
    finally:
        if loader is not None:
            loader.dispose()


def dump(value: Mapping[str, Any] | list[Any]) -> str:
    """Canonical YAML: keys in the given order, no wrapping, the same bytes with every version of the YAML library."""
    if isinstance(value, Mapping):
        return "".join(_entry(key, item) for key, item in value.items())
    return _items(value, "") or "[]\n"


def _entry(key: str, value: Any) -> str:
    if isinstance(value, (list, tuple)) and any(isinstance(item, (Mapping, list, tuple)) for item in value):
        return f"{_name(key)}:\n" + _items(value, "  ")
    return f"{_name(key)}: {_flow(value, in_flow=False)}\n"


def _items(values: Iterable[Any], indent: str) -> str:
    """One line for each item, or one for each of its fields where that would be too long to read."""
    lines: list[str] = []
    for value in values:
        line = f"{indent}- {_flow(value)}"
        if isinstance(value, Mapping) and len(line) > _READABLE:
            fields = [f"{_name(key)}: {_flow(item, in_flow=False)}" for key, item in value.items()]
            line = f"{indent}- " + f"\n{indent}  ".join(fields)
        lines.append(f"{line}\n")
    return "".join(lines)


def _flow(value: Any, *, in_flow: bool = True) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{_name(key)}: {_flow(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(_flow(item) for item in value) + "]"
        case str():
            return _string(value, in_flow=in_flow)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case dt.datetime():
            return _timestamp(value)
        case dt.date():
            return value.isoformat()
    raise TypeError(f"front matter cannot hold a {type(value).__name__}")


def _name(key: str) -> str:
    return key if _PLAIN_NAME.fullmatch(key) else _string(key)


def _string(value: str, *, in_flow: bool = True) -> str:
    if _NOT_WRITTEN_AS_IS.search(value):
        return '"' + _NOT_IN_DOUBLE_QUOTES.sub(_escape, value) + '"'
    is_plain = (
        value[:1].isalpha()
        and value.lower() not in _WORDS_OF_YAML
        and not value.endswith((" ", ":"))
        and not any(sign in value for sign in (": ", " #", *(",[]{}?" if in_flow else "")))
    )
    return value if is_plain else "'" + value.replace("'", "''") + "'"


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    return _ESCAPES.get(sign) or (f"\\x{ord(sign):02x}" if ord(sign) < 0x100 else f"\\u{ord(sign):04x}")


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("front matter cannot hold an infinite number")
    text = repr(value)
    # YAML 1.1 takes 1e-05 for a word; with a point it is a number.
    return text if "." in text else text.replace("e", ".0e")


def _timestamp(value: dt.datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("front matter holds timestamps with a time zone only")
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


class _Loader(yaml.SafeLoader):
    """SafeLoader without what can surprise: aliases, tags, repeated names, depth, times without a zone."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise yaml.composer.ComposerError(None, None, "anchors and aliases are not accepted", event.start_mark)
        if event.tag is not None:
            raise yaml.composer.ComposerError(None, None, "tags are not accepted", event.start_mark)
        if self.depth >= MAX_DEPTH:
            raise yaml.composer.ComposerError(None, None, "this is nested too deeply", event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a name is not text", key.start_mark)
            # YAML 1.1 would read the name “on” as true, and “<<” as an order to merge.
            key.tag = "tag:yaml.org,2002:str"
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"“{key.value}” stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error
        if isinstance(value, dt.datetime):
            return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
        return value
