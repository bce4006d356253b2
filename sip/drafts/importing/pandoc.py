"""Running pandoc on files of strangers: in its sandbox, within limits of time and memory, down to our Markdown."""

import subprocess
import tempfile
from pathlib import Path

import pypandoc

from sip.drafts.importing.unreadable import Reason, UnreadableDocument

CPU_SECONDS = 20
WALL_SECONDS = 40
MEMORY_KB = 1536 * 1024
MAX_OUTPUT = 5 * 1024 * 1024

_DIALECT = "commonmark+pipe_tables+footnotes+strikeout"
READERS = {
    "docx": "docx",
    "odt": "odt",
    "html": "html-native_divs-native_spans",
    "markdown": _DIALECT,
}
# The shell sets the limits on itself and becomes pandoc, so that no code of ours runs between fork and exec.
_LIMITED = 'ulimit -t "$1"; ulimit -v "$2"; ulimit -f "$3"; shift 3; exec "$@"'

# What our Markdown does not have becomes what it has, and no word is lost on the way.
_FILTER = r"""
local stringify = pandoc.utils.stringify
local SUPERSCRIPTS = {["0"]="⁰", ["1"]="¹", ["2"]="²", ["3"]="³", ["4"]="⁴",
                      ["5"]="⁵", ["6"]="⁶", ["7"]="⁷", ["8"]="⁸", ["9"]="⁹"}
local SEPARATOR = pandoc.Inlines{pandoc.Space(), pandoc.Str("/"), pandoc.Space()}

local function content(element) return element.content end
local function nothing() return {} end
local function spaces(inlines) return inlines:walk{LineBreak = function() return pandoc.Space() end} end

local function raw_block(element)
  if element.format ~= "html" then return {} end
  -- Without files to read from, a frame cannot bring any in.
  return pandoc.read(element.text, "html-native_divs-native_spans", nil, {}).blocks
end

local function link(element)
  local scheme = element.target:match("^(%a[%w+.-]*):")
  local allowed = element.target:match("^/[^/\\]") or element.target == "/"
  if scheme then allowed = ({http = true, https = true, mailto = true})[scheme:lower()] end
  if not allowed then return element.content end
  return pandoc.Link(element.content, element.target)
end

local function superscript(element)
  local text = stringify(element)
  if text:match("^%d+$") then return pandoc.Str((text:gsub("%d", SUPERSCRIPTS))) end
  return element.content
end

local function header(element)
  local inlines = spaces(element.content)
  if #inlines == 1 and inlines[1].t == "Strong" then inlines = inlines[1].content end
  if stringify(inlines) == "" then return {} end
  return pandoc.Header(element.level, inlines)
end

local function letters(number, style)
  local text = tostring(number)
  if style:match("Alpha") and number <= 26 then text = string.char(96 + number) end
  if style:match("Roman") then text = pandoc.utils.to_roman_numeral(number):lower() end
  return style:match("^Upper") and text:upper() or text
end

local function ordered(element)
  local start, style = element.listAttributes.start, tostring(element.listAttributes.style)
  if not (style:match("Alpha") or style:match("Roman")) then
    return pandoc.OrderedList(element.content, pandoc.ListAttributes(start, "Decimal", "Period"))
  end
  for index, blocks in ipairs(element.content) do
    local mark = pandoc.Inlines{pandoc.Str(letters(start + index - 1, style) .. ")"), pandoc.Space()}
    local first = blocks[1]
    if first and (first.t == "Para" or first.t == "Plain") then
      blocks[1] = pandoc[first.t](mark .. first.content)
    else
      blocks:insert(1, pandoc.Plain(mark))
    end
  end
  return pandoc.BulletList(element.content)
end

local function definitions(element)
  local blocks = pandoc.Blocks{}
  for _, item in ipairs(element.content) do
    blocks:insert(pandoc.Para{pandoc.Strong(item[1])})
    for _, definition in ipairs(item[2]) do blocks:extend(definition) end
  end
  return blocks
end

local function figure(element)
  return #element.caption.long > 0 and element.caption.long or element.content
end

local function grid(element)
  local source = pandoc.List{}
  source:extend(element.head.rows)
  for _, body in ipairs(element.bodies) do source:extend(body.head); source:extend(body.body) end
  source:extend(element.foot.rows)
  local rows, width = {}, 0
  for y in ipairs(source) do rows[y] = {} end
  for y, row in ipairs(source) do
    local x = 1
    for _, cell in ipairs(row.cells) do
      while rows[y][x] do x = x + 1 end
      for below = y, math.min(#source, y + cell.row_span - 1) do
        for right = x, x + math.min(cell.col_span, 50) - 1 do rows[below][right] = pandoc.Blocks{} end
      end
      rows[y][x] = cell.contents
    end
    width = math.max(width, #rows[y])
  end
  return rows, width
end

local function items(element)
  local blocks = pandoc.Blocks{}
  for _, item in ipairs(element.content) do blocks:extend(item) end
  return blocks
end

local function simple_table(element)
  local rows, width = grid(element)
  local blocks = pandoc.Blocks{}
  blocks:extend(element.caption.long)
  if #rows == 0 or width == 0 then return blocks end
  -- A table of one column is a frame around paragraphs.
  if width == 1 then
    for _, row in ipairs(rows) do blocks:extend(row[1] or {}) end
    return blocks
  end
  local aligns, widths, cells = {}, {}, {}
  for x = 1, width do
    aligns[x], widths[x] = element.colspecs[x] and element.colspecs[x][1] or "AlignDefault", 0
  end
  for y, row in ipairs(rows) do
    cells[y] = {}
    for x = 1, width do
      local blocks_of_cell = (row[x] or pandoc.Blocks{}):walk{BulletList = items, OrderedList = items}
      local inlines = spaces(pandoc.utils.blocks_to_inlines(blocks_of_cell, SEPARATOR))
      cells[y][x] = pandoc.Blocks{pandoc.Plain(inlines)}
    end
  end
  local head = table.remove(cells, 1)
  blocks:insert(pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligns, widths, head, cells)))
  return blocks
end

local function joined_lists(blocks)
  local result = pandoc.Blocks{}
  for _, block in ipairs(blocks) do
    local last = result[#result]
    if last and last.t == block.t and (block.t == "BulletList" or block.t == "OrderedList") then
      last.content:extend(block.content)
      result[#result] = last
    else
      result:insert(block)
    end
  end
  return result
end

local function front_page(document)
  local blocks = pandoc.Blocks{}
  local function add(value, make)
    if value == nil then return end
    local kind = pandoc.utils.type(value)
    if kind == "List" then for _, item in ipairs(value) do add(item, make) end
    elseif kind == "Blocks" then blocks:extend(value)
    elseif stringify(value) ~= "" then blocks:insert(make(pandoc.Inlines(value))) end
  end
  -- The title of a web page is on its window, not in its text.
  if not PANDOC_STATE.input_files[1]:match("html$") then
    add(document.meta.title, function(inlines) return pandoc.Header(1, spaces(inlines)) end)
  end
  add(document.meta.subtitle, function(inlines) return pandoc.Para{pandoc.Strong(inlines)} end)
  add(document.meta.date, pandoc.Para)
  add(document.meta.author, pandoc.Para)
  add(document.meta.abstract, pandoc.Para)
  blocks:extend(document.blocks)
  return pandoc.Pandoc(blocks)
end

return {
  {Pandoc = front_page},
  {RawBlock = raw_block, RawInline = nothing},
  {
    Link = link, Image = function(element) return element.caption end,
    Span = content, Underline = content, SmallCaps = content, Subscript = content, Cite = content,
    Superscript = superscript,
    Math = function(element) return pandoc.Str(element.text) end,
    Code = function(element) return pandoc.Code(element.text) end,
    CodeBlock = function(element) return pandoc.CodeBlock(element.text) end,
    Div = content, Header = header, OrderedList = ordered, DefinitionList = definitions, Figure = figure,
    LineBlock = function(element)
      return pandoc.Para(pandoc.utils.blocks_to_inlines(
        element.content:map(function(line) return pandoc.Plain(line) end), {pandoc.LineBreak()}))
    end,
    Table = simple_table,
  },
  {Blocks = joined_lists},
}
"""


def run_pandoc(data: bytes, kind: str) -> str:
    """Return the Markdown of a document whose kind is one of READERS; raises UnreadableDocument."""
    with tempfile.TemporaryDirectory(prefix="sip-import-") as name:
        folder = Path(name)
        (folder / "filter.lua").write_text(_FILTER, encoding="utf-8")
        (folder / f"document.{kind}").write_bytes(data)
        arguments = [
            *("/bin/sh", "-c", _LIMITED, "sh", str(CPU_SECONDS), str(MEMORY_KB), str(MAX_OUTPUT // 512)),
            *(pypandoc.get_pandoc_path(), "--sandbox", "--quiet", f"--data-dir={folder}", f"--from={READERS[kind]}"),
            *(f"--to={_DIALECT}-raw_html", "--wrap=none", "--eol=lf", "--lua-filter=filter.lua", "--output=text"),
            f"document.{kind}",
        ]
        environment = {"LANG": "C.UTF-8", "HOME": name, "TMPDIR": name}
        try:
            # The command is ours; only the content of the file is a stranger's.
            subprocess.run(  # noqa: S603
                arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=WALL_SECONDS, check=True,
            )  # fmt: skip
            return (folder / "text").read_text(encoding="utf-8")
        except subprocess.TimeoutExpired as error:
            raise UnreadableDocument(Reason.TOO_COMPLEX, "too slow") from error
        except subprocess.CalledProcessError as error:
            detail = error.stderr.decode("utf-8", "replace")[:500]
            # Below zero: killed, for time or size; 251: pandoc ran out of memory.
            too_much = error.returncode < 0 or error.returncode in (251, 137, 152, 153)
            raise UnreadableDocument(Reason.TOO_COMPLEX if too_much else Reason.CONVERTER_FAILED, detail) from error
