import datetime as dt

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sip.core.frontmatter import MAX_BYTES, BadEncoding, BadFrontMatter, decode, dump, join, load, split

# What a file can hold as UTF-8, LF only.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=60) | st.just("long, " * 20)
SCALARS = (
    TEXT
    | st.sampled_from(
        ["on", "No", "~", "2026-10-12", "1e5", "012", "a: b", "a #b", "- a", "'", '"', "a:", " a", "a ", "=", "<<"]
    )
    | st.booleans()
    | st.none()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(dt.UTC))
)
VALUES = SCALARS | st.lists(SCALARS, max_size=4) | st.lists(st.dictionaries(TEXT, SCALARS, max_size=3), max_size=3)
META = st.dictionaries(TEXT, VALUES, max_size=5)


@given(META, TEXT)
def test_what_is_joined_is_split_again(meta, body):
    written = join(meta, body)
    again, rest = split(written)
    assert rest == body
    assert again == meta
    assert list(again) == list(meta)
    assert join(again, rest) == written


@given(META)
def test_any_yaml_library_reads_what_we_write(meta):
    names = [name for name in meta if name.isalpha() and name.isascii() and len(name) > 5]
    read = yaml.safe_load(dump({name: meta[name] for name in names})) or {}
    assert read == {name: meta[name] for name in names}


def test_canonical_form():
    meta = {
        "title": "Comprendre : savoir pour décider",
        "label": "Document de travail au 12/10/2026",
        "groups": ["rennes", "gand"],
        "on": dt.date(2026, 10, 12),
        "frozen_at": dt.datetime(2026, 10, 12, 22, 15, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        "note": "L’« Établi » l'écrit, " + "très longuement " * 10,
        "cycle": "2026",
        "contributors": [{"name": "Élise, de Gand", "share": 0.42}],
        "empty": [],
    }
    assert dump(meta) == (
        "title: 'Comprendre : savoir pour décider'\n"
        "label: Document de travail au 12/10/2026\n"
        "groups: [rennes, gand]\n"
        "on: 2026-10-12\n"
        "frozen_at: 2026-10-12T20:15:00Z\n"
        f"note: '{'L’« Établi » l' + chr(39) * 2 + 'écrit, ' + 'très longuement ' * 10}'\n"
        "cycle: '2026'\n"
        "contributors:\n"
        "  - {name: 'Élise, de Gand', share: 0.42}\n"
        "empty: []\n"
    )


def test_files_without_front_matter_or_body():
    assert split("# Bonjour\n") == ({}, "# Bonjour")
    assert split("---\na: 1\n---") == ({"a": 1}, "")
    assert split("---\n---\n\n\ntext\n\n") == ({}, "\ntext\n")
    assert split("\ufeff---\r\na: 1\r\n---\r\nb\r\n") == ({"a": 1}, "b")
    assert split("---  \na: 1\n---\t\nb") == ({"a": 1}, "b")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("---\na: 1\n", 1, "not closed"),
        ("---\na: 1\nb: &x 2\n---\n", 3, "aliases"),
        ("---\na: &x 1\nb: *x\n---\n", 2, "aliases"),
        ("---\n<<: {a: 1}\nb: *x\n---\n", 3, "aliases"),
        ("---\na: 1\n\na: 2\n---\n", 4, "twice"),
        ("---\na: !!python/name:os.system x\n---\n", 2, "tags"),
        ("---\na: 1\nb: 2026-13-45\n---\n", 3, "month"),
        ("---\n- a\n---\n", 2, "names and values"),
        ("---\na: 1\nb: c: d\n---\n", 3, "mapping values"),
        ("---\na: 1\nb: \x07\n---\n", 3, "U+0007"),
        ("---\na: 1\nb: [1, 2}\n---\n", 3, "expected"),
        ("---\n[a]: b\n---\n", 2, "not text"),
        ("---\na: " + "[" * 500 + "\n---\n", 2, "deeply"),
        ("---\na: " + "9" * 5000 + "\n---\n", 2, "digits"),
        ("---\na: " + "x" * MAX_BYTES + "\n---\n", 2, "64 KB"),
    ],
)
def test_bad_front_matter_names_its_line(text, line, problem):
    with pytest.raises(BadFrontMatter, match=f"^line {line}: ") as caught:
        split(text)
    assert caught.value.line == line
    assert problem in caught.value.problem


def test_names_are_always_text_and_times_always_utc():
    meta, _ = split("---\non: 1\n2026: b\nat: 2026-10-12 20:15:00\nlocal: 2026-10-12T22:15:00+02:00\n---\n")
    moment = dt.datetime(2026, 10, 12, 20, 15, tzinfo=dt.UTC)
    assert meta == {"on": 1, "2026": "b", "at": moment, "local": moment}


def test_lists_alone_are_read_and_written():
    items = [{"slug": "rennes", "name": "Rennes"}, {"slug": "gand", "name": "Gand"}]
    assert load(dump(items)) == items
    assert load(dump([])) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), dt.datetime(2026, 1, 1)])
def test_values_without_a_stable_form_are_refused(value):
    with pytest.raises(ValueError, match="front matter"):
        dump({"a": value})
    with pytest.raises(TypeError, match="bytes"):
        dump({"a": b"x"})


def test_decoding():
    assert decode("Été\r\nà Liège\r".encode()) == "Été\nà Liège\n"
    assert decode("Été".encode("utf-8-sig")) == "Été"
    assert decode("Été".encode("utf-16")) == "Été"
    assert decode("Été à l’œuvre".encode("cp1252"), foreign=True) == "Été à l’œuvre"


@pytest.mark.parametrize(
    ("data", "foreign", "position"),
    [
        (b"ab\xe9", False, 2),
        (b"\xef\xbb\xbfab\xe9", False, 5),
        (b"\xef\xbb\xbfab\xe9", True, 5),
        (b"a\x81", True, 1),
        (b"\xff\xfea\0b", True, 4),
    ],
)
def test_undecodable_bytes_name_their_position(data, foreign, position):
    with pytest.raises(BadEncoding, match=f"^byte {position} ") as caught:
        decode(data, foreign=foreign)
    assert caught.value.position == position
