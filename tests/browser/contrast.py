"""How well texts on a page stand out from what is behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

ENOUGH = 4.5
"""What a text of ordinary size needs (WCAG 2.2, 1.4.3)."""

MEASURE = """(among) => {
  const channel = (value) => (value /= 255) <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number);
    return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
  };
  const texts = [...document.querySelectorAll(among)].filter((element) =>
    element.checkVisibility() && !element.closest("svg, .hidden") &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return texts.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    return [element.textContent.trim().slice(0, 40), (a + .05) / (b + .05)];
  });
}"""


async def contrasts(page: Page, among: str) -> list[tuple[str, float]]:
    """Return every visible text among the elements of a selector, with its contrast."""
    measured: list[tuple[str, float]] = await page.evaluate(MEASURE, among)
    return measured


def faint(measured: list[tuple[str, float]]) -> list[str]:
    """Return the texts that stand out too little."""
    return [text for text, contrast in measured if contrast < ENOUGH]
