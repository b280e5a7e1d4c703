from telemetry.links import trace_url


def test_a_trace_has_a_page() -> None:
    """The address may end in a slash or not."""
    assert trace_url("http://127.0.0.1:6006/", "0af7") == "http://127.0.0.1:6006/redirects/traces/0af7"
