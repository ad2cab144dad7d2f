"""The built book as a reader meets it: in a browser, on a phone, in the dark, without a network."""

import doctest
import functools
import http.server
import importlib.util
import math
import os
import re
import shutil
import threading
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml

from tools.imports import ROOT
from tools.map import modules

pytestmark = pytest.mark.xdist_group("book")  # one browser serves all

HTML = ROOT / "_build" / "html"
BROWSERS = (
    "chromium chromium-browser google-chrome google-chrome-stable chrome microsoft-edge".split()
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Width, height and the theme a page is loaded in; then it is switched to the other one.
SCREENS = {"desk": (1280, 900, "light"), "phone": (390, 844, "dark")}
OTHER = {"light": "dark", "dark": "light"}
AXE_PAGES = ["book/index", "book/conventions", "book/how-we-know", "book/api/cells"]


def toc_pages():
    """The pages of the table of contents, in order, without suffix."""
    found = []

    def walk(entry):
        if isinstance(entry, dict):
            found.extend(entry[key] for key in ("root", "file") if key in entry)
        for part in entry.values() if isinstance(entry, dict) else entry:
            if isinstance(part, dict | list):
                walk(part)

    walk(yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8")))
    return found


PAGES = toc_pages()
LESSONS = [page for page in PAGES if page.startswith("notebooks/")]


class Page(HTMLParser):
    """What a page's HTML holds that can be checked without a browser."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.images = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)
            self.links.append(attributes.get("src", ""))
        if tag in {"link", "script", "source"}:
            self.links += filter(
                None, [attributes.get("href") if tag == "link" else attributes.get("src")]
            )


@functools.cache
def parsed(path):
    return Page(path)


@pytest.fixture(scope="module", autouse=True)
def built():
    if not (HTML / "index.html").is_file():
        pytest.fail("there is no _build/html: run `make book` first", pytrace=False)


# --- Without a browser -------------------------------------------------------------------------


def test_the_root_opens_the_landing_page():
    assert 'url=book/index.html"' in (HTML / "index.html").read_text(encoding="utf-8")


def test_every_page_of_the_contents_is_built():
    assert [page for page in PAGES if not (HTML / f"{page}.html").is_file()] == []


def test_every_link_and_anchor_inside_the_book_leads_somewhere():
    dead = []
    for page in PAGES:
        path = HTML / f"{page}.html"
        for link in parsed(path).links:
            address, anchor = urldefrag(link)
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                dead.append(f"{page}: {link}")
            elif anchor and target.suffix == ".html" and unquote(anchor) not in parsed(target).ids:
                dead.append(f"{page}: {link} (no such anchor)")
    assert dead == []


def test_every_image_says_what_one_sees():
    # The logo stands beside the book's name, so saying it again would only be noise.
    mute = []
    for page in PAGES:
        for image in parsed(HTML / f"{page}.html").images:
            alt = image.get("alt") or ""
            if "logo__image" in image.get("class", "") and not alt:
                continue
            if not re.search(r"\w+ \w+", alt) or alt.lower().endswith((".png", ".svg")):
                mute.append(f"{page}: {image.get('src', '')[:60]} has alt {alt!r}")
    assert mute == []


def test_every_module_has_its_entry_in_the_reference():
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "book" / "api").glob("*.md")
    )
    documented = set(re.findall(r"autoapimodule:: (\S+)", text))
    assert [name for name in modules() if f"{name}" not in documented] == []


def test_docstrings_become_restructured_text():
    spec = importlib.util.spec_from_file_location("api", ROOT / "book" / "_ext" / "api.py")
    api = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(api)
    assert doctest.testmod(api).failed == 0
    assert api.to_rst(["W_x and b_ of *a* * b"]) == [r"W_x and b\_ of *a* \* b"]
    assert api.to_rst(["    **kwargs: as `x`"]) == ["    **kwargs: as ``x``"]


# --- In a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def origin(built):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"no browser found (looked for {', '.join(BROWSERS)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


class Reader:
    """One page of a browser on a desk or a phone, which writes down what goes wrong, and where."""

    def __init__(self, browser, origin, screen):
        self.origin, self.troubles, self.where = origin, [], "search"
        self.width, height, self.theme = SCREENS[screen]
        context = browser.new_context(
            viewport={"width": self.width, "height": height},
            color_scheme=self.theme,
            reduced_motion="reduce",
        )
        context.route(lambda url: not url.startswith(origin), self._outside)
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.note(f"script error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def open(self, page):
        self.where = page
        self.page.goto(f"{self.origin}/{page}.html", wait_until="load")
        self.page.evaluate("() => window.MathJax?.startup?.promise")

    def switch_theme(self):
        self.theme = OTHER[self.theme]
        self.page.emulate_media(color_scheme=self.theme)

    def close(self):
        self.page.context.close()
        assert self.troubles == []

    def note(self, trouble):
        self.troubles.append(f"{self.where} ({self.width} px, {self.theme}): {trouble}")

    def _outside(self, route):
        self.note(f"asks another host for {route.request.url}")
        route.abort()

    def _console(self, message):
        if message.type == "error":
            self.note(f"console: {message.text}")

    def _failed(self, request):
        # Leaving a page breaks off what is still on its way, the icon above all.
        if request.failure != "net::ERR_ABORTED":
            self.note(f"failed: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.note(f"{response.status}: {response.url}")

    def look(self):
        """Note what a reader would see of raw markup, failed formulas and overflow."""
        for trouble in self.page.evaluate(LOOK):
            self.note(trouble)


# Returns a list of sentences, each of which names its element.
LOOK = r"""() => {
  const troubles = [];
  const say = trouble => troubles.push(trouble);
  const all = selector => [...document.querySelectorAll(selector)];
  const name = e =>
    [e.tagName.toLowerCase() + (e.id && "#" + e.id), ...e.classList].join(".");
  const article = document.querySelector("article.bd-article");

  for (const e of all("mjx-merror, .MathJax_Error, [data-mjx-error]"))
    say("formula with an error: " + (e.getAttribute("data-mjx-error") || e.title));
  const formulas = [all(".math").length, all("mjx-container").length];
  if (formulas[0] > formulas[1]) say(`of ${formulas[0]} formulas ${formulas[1]} are rendered`);

  const code = "pre, code, script, style, mjx-container, .highlight";
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode()); ) {
    if (text.parentElement.closest(code)) continue;
    const raw = text.data.match(/\$[^$]*\$|\\\(|\\tag|\\begin|```|:::|\{[a-z]+\}`|\]\(/);
    if (raw) say(`raw markup ${raw[0].slice(0, 40)} in ${name(text.parentElement)}`);
  }

  const headings = all("h1").filter(e => e.offsetParent).map(e => e.textContent);
  if (headings.length !== 1) say(`${headings.length} main headings: ${headings.join(", ")}`);

  // The theme cuts off what is too wide, so each element must fit, or scroll in itself.
  const across = document.documentElement.scrollWidth;
  if (across > innerWidth) say(`scrolls sideways: ${across} px wide`);
  const edge = article.getBoundingClientRect().right;
  const wide = [];
  const look = e => {
    if (e.matches("mjx-assistive-mml, .headerlink")) return;
    const box = e.getBoundingClientRect();
    if (box.width && box.right > edge + 2) wide.push(`${name(e)} by ${box.right - edge} px`);
    else if (!/auto|scroll/.test(getComputedStyle(e).overflowX)) [...e.children].forEach(look);
  };
  [...article.children].forEach(look);
  if (wide.length) say(`wider than the text: ${wide.slice(0, 5).join(", ")}`);

  for (const e of article.querySelectorAll("img"))
    if (e.offsetParent && e.complete && !e.naturalWidth) say(`image does not load: ${e.alt}`);
  return [...new Set(troubles)];
}"""


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_reads_well_and_asks_no_other_host(browser, origin, screen):
    reader = Reader(browser, origin, screen)
    for page in PAGES:
        reader.open(page)
        for _ in OTHER:
            reader.page.wait_for_selector(f"html[data-theme={reader.theme}]", timeout=5000)
            reader.look()
            reader.switch_theme()
    reader.close()


# A colour is read as well in its first word as in its thousandth, and axe takes its time for each.
ONE_WORD_OF_EACH_COLOUR = """() => {
  const seen = new Set();
  for (const word of document.querySelectorAll(".highlight span")) {
    if (!word.checkVisibility()) continue;
    const paper = getComputedStyle(word.closest(".highlight")).backgroundColor;
    const kind = word.className + paper;
    if (seen.has(kind)) word.replaceWith(word.textContent);
    seen.add(kind);
  }
}"""


def test_axe_finds_no_serious_violation(browser, origin):
    from axe_playwright_python.sync_playwright import Axe

    # Preloading would fetch the theme's imported styles from a wrong folder.
    options = {"preload": False, "resultTypes": ["violations"]}
    colours = options | {"runOnly": ["color-contrast"]}  # all that a theme can change
    reader = Reader(browser, origin, "desk")
    for page in AXE_PAGES + LESSONS:
        reader.open(page)
        reader.page.evaluate(ONE_WORD_OF_EACH_COLOUR)
        for rules in (options, colours):
            for violation in Axe().run(reader.page, options=rules).response["violations"]:
                if violation["impact"] in {"serious", "critical"}:
                    where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:3])
                    reader.note(f"{violation['id']}: {where}")
            reader.switch_theme()
    reader.close()


def test_search_finds_a_word_of_the_glossary(browser, origin):
    reader = Reader(browser, origin, "desk")
    reader.page.goto(f"{origin}/search.html?q=saturation")
    result = reader.page.locator("#search-results a", has_text="Glossary").first
    result.wait_for(timeout=10_000)
    reader.close()


def test_an_unfolded_solution_stays_inside_the_page(browser, origin):
    reader = Reader(browser, origin, "phone")
    for page in LESSONS:
        reader.open(page)
        reader.page.evaluate(
            "document.querySelectorAll('article details').forEach(d => { d.open = true })"
        )
        reader.look()
    reader.close()


def test_a_trouble_is_seen_and_named(browser, origin):
    reader = Reader(browser, origin, "phone")
    reader.open("book/conventions")
    reader.page.evaluate(
        """() => document.querySelector("article.bd-article").insertAdjacentHTML("beforeend",
        '<h1>Two</h1><p id="raw">$x_t$</p><mjx-merror title="no"></mjx-merror>'
        + '<div id="wide" style="width:900px;height:1px"></div>')"""
    )
    reader.look()
    reader.page.evaluate("() => fetch('https://example.org/x').catch(() => 0)")
    reader.page.context.close()
    seen = "\n".join(reader.troubles)
    assert "book/conventions (390 px, dark): raw markup $x_t$ in p#raw" in seen
    for part in ("formula with an error: no", "2 main headings", "div#wide by ", "example.org/x"):
        assert part in seen


@pytest.mark.parametrize("name", ["hero.svg", "hero-narrow.svg"])
def test_the_numbers_in_the_landing_figure_come_from_the_neuron(name):
    drawing = (ROOT / "book/_static" / name).read_text(encoding="utf-8")
    drawn = re.findall(r'data-w="([\d.]+)" data-h="([\d.]+)"', drawing)
    assert {w for w, _ in drawn} == {"1.2", "0.6"}
    for weight in ("1.2", "0.6"):
        state = math.tanh(1)
        for shown in [h for w, h in drawn if w == weight]:
            assert shown == f"{state:.3f}"
            state = math.tanh(float(weight) * state)
