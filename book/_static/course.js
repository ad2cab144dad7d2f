// What the theme leaves out for readers who use a keyboard or a screen reader.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];

  // A name that a button shows must be part of the name that is spoken.
  function nameButtons() {
    for (const button of all("button.search-button__button, button.search-button-field"))
      button.setAttribute("aria-label", "Search Ctrl+K");
    for (const button of all("button.theme-switch-button")) button.setAttribute("aria-label", "Colour mode: light, dark or as the system");
    for (const summary of all("details.hide > summary")) summary.removeAttribute("aria-label");
    for (const summary of all(".bd-sidebar-primary details > summary")) {
      const link = summary.closest("li")?.querySelector("a");
      summary.setAttribute("aria-label", `Pages of ${link?.textContent.trim() ?? "this part"}`);
    }
  }

  // A folded solution says that it is one.
  function nameSolutions() {
    for (const title of all(".tag_solution details.hide > summary > p"))
      title.textContent = title.textContent.replace("code", "solution");
  }

  // What scrolls sideways inside itself must be reachable by keyboard.
  function reachScrollers() {
    for (const box of all(
      ".bd-article pre, .pst-scrollable-table-container, .bd-article div.math, mjx-container[display], .cell_output .text_html"
    )) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
      else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
  }

  addEventListener("DOMContentLoaded", nameButtons);
  addEventListener("DOMContentLoaded", nameSolutions);
  addEventListener("load", () => {
    nameButtons();
    reachScrollers();
    window.MathJax?.startup?.promise?.then(reachScrollers);
  });
  addEventListener("resize", reachScrollers);

  // On paper everything is unfolded.
  addEventListener("beforeprint", () => all(".bd-article details").forEach((d) => (d.open = true)));
})();
