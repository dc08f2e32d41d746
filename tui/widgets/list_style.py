"""What a big list looks like by default: its parts, and the styles that rows and cells can have."""

from __future__ import annotations

from typing import Final

LIST_CSS: Final = """
BigList {
    & > .list--titles { background: $panel; color: $text; text-style: bold; }
    & > .list--sorted { background: $panel; color: $text-accent; text-style: bold underline; }
    & > .list--cursor { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    & > .list--cursor-blurred { background: $surface-lighten-2; text-style: bold; }
    & > .list--mark { color: $text-accent; text-style: bold; }
    & > .list--error { color: $text-error; }
    & > .list--warning { color: $text-warning; }
    & > .list--note { color: $text-accent; }
    & > .list--good { color: $text-success; }
    & > .list--dim { text-style: dim; }
    & > .list--strong { text-style: bold; }
    & > .list--initiator { color: $text-primary; }
    & > .list--target { color: $foreground; }
    & > .list--gap { color: $text-warning; text-style: italic; }
}
"""
