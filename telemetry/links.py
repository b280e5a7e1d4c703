"""Where a person looks a trace up."""


def trace_url(store: str, trace_id: str) -> str:
    """The page of a trace; `store` is the trace store's address as a browser reaches it. Phoenix finds the project."""
    return f"{store.rstrip('/')}/redirects/traces/{trace_id}"
