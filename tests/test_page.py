"""The page in a real browser: what a person sees, does, and never loses."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MESSAGES = "**/api/conversations/*/messages"
HURT = "He laughed at my idea in front of his sister and I went quiet."
CRISIS = "I want to end my life tonight"

# Replaces the reply stream by one that the test feeds through window.feed(name, data).
SLOW_REPLIES = """
  const real = window.fetch;
  window.fetch = (path, options = {}) => {
    if (!String(path).endsWith('/messages')) return real(path, options);
    const body = new ReadableStream({
      start(controller) {
        const bytes = (text) => controller.enqueue(new TextEncoder().encode(text));
        window.feed = (name, data) => bytes(`event: ${name}\\ndata: ${JSON.stringify(data)}\\n\\n`);
        window.cut = () => controller.error(new TypeError('network error'));
        options.signal?.addEventListener('abort', () => {
          try { controller.error(new DOMException('Aborted', 'AbortError')); } catch {}
        });
      },
    });
    return Promise.resolve(new Response(body, { status: 200 }));
  };
"""

CONTRAST = """(selector) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const node = document.querySelector(selector);
  let behind = node;
  while (rgba(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
  const pair = [getComputedStyle(node).color, getComputedStyle(behind).backgroundColor]
    .map((colour) => light(rgba(colour).slice(0, 3))).sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}"""


def missing(reason: str) -> None:
    """Skip, or fail where the browser is required."""
    if os.environ.get("SOFTSPOKEN_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of this module."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        missing("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Make browser contexts (each a person of its own) that are closed after the test."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        contexts.append(browser.new_context(**{"reduced_motion": "reduce", **options}))
        contexts[-1].set_default_timeout(15_000)
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


def watch(page: Page, server_url: str) -> list[str]:
    """Collect what must never happen: other hosts, script errors, policy violations, lost files."""
    problems: list[str] = []
    host = urlsplit(server_url).netloc

    def on_request(request: Any) -> None:
        if urlsplit(request.url).netloc != host:
            problems.append(f"a request to {request.url}")

    def on_console(message: Any) -> None:
        # A request that fails on purpose is reported here too; assets are checked below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    def on_response(response: Any) -> None:
        if response.status >= 400 and "/api/" not in response.url:
            problems.append(f"{response.status} for {response.url}")

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("response", on_response)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return problems


def until(page: Page, expression: str) -> None:
    """Wait for an expression to hold (the page's policy forbids Playwright's own way)."""
    for _ in range(250):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"never true: {expression}")


def ready(page: Page, server_url: str, path: str = "/") -> None:
    """Open the page and wait until it has read what it needs."""
    page.goto(server_url.rstrip("/") + path)
    page.wait_for_selector("body[data-ready]")


@pytest.fixture
def page(new_context: NewContext, server_url: str) -> Iterator[Page]:
    """The start page of a new person; at the end nothing may have gone wrong underneath."""
    page = new_context(viewport={"width": 1280, "height": 800}).new_page()
    problems = watch(page, server_url)
    ready(page, server_url)
    yield page
    assert problems == []


def box(page: Page) -> Any:
    return page.get_by_role("textbox", name="Message")


def send(page: Page, text: str) -> None:
    """Send a message and wait for the whole reply."""
    before = page.locator(".turn.theirs").count()
    box(page).fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".turn.theirs")).to_have_count(before + 1)
    expect(page.get_by_role("button", name="Send")).to_be_visible(timeout=15_000)


def reply_of(page: Page) -> str:
    return page.locator(".turn.theirs .text").last.inner_text()


def sse(*events: tuple[str, dict[str, Any]]) -> str:
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)


def turn(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "text": text, "at": "2025-01-01T00:00:00Z", **more}


def answer_with(page: Page, body: str) -> None:
    """Answer the next messages with a written stream."""
    page.route(MESSAGES, lambda r: r.fulfill(content_type="text/event-stream", body=body))


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# --- talking -----------------------------------------------------------------------------


def test_a_message_gets_a_reply(page: Page) -> None:
    send(page, HURT)
    assert page.locator(".turn.mine .text").inner_text() == HURT
    assert len(reply_of(page)) > 10
    assert box(page).input_value() == ""
    expect(page.locator("#notice")).to_be_empty()


def test_the_first_visit_says_what_this_is_without_standing_in_the_way(page: Page) -> None:
    note = page.locator("#note")
    expect(note).to_contain_text("AI, not a person and not a therapist")
    expect(note).to_contain_text("18 and over")
    send(page, HURT)
    page.get_by_role("button", name="New conversation").click()
    expect(note).to_be_hidden()


def test_the_page_sends_a_strict_content_policy(page: Page, server_url: str) -> None:
    policy = page.request.get(server_url).headers.get("content-security-policy", "")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_reload_restores_a_kept_conversation(page: Page) -> None:
    send(page, HURT)
    said = reply_of(page)
    page.reload()
    expect(page.locator(".turn.mine .text")).to_have_text(HURT)
    assert reply_of(page) == said


def test_a_conversation_that_is_not_kept_leaves_nothing_behind(page: Page) -> None:
    page.get_by_label("Don’t keep this conversation").check()
    send(page, HURT)
    expect(page.get_by_text("Not kept")).to_be_visible()
    assert "#" not in page.url
    expect(page.locator("#kept a")).to_have_count(0)
    page.reload()
    expect(page.locator("#start")).to_be_visible()
    assert (
        page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)").find(
            "laughed"
        )
        < 0
    )


def test_enter_sends_and_shift_enter_makes_a_new_line(page: Page) -> None:
    box(page).focus()
    page.keyboard.type("He was late.")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Again.")
    assert box(page).input_value() == "He was late.\nAgain."
    page.keyboard.press("Enter")
    mine = page.locator(".turn.mine .text")
    expect(mine).to_have_count(1)
    assert mine.inner_text() == "He was late.\nAgain."


def test_enter_while_composing_a_word_does_not_send(page: Page) -> None:
    box(page).fill("日本")
    for options in ({"isComposing": True}, {"keyCode": 229}):
        box(page).dispatch_event("keydown", {"key": "Enter", "bubbles": True, **options})
    assert box(page).input_value() == "日本"
    expect(page.locator(".turn")).to_have_count(0)


def test_enter_on_a_touch_keyboard_makes_a_new_line(
    new_context: NewContext, server_url: str
) -> None:
    page = new_context(
        has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}
    ).new_page()
    ready(page, server_url)
    box(page).tap()
    page.keyboard.type("One")
    page.keyboard.press("Enter")
    assert box(page).input_value() == "One\n"


def test_an_empty_message_is_not_sent(page: Page) -> None:
    box(page).fill("  \n ")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".turn")).to_have_count(0)


def test_a_starter_fills_the_box_and_keeps_own_words(page: Page) -> None:
    chips = page.locator("#chips .chip")
    if chips.count() == 0:
        pytest.skip("the default exercise has no starters")
    chips.first.click()
    assert box(page).input_value() == chips.first.inner_text()
    box(page).fill("My own words.")
    chips.first.click()
    assert box(page).input_value() == f"My own words.\n{chips.first.inner_text()}"


def test_the_chosen_exercise_goes_with_the_message(page: Page) -> None:
    cards = page.locator("#cards input")
    wanted = cards.last.get_attribute("value")
    page.locator("#cards .card").last.click()
    bodies: list[dict[str, Any]] = []

    def note_and_answer(route: Route) -> None:
        bodies.append(dict(route.request.post_data_json or {}))
        route.fulfill(content_type="text/event-stream", body=sse(("done", {"turn": turn("Yes.")})))

    page.route(MESSAGES, note_and_answer)
    for field in page.locator("#inputs input[required]").all():
        field.fill("x")
    send(page, HURT)
    first = page.locator("#exercise option").first.get_attribute("value")
    page.locator("#exercise").select_option(first)
    expect(page.locator("#switch")).to_be_visible()
    for field in page.locator("#inputs input[required]").all():
        field.fill("x")
    send(page, "And then he left.")
    expect(page.locator("#switch")).to_be_hidden()
    assert [body["exercise"] for body in bodies] == [wanted, first]


# --- when something fails ----------------------------------------------------------------


def fail_network(route: Route) -> None:
    route.abort()


def fail_busy(route: Route) -> None:
    error = {"error": {"code": "busy", "message": "Too much at once just now."}}
    route.fulfill(status=503, content_type="application/json", body=json.dumps(error))


def fail_plainly(route: Route) -> None:
    route.fulfill(status=500, content_type="text/html", body="<h1>Oops</h1>")


def fail_midway(route: Route) -> None:
    error = {"error": {"code": "late", "message": "The reply could not be finished."}}
    body = sse(("delta", {"text": "That"}), ("error", error))
    route.fulfill(content_type="text/event-stream", body=body)


def fail_cut(route: Route) -> None:
    route.fulfill(content_type="text/event-stream", body=sse(("delta", {"text": "That"})))


@pytest.mark.parametrize("fail", [fail_network, fail_busy, fail_plainly, fail_midway, fail_cut])
def test_a_failed_message_returns_to_the_box_and_can_be_tried_again(
    page: Page, fail: Callable[[Route], None]
) -> None:
    page.route(MESSAGES, fail)
    box(page).fill(HURT)
    page.get_by_role("button", name="Send").click()
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    assert box(page).input_value() == HURT
    expect(page.locator(".turn")).to_have_count(0)
    assert "<" not in page.locator("#notice").inner_text()
    page.unroute(MESSAGES)
    again.click()
    expect(page.locator(".turn.theirs")).to_have_count(1)
    expect(page.locator(".turn.mine")).to_have_count(1)
    expect(again).to_be_hidden()


def test_a_conversation_that_cannot_be_made_keeps_the_text(page: Page) -> None:
    page.route("**/api/conversations", lambda route: route.abort())
    box(page).fill(HURT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert box(page).input_value() == HURT
    expect(page.locator("#start")).to_be_visible()


def test_a_lost_conversation_keeps_the_text_and_a_new_one_starts(page: Page) -> None:
    send(page, HURT)
    page.evaluate("fetch('/api/data', {method: 'DELETE'})")
    box(page).fill("Are you there?")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("isn’t here any more")
    assert box(page).input_value() == "Are you there?"
    page.keyboard.press("Enter")
    expect(page.locator(".turn.theirs")).to_have_count(1)


def test_an_unknown_conversation_in_the_address_is_said_plainly(
    new_context: NewContext, server_url: str
) -> None:
    page = new_context().new_page()
    ready(page, server_url, "/#c=00000000000000000000000000000000")
    expect(page.locator("#notice")).to_contain_text("isn’t here any more")
    expect(page.locator("#start")).to_be_visible()


def test_a_message_that_is_too_long_stays_in_the_box(page: Page) -> None:
    text = "long " * 1700
    box(page).fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#notice")).to_contain_text("too long")
    assert box(page).input_value() == text


# --- the stream --------------------------------------------------------------------------


@pytest.fixture
def slow(new_context: NewContext, server_url: str) -> Iterator[Page]:
    """A page whose replies are fed by the test, piece by piece."""
    page = new_context(viewport={"width": 900, "height": 600}).new_page()
    page.add_init_script(SLOW_REPLIES)
    problems = watch(page, server_url)
    ready(page, server_url)
    box(page).fill(HURT)
    page.keyboard.press("Enter")
    until(page, "Boolean(window.feed)")
    yield page
    assert problems == []


def feed(page: Page, name: str, **data: Any) -> None:
    page.evaluate("([name, data]) => window.feed(name, data)", [name, data])


def test_a_reply_grows_is_replaced_and_ends_as_the_server_stored_it(slow: Page) -> None:
    text = slow.locator(".turn.theirs .text")
    expect(slow.get_by_text("Writing…")).to_be_visible()
    feed(slow, "delta", text="That ")
    feed(slow, "delta", text="stung.")
    expect(text).to_have_text("That stung.")
    feed(slow, "replace", text="That hurt.")
    expect(text).to_have_text("That hurt.")
    expect(slow.locator("#announce")).to_be_empty()
    feed(slow, "done", turn=turn("That hurt.\n\nWhat came next?"))
    expect(slow.locator("#announce")).to_contain_text("What came next?")
    assert text.inner_text() == "That hurt.\n\nWhat came next?"
    expect(slow.get_by_role("button", name="Send")).to_be_visible()


def test_stop_ends_the_reply_and_keeps_what_was_typed_meanwhile(slow: Page) -> None:
    feed(slow, "delta", text="That stung")
    box(slow).fill("one more thing")
    slow.get_by_role("button", name="Stop").click()
    expect(slow.get_by_text("Stopped.").first).to_be_visible()
    expect(slow.get_by_role("button", name="Send")).to_be_visible()
    assert box(slow).input_value() == "one more thing"
    expect(slow.locator(".turn.mine")).to_have_count(1)


def test_a_broken_connection_returns_the_text_before_what_was_typed_since(slow: Page) -> None:
    box(slow).fill("and more")
    slow.evaluate("window.cut()")
    expect(slow.get_by_role("button", name="Try again")).to_be_visible()
    assert box(slow).input_value() == f"{HURT}\n\nand more"


def test_the_transcript_follows_only_a_reader_at_the_end(slow: Page) -> None:
    at_end = (
        "(() => { const s = document.getElementById('scroller');"
        " return s.scrollHeight - s.scrollTop - s.clientHeight < 4; })()"
    )
    for _ in range(30):
        feed(slow, "delta", text="A line.\n")
    until(slow, at_end)
    slow.locator("#scroller").hover()
    slow.mouse.wheel(0, -400)
    expect(slow.get_by_role("button", name="Latest message")).to_be_visible()
    top = slow.evaluate("document.getElementById('scroller').scrollTop")
    for _ in range(10):
        feed(slow, "delta", text="More.\n")
    slow.wait_for_timeout(100)
    assert slow.evaluate("document.getElementById('scroller').scrollTop") == top
    slow.get_by_role("button", name="Latest message").click()
    until(slow, at_end)


def test_steps_takeaways_and_reasons_are_shown(page: Page) -> None:
    final = turn(
        "Here it is.",
        step={"id": "need", "index": 2, "total": 5, "title": "What you need"},
        takeaway="I felt sad.\nCould we talk at six?",
        principles=[{"id": "p", "title": "Speak from your own side", "section": "Talking"}],
    )
    answer_with(page, sse(("delta", {"text": "Here"}), ("done", {"turn": final})))
    send(page, HURT)
    expect(page.get_by_text("Step 2 of 5 · What you need")).to_be_visible()
    page.get_by_text("Why this?").click()
    expect(page.get_by_text("Speak from your own side")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "I felt sad.\nCould we talk at six?"


def test_markup_in_a_reply_is_shown_as_text(page: Page) -> None:
    text = "<img src=x onerror=alert(1)> & <b>bold</b>"
    answer_with(page, sse(("delta", {"text": text}), ("done", {"turn": turn(text)})))
    send(page, text)
    assert reply_of(page) == text
    expect(page.locator(".turn img, .turn b")).to_have_count(0)


def test_a_right_to_left_message_runs_right_to_left(page: Page) -> None:
    text = "أشعر بالحزن"
    answer_with(page, sse(("done", {"turn": turn(text)})))
    send(page, text)
    direction = "(node) => getComputedStyle(node).direction"
    assert page.locator(".turn.mine .text").evaluate(direction) == "rtl"
    assert page.locator(".turn.theirs .text").evaluate(direction) == "rtl"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_event_parser_reads_streams_cut_anywhere(page: Page, size: int) -> None:
    stream = (
        ': hi\r\nevent: a\r\ndata: {"t":\r\ndata: "é✓"}\r\n\r\nevent:b\ndata:{}\n\n\rdata: 1\r\r'
    )
    got = page.evaluate(
        """async ([stream, size]) => {
          const { events } = await import('/static/js/sse.js');
          const bytes = new TextEncoder().encode(stream);
          const body = new ReadableStream({ start(c) {
            for (let i = 0; i < bytes.length; i += size) c.enqueue(bytes.slice(i, i + size));
            c.close();
          }});
          const all = [];
          for await (const { name, data } of events(body)) all.push([name, data]);
          return all;
        }""",
        [stream, size],
    )
    assert got[:2] == [["a", {"t": "é✓"}], ["b", {}]]


def test_a_hundred_turns_open_at_the_end(page: Page) -> None:
    turns = [
        {"role": "user", "text": f"Message {n}"} if n % 2 == 0 else turn(f"Reply {n}. " * 20)
        for n in range(200)
    ]
    stored = {"id": "long", "title": "Long", "exercise": "", "keep": True, "turns": turns}
    page.route("**/api/conversations/long", lambda route: route.fulfill(json=stored))
    page.evaluate("location.hash = '#c=long'")
    expect(page.locator(".turn")).to_have_count(200)
    expect(page.locator(".turn").last).to_be_in_viewport()
    assert (
        page.locator("#scroller").evaluate("s => s.scrollHeight - s.scrollTop - s.clientHeight") < 4
    )


# --- help --------------------------------------------------------------------------------


def test_a_crisis_shows_numbers_to_tap_until_it_is_answered(page: Page) -> None:
    page.get_by_label("Country, for help lines").select_option("GB")
    send(page, HURT)
    send(page, CRISIS)
    card = page.get_by_role("region", name="Help lines")
    expect(card.locator("a[href^='tel:']").first).to_be_in_viewport()
    expect(card).to_contain_text("999")
    page.locator("#scroller").hover()
    page.mouse.wheel(0, -2000)
    expect(card).to_be_in_viewport()
    page.reload()
    expect(card).to_be_in_viewport()
    send(page, "I called my sister")
    assert "answered" in (page.locator(".crisis").first.get_attribute("class") or "")


def test_soft_help_is_a_quiet_line_with_links(page: Page) -> None:
    line = {"name": "A line", "about": "", "call": "116 123", "text": "HI to 85258", "chat": None,
            "hours": "", "sure": True}  # fmt: skip
    help_lines = {"country": "", "emergency": "112", "lines": [line], "soft": True}
    final = turn("That is a lot.", resources=help_lines)
    answer_with(page, sse(("resources", help_lines), ("done", {"turn": final})))
    send(page, HURT)
    expect(page.locator(".crisis")).to_have_count(0)
    soft = page.locator(".soft-help")
    expect(soft.locator("a[href='tel:116123']")).to_be_visible()
    expect(soft.locator("a[href='sms:85258?&body=HI']")).to_be_visible()


def test_each_emergency_number_in_a_sentence_can_be_tapped(page: Page) -> None:
    help_lines = {
        "country": "Somewhere",
        "emergency": "112 (medical: 155)",
        "lines": [
            {"name": "A line", "about": "", "call": "*4141", "text": "0123 45 on WhatsApp",
             "chat": None, "hours": "", "sure": False},
        ],
        "soft": False,
    }  # fmt: skip
    final = turn("Are you safe?", resources=help_lines)
    answer_with(page, sse(("resources", help_lines), ("done", {"turn": final})))
    send(page, HURT)
    card = page.get_by_role("region", name="Help lines")
    addresses = card.locator("a:is([href^='tel:'], [href^='sms:'])").evaluate_all(
        "nodes => nodes.map((node) => node.getAttribute('href'))"
    )
    assert addresses == ["tel:112", "tel:155", "tel:*4141"]
    expect(card).to_contain_text("couldn’t confirm")


def test_help_works_without_javascript(new_context: NewContext, server_url: str) -> None:
    page = new_context(java_script_enabled=False, viewport={"width": 320, "height": 640}).new_page()
    problems = watch(page, server_url)
    page.goto(server_url)
    page.get_by_role("link", name="Get help now").click()
    page.get_by_label("Show lines for").select_option("GB")
    page.get_by_role("button", name="Show").click()
    assert "country=GB" in page.url
    expect(page.get_by_role("heading", name="United Kingdom")).to_be_visible()
    expect(page.locator("a[href='tel:999']")).to_be_visible()
    assert page.locator("a[href^='tel:']").count() > 1
    expect(page.get_by_role("link", name="Leave this page")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert problems == []


def test_leaving_replaces_the_page(new_context: NewContext, server_url: str) -> None:
    page = new_context().new_page()
    page.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    page.goto(server_url.rstrip("/") + "/help")
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Leave this page").click()
    page.wait_for_url("https://www.bbc.co.uk/weather")
    assert page.evaluate("history.length") == before


# --- conversations and erasing -----------------------------------------------------------


def test_kept_conversations_can_be_opened_saved_and_deleted(page: Page) -> None:
    send(page, HURT)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#start")).to_be_visible()
    page.locator("#kept a").first.click()
    expect(page.locator(".turn.mine .text")).to_have_text(HURT)
    page.get_by_text("Save or delete").click()
    for name in ("Save as Markdown", "Save as JSON"):
        link = page.get_by_role("link", name=name).get_attribute("href")
        assert page.evaluate("async (link) => (await fetch(link)).status", link) == 200
    page.get_by_role("button", name="Delete “").first.click()
    page.get_by_role("button", name="Yes, delete it").click()
    expect(page.locator("#start")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)


def test_erase_everything_asks_first_and_then_leaves_nothing(page: Page) -> None:
    send(page, HURT)
    expect(page.locator("#kept a")).not_to_have_count(0)
    page.get_by_role("button", name="Erase everything").click()
    page.keyboard.press("Escape")
    expect(page.locator(".turn.mine")).to_have_count(1)
    page.get_by_role("button", name="Erase everything").click()
    page.get_by_role("button", name="Yes, erase it all").click()
    expect(page.get_by_text("Everything is erased.")).to_be_visible()
    expect(page.locator("#kept a")).to_have_count(0)
    assert "#" not in page.url
    assert page.evaluate("localStorage.length") == 0
    listed = page.evaluate("async () => (await fetch('/api/conversations')).json()")
    assert listed == {"conversations": []}


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    page.keyboard.type(HURT)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    outline = page.get_by_role("button", name="Send").evaluate(
        "n => getComputedStyle(n).outlineStyle"
    )
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.locator(".turn.theirs")).to_have_count(1)
    page.get_by_role("button", name="Erase everything").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#kept a")).to_have_count(0)


# --- how it looks ------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_nothing_scrolls_sideways_and_help_is_always_in_view(
    new_context: NewContext, server_url: str, width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 640}).new_page()
    ready(page, server_url)
    help_link = page.get_by_role("link", name="Get help now")
    page.get_by_label("Country, for help lines").select_option("GB")
    for text in ("", "a" * 400 + "\nhttps://example.org/" + "x" * 200, CRISIS):
        if text:
            send(page, text)
        assert no_sideways_scroll(page)
        assert page.locator("#scroller").evaluate("s => s.scrollWidth <= s.clientWidth")
        expect(help_link).to_be_in_viewport(ratio=1)
    expect(page.locator(".crisis a[href^='tel:']").first).to_be_in_viewport(ratio=1)
    if width < 992:
        page.get_by_role("button", name="Conversations").click()
        expect(page.get_by_role("button", name="New conversation")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Conversations")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(
    new_context: NewContext, server_url: str, scheme: str
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800}).new_page()
    ready(page, server_url)
    page.get_by_label("Country, for help lines").select_option("GB")
    start = ["#greeting", ".purpose", "#help-link", "#note p", ".card-text", ".card-minutes",
             "#send", "#new", ".hint", ".text-button", ":checked + .card-top"]  # fmt: skip
    low = {s: r for s in start if (r := page.evaluate(CONTRAST, s)) < 4.5}
    send(page, HURT)
    send(page, CRISIS)
    chat = [".turn.mine .text", ".turn.theirs .text", ".line-about", ".crisis .button",
            ".crisis .plain", ".head-title", ".kept-when"]  # fmt: skip
    low |= {s: r for s in chat if (r := page.evaluate(CONTRAST, s)) < 4.5}
    assert low == {}
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor").removeprefix("rgb(")
    assert (int(dark.split(",")[0]) < 64) == (scheme == "dark")


def test_every_control_is_large_enough_to_touch(page: Page) -> None:
    send(page, HURT)
    small = page.evaluate(
        """[...document.querySelectorAll('button, summary, select, nav a, header a, .dock input')]
          .filter((n) => n.checkVisibility() && n.type !== 'checkbox')
          .map((n) => [n.id || n.className || n.textContent, n.getBoundingClientRect().height])
          .filter(([, height]) => height < 43.5)"""
    )
    assert small == []
