"""The one palette and type scale, for pages, emails, and what is printed.

Anyone who shows colours takes them from here: the style sheet of the pages, the frame of emails, and the local console.
`tests/rules/test_palette.py` computes the contrast of each pair that meets on a page (WCAG 2.2: 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "page": "#ffffff",
        "card": "#ffffff",
        "wash": "#f3f5f8",
        "text": "#1f2328",
        "soft": "#57606a",
        "line": "#d0d7de",
        "field": "#7b848e",
        "link": "#1746a2",
        "link-hover": "#0f347a",
        "action": "#1746a2",
        "action-hover": "#0f347a",
        "on-action": "#ffffff",
        "focus": "#1746a2",
        "good": "#1a7f37",
        "warning": "#835700",
        "high": "#b04500",
        "bad": "#c01f2c",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "page": "#13171e",
        "card": "#181c25",
        "wash": "#1f2630",
        "text": "#dfe3e8",
        "soft": "#a3adb8",
        "line": "#3d444d",
        "field": "#76808b",
        "link": "#8cb8ff",
        "link-hover": "#b5d1ff",
        "action": "#2f66cc",
        "action-hover": "#2556b0",
        "on-action": "#ffffff",
        "focus": "#8cc8ff",
        "good": "#4cc065",
        "warning": "#d9a02b",
        "high": "#f58f47",
        "bad": "#ff8a84",
    }
)
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Arial, sans-serif"
SIZES: Mapping[str, str] = MappingProxyType(
    {"small": ".9rem", "body": "1rem", "h3": "1.1rem", "h2": "1.2rem", "h1": "1.5rem", "big": "2rem"}
)


def as_css() -> str:
    """Return the palette as custom properties: light, and dark where the reader's system asks for it."""
    sizes = {**{f"size-{name}": size for name, size in SIZES.items()}, "font": FONT}
    return (
        f":root {{ color-scheme: light dark; {_properties({**LIGHT, **sizes})} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_properties(DARK)} }} }}\n"
    )


def _properties(values: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())


def plain_style() -> str:
    """Return the style of a page that loads no style sheet: one column of text, and buttons."""
    return as_css() + _PLAIN


_PLAIN = """body { font: var(--size-body)/1.5 var(--font); color: var(--text); background: var(--page); max-width: 34rem;
  margin: 10vh auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: var(--size-h1); } h2 { font-size: var(--size-h2); } a { color: var(--link); }
button { font: inherit; font-weight: 600; color: var(--on-action); background: var(--action); border: 0; border-radius: .5rem;
  min-height: 2.9rem; padding: 0 1.25rem; cursor: pointer; }
button:hover { background: var(--action-hover); }
:focus-visible { outline: .2rem solid var(--focus); outline-offset: .15rem; }
"""
