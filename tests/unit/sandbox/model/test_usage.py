"""The prompt cache's arithmetic."""

import pytest

from sandbox.model.errors import VendorError
from sandbox.model.usage import PrefixCache

MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def block(tokens, letter="x", mark=None):
    text = {"type": "text", "text": letter * tokens * 4}
    return {**text, "cache_control": mark} if mark else text


def request(*system, messages=()):
    return {"model": "m", "system": list(system), "messages": [{"role": "user", "content": list(messages)}]}


def figures(usage):
    return usage.uncached, usage.read, usage.written_5m, usage.written_1h


def test_short_prefixes_are_not_cached(clock):
    """Below 1024 tokens a breakpoint does nothing."""
    cache = PrefixCache(clock)
    assert figures(cache.account(request(block(1023, mark=MARK)))) == (1023, 0, 0, 0)
    assert figures(cache.account(request(block(1023, mark=MARK)))) == (1023, 0, 0, 0)


@pytest.mark.parametrize(
    ("model", "shortest"), [("claude-haiku-5-5", 4096), ("claude-opus-5", 4096), ("claude-sonnet-5-5", 1024)]
)
def test_some_models_cache_only_longer_prefixes(clock, model, shortest):
    """A model that was cheap to begin with keeps nothing short."""
    cache = PrefixCache(clock)
    for tokens, written in ((shortest - 1, 0), (shortest, shortest)):
        assert cache.account({**request(block(tokens, mark=MARK)), "model": model}).written_5m == written


def test_another_tool_choice_loses_the_messages(clock):
    """Tools and system prompt are still read."""
    cache = PrefixCache(clock)
    body = request(block(1500, mark=MARK), messages=[block(500, "a", MARK)])
    cache.account(body)
    assert cache.account({**body, "tool_choice": {"type": "none"}}).read == 1500
    assert cache.account(body).read == 2000


def test_another_answer_format_loses_all_but_the_tools(clock):
    """The vendor tells the model of the format ahead of our own words."""
    cache = PrefixCache(clock)
    tool = {"name": "t", "description": "x" * 8000, "input_schema": {}, "cache_control": MARK}
    body = {**request(block(1500, mark=MARK)), "tools": [tool]}
    written = cache.account(body)
    changed = cache.account({**body, "output_config": {"format": {"type": "json_schema", "schema": {}}}})
    assert 0 < changed.read < written.written_5m - 1499


def test_written_tokens_are_split_by_lifetime(clock):
    """Each breakpoint counts what stands between it and the one before, under its own lifetime."""
    usage = PrefixCache(clock).account(request(block(2000, mark=HOUR), messages=[block(500, mark=MARK), block(7)]))
    assert figures(usage) == (7, 0, 500, 2000)


def test_a_growing_conversation_reads_what_it_wrote(clock):
    """The next turn reads the last one's prefix and writes only what is new."""
    cache = PrefixCache(clock)
    cache.account(request(block(1500), messages=[block(100, "a", MARK)]))
    usage = cache.account(request(block(1500), messages=[block(100, "a"), block(50, "b", MARK)]))
    assert figures(usage) == (0, 1600, 50, 0)


def test_another_beginning_is_another_prefix(clock):
    """A change at the front makes everything behind it new."""
    cache = PrefixCache(clock)
    cache.account(request(block(10, "a"), block(2000, mark=MARK)))
    assert cache.account(request(block(10, "b"), block(2000, mark=MARK))).read == 0


def test_a_hit_renews_the_lifetime(clock):
    """A prefix read every four minutes lives on."""
    cache = PrefixCache(clock)
    for _ in range(4):
        usage = cache.account(request(block(2000, mark=MARK)))
        clock.now += 240
    assert usage.read == 2000


def test_an_hour_lives_longer_than_five_minutes(clock):
    """A 1h prefix is still there after half an hour."""
    cache = PrefixCache(clock)
    cache.account(request(block(2000, mark=HOUR)))
    clock.now += 1800
    assert cache.account(request(block(2000, mark=HOUR))).read == 2000


def test_a_mark_on_the_whole_request_stands_behind_its_last_block(clock):
    """Top-level cache_control marks the last block."""
    body = {**request(block(2000)), "cache_control": MARK}
    assert PrefixCache(clock).account(body).written_5m == 2000


@pytest.mark.parametrize(
    ("blocks", "says"),
    [([block(1, mark=MARK)] * 5, "maximum of 4"), ([block(1, mark=MARK), block(1, mark=HOUR)], "must not come after")],
)
def test_misplaced_breakpoints_are_refused(clock, blocks, says):
    """More than four breakpoints, or a short lifetime ahead of a long one, is a bad request."""
    with pytest.raises(VendorError, match=says):
        PrefixCache(clock).account(request(*blocks))
