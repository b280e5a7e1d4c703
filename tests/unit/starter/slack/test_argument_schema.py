from starter.slack.argument_schema import schema_of


def test_each_argument_keeps_its_type() -> None:
    """A yes stays a yes and no 1; what is null says nothing of its type."""
    schema = schema_of({"n": 1, "x": 1.5, "t": "a", "b": True, "l": [], "o": {}, "none": None})
    assert {name: rules["type"] for name, rules in schema["properties"].items()} == {
        "n": "integer",
        "x": "number",
        "t": "string",
        "b": "boolean",
        "l": "array",
        "o": "object",
    }
    assert schema["required"] == ["n", "x", "t", "b", "l", "o"]
