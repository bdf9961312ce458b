# SPDX-License-Identifier: BSD-3-Clause
"""A flame graph: each function as wide as the samples that it was in, above
who called it, and below all the thread by its first function. (The idea is
Brendan Gregg's.) In a browser a click shows one box and what is above it, and
a search counts what it finds."""
from xml.sax.saxutils import escape

from tools.see.frames import OUTERMOST
from tools.see.svg import FAINT, MARGIN, Picture, WIDTH_OF_A_LETTER, colour, \
    shorten

WIDTH, ROW, SIZE = 1200, 17, 11
LEAST = 0.3     # as wide as a box has to be

LIBOS = "the libOS: boot, idle CPUs"

SCRIPT = """\
"use strict";
const root = document.documentElement, boxes = [...root.querySelectorAll(".box")];
const all = +boxes[0].dataset.count, width = %(width)d, letter = %(letter)f;
const found = document.getElementById("found");
let shown = boxes[0], wanted = null;
function place(box) {
  const at = +box.dataset.at, count = +box.dataset.count;
  const from = +shown.dataset.at, whole = +shown.dataset.count;
  const above = at <= from && at + count >= from + whole;
  const inside = at >= from && at + count <= from + whole;
  const under = +box.dataset.depth < +shown.dataset.depth;
  const visible = under ? above : inside;
  const x = under ? 0 : (at - from) / whole * width;
  const w = under ? width : count / whole * width;
  box.style.display = visible && w >= %(least)f ? "" : "none";
  box.style.opacity = under ? 0.5 : 1;
  const rect = box.querySelector("rect"), text = box.querySelector("text");
  rect.setAttribute("x", %(margin)d + x);
  rect.setAttribute("width", Math.max(w - 0.3, 0.3));
  rect.style.fill = wanted && wanted.test(box.dataset.name) ? "#e9f" : "";
  const fits = Math.floor((w - 6) / letter), name = box.dataset.name;
  text.setAttribute("x", %(margin)d + x + 3);
  text.textContent = name.length <= fits ? name
    : fits > 3 ? name.slice(0, fits - 1) + "\\u2026" : "";
}
function draw() { boxes.forEach(place); }
function count() {
  let sum = 0, end = -1;
  const hits = boxes.filter(b => wanted && wanted.test(b.dataset.name))
    .sort((a, b) => a.dataset.at - b.dataset.at || b.dataset.count - a.dataset.count);
  for (const hit of hits)
    if (+hit.dataset.at >= end) {
      sum += +hit.dataset.count;
      end = +hit.dataset.at + +hit.dataset.count;
    }
  found.textContent = wanted
    ? wanted.source + ": " + (100 * sum / all).toFixed(1) + " %%" : "";
}
function search() {
  const text = prompt("Functions whose name matches (a regular expression):", "");
  if (text === null) return;
  try { wanted = text ? new RegExp(text) : null; } catch (e) { alert(e.message); }
  draw();
  count();
}
boxes.forEach(box => box.addEventListener("click", () => { shown = box; draw(); }));
document.getElementById("search").addEventListener("click", search);
document.getElementById("whole").addEventListener("click",
  () => { shown = boxes[0]; draw(); });
window.addEventListener("keydown", event => {
  if (event.key === "f" && event.ctrlKey) { event.preventDefault(); search(); }
  if (event.key === "Escape") { shown = boxes[0]; draw(); }
});
"""


class Node:
    def __init__(self):
        self.count, self.children = 0, {}


def by_thread(stack):
    """The stack above the name of its thread."""
    names = list(stack)
    while names and names[0] in OUTERMOST:
        names.pop(0)
    if not names or names[0].startswith("eft_"):
        return (LIBOS, *names)
    return (f"thread {names[0]}", *names)


def tree(stacks):
    """(stacks): {tuple of names, outermost first: samples}."""
    root = Node()
    for stack, count in stacks.items():
        root.count += count
        node = root
        for name in by_thread(stack):
            node = node.children.setdefault(name, Node())
            node.count += count
    return root


def depth(node):
    return 1 + max((depth(child) for child in node.children.values()),
                   default=0)


class Graph:
    def __init__(self, picture, root):
        self.picture, self.whole = picture, max(root.count, 1)
        self.scale = (WIDTH - 2 * MARGIN) / self.whole
        self.bottom = picture.height + depth(root) * ROW
        self.box("all", root, 0, 0)

    def box(self, name, node, at, level):
        """Samples (at) to (at) + node.count, (level) boxes above the bottom."""
        x, width = MARGIN + at * self.scale, node.count * self.scale
        y = self.bottom - (level + 1) * ROW
        shown = shorten(name, width - 6, SIZE)
        hidden = "" if width >= LEAST else ' style="display:none"'
        quoted = escape(name, {'"': "&quot;"})
        self.picture.raw(
            f'<g class="box" data-name="{quoted}" data-at="{at}" '
            f'data-count="{node.count}" data-depth="{level}"{hidden}>')
        self.picture.rect(x, y, width - 0.3, ROW - 1, colour(name, 0, 60),
                          f"{name}: {node.count} samples, "
                          f"{100 * node.count / self.whole:.1f} %")
        self.picture.raw(
            f'<text x="{x + 3:.2f}" y="{y + 12}" font-family="sans-serif" '
            f'font-size="{SIZE}" fill="#111">{escape(shown)}</text></g>')
        for child in sorted(node.children):
            self.box(child, node.children[child], at, level + 1)
            at += node.children[child].count


def controls(picture):
    for name, x, text in (("whole", WIDTH - 190, "show all"),
                          ("search", WIDTH - 110, "search (^F)")):
        picture.raw(f'<text id="{name}" x="{x}" y="20" fill="#25c" '
                    f'font-family="sans-serif" font-size="{SIZE + 1}" '
                    f'style="cursor:pointer">{text}</text>')
    picture.raw(f'<text id="found" x="{WIDTH - 210}" y="20" fill="{FAINT}" '
                f'font-family="sans-serif" font-size="{SIZE + 1}" '
                'text-anchor="end"></text>')


def draw(stacks, title, path):
    root = tree(stacks)
    picture = Picture(WIDTH, f"{title}: {root.count} samples")
    controls(picture)
    graph = Graph(picture, root)
    picture.height = graph.bottom + MARGIN
    script = SCRIPT % {"width": WIDTH - 2 * MARGIN, "margin": MARGIN,
                       "letter": SIZE * WIDTH_OF_A_LETTER, "least": LEAST}
    picture.raw(f"<script><![CDATA[\n{script}]]></script>")
    picture.write(path)


def folded(stacks):
    """A line for each stack, as other flame graphs' tools want them."""
    return "".join(f"{';'.join(stack)} {count}\n"
                   for stack, count in sorted(stacks.items()))
