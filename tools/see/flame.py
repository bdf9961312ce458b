# SPDX-License-Identifier: BSD-3-Clause
"""A flame graph: each function as wide as the samples that it was in, above
who called it. (The idea is Brendan Gregg's.)"""
from tools.see.svg import Picture, colour

WIDTH, ROW = 1200, 17


class Node:
    def __init__(self):
        self.count, self.children = 0, {}


def tree(stacks):
    """(stacks): {tuple of names, outermost first: samples}."""
    root = Node()
    for stack, count in stacks.items():
        root.count += count
        node = root
        for name in stack:
            node = node.children.setdefault(name, Node())
            node.count += count
    return root


def depth(node):
    return 1 + max((depth(child) for child in node.children.values()),
                   default=0)


def draw_node(picture, name, node, x, y, scale, whole):
    width = node.count * scale
    if width < 0.3:
        return
    picture.rect(x, y, width - 0.3, ROW - 1, colour(name, 0, 50),
                 f"{name}: {node.count} samples, "
                 f"{100 * node.count / whole:.1f} %")
    fits = int((width - 6) / 6.5)
    if fits > 2:
        shown = name if len(name) <= fits else name[:fits - 1] + "…"
        picture.text(x + 3, y + 12, shown)
    for child in sorted(node.children):
        draw_node(picture, child, node.children[child], x, y - ROW, scale,
                  whole)
        x += node.children[child].count * scale


def draw(stacks, title, path):
    root = tree(stacks)
    picture = Picture(WIDTH, f"{title}: {root.count} samples")
    bottom = picture.height + depth(root) * ROW
    draw_node(picture, "all", root, 8, bottom - ROW,
              (WIDTH - 16) / max(root.count, 1), max(root.count, 1))
    picture.height = bottom + 8
    picture.write(path)


def folded(stacks):
    """A line for each stack, as other flame graphs' tools want them."""
    return "".join(f"{';'.join(stack)} {count}\n"
                   for stack, count in sorted(stacks.items()))
