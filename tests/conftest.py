"""Shared by all tests."""

# Loaded here, at the start: its pytest plugin would load it at the very end, where CPython 3.11's parser can trip
# over a workflow's coroutine being collected ("AST constructor recursion depth mismatch").
import hypothesis  # noqa: F401
