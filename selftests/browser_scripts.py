"""What is asked of a page from inside: each of these is a function of JavaScript's."""

from __future__ import annotations

NAMED = """
const named = one => one.tagName.toLowerCase() + (one.id ? "#" + one.id : "")
  + (one.getAttribute("class") ? "." + one.getAttribute("class").trim().split(/\\s+/).join(".") : "")
  + " " + JSON.stringify((one.getAttribute("aria-label") || one.textContent || "").trim().slice(0, 40));
window.numbers ||= new Map([...document.querySelectorAll("*")].map((one, place) => [one, place]));
const numbered = one => window.numbers.get(one);
"""

WATCH = """
(() => {
  const add = EventTarget.prototype.addEventListener;
  window.clickable = new Set();
  EventTarget.prototype.addEventListener = function (kind, ...rest) {
    if (this instanceof Element && /^(click|mousedown|mouseup|pointerdown|pointerup|dblclick)$/.test(kind))
      window.clickable.add(this);
    return add.call(this, kind, ...rest);
  };
})()
"""
"""Before the page: remember what listens to a pointer."""

FOCUSED = f"""() => {{ {NAMED}
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect(), at = [.02, .1, .25, .5, .75, .9, .98];
  const seen = at.some(x => at.some(y => {{
    const hit = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    return hit && (one.contains(hit) || (hit.contains(one) && hit.matches("td, label")));
  }}));
  return {{ name: named(one), number: numbered(one), seen,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 }};
}}"""
"""Where the focus is, whether it can be seen there, and whether something covers it."""

REACHABLE = f"""() => {{ {NAMED}
  const wanted = "a[href], button, input, select, textarea, summary, audio[controls], video[controls], [onclick], "
    + "[tabindex], [role=button], [role=link], [role=checkbox], [role=tab], [contenteditable]";
  const used = new Set(document.querySelectorAll(wanted));
  for (const one of window.clickable || []) used.add(one);
  for (const one of document.querySelectorAll("*")) {{
    const style = getComputedStyle(one);
    if ((one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(style.overflowX))
      || (one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(style.overflowY))) used.add(one);
  }}
  const shown = one => one.isConnected && one.checkVisibility({{ visibilityProperty: true }}) && !one.disabled;
  const focusable = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  return [...used].filter(one => shown(one) && one !== document.documentElement && one !== document.body)
    // A cell that is clicked is operated by a button in it, or, if it is one of a row, by the row's.
    .map(one => {{
      const native = one.matches(wanted) && !one.matches("[onclick]:not(a, button, input, summary)");
      const around = native ? [one] : [one, ...(one.matches("td") ? one.parentNode : one).querySelectorAll(focusable)];
      return {{ name: named(one), by: around.map(numbered) }};
    }});
}}"""
"""What can be operated, and the elements any of which does it."""

CUT_OFF = f"""() => {{ {NAMED}
  const found = [], wide = document.documentElement.clientWidth, paper = matchMedia("print").matches;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {{
    const text = texts.currentNode, parent = text.parentElement;
    if (!text.data.trim() || parent.closest("script, style, template, noscript, option, title, desc")) continue;
    const folded = parent.closest("details:not([open])");
    if (!parent.checkVisibility()) {{
      // What is folded on the screen can be opened; on paper it cannot.
      if (paper && folded) found.push(named(parent));
      continue;
    }}
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {{
      let left = 0, right = wide;
      let lost = false, scrolled = false;
      for (let one = parent; one && one !== document.body; one = one.parentElement) {{
        const style = getComputedStyle(one), frame = one.getBoundingClientRect();
        for (const [flow, out] of [[style.overflowX, box.right > frame.right + 1 || box.left < frame.left - 1],
            [style.overflowY, box.bottom > frame.bottom + 1 || box.top < frame.top - 1]]) {{
          if (/auto|scroll/.test(flow)) scrolled ||= !paper, lost ||= paper && out;
          else if (/hidden|clip/.test(flow) && one.tagName !== "svg") lost ||= out && !scrolled;
        }}
      }}
      if (lost || (!scrolled && (box.right > right + 1 || box.left < left - 1))) {{ found.push(named(parent)); break; }}
    }}
  }}
  return found;
}}"""
"""Texts that stick out of the page or of what clips them; what a region scrolls to is not cut off but on paper."""

OUTWARD = f"""() => {{ {NAMED}
  return [...document.querySelectorAll("link, base, iframe, object, embed, form[action], [ping], [srcset], "
    + "[background], [src]:not([src^='data:']):not([src='']), meta[http-equiv=refresh i]")].map(named);
}}"""
"""Elements that load, send, or lead elsewhere without being asked."""
