"""A worker's whole environment."""

WHOLE = {
    "FARM_STORE_URL": "sqlite+aiosqlite:///farm.db",
    "FARM_GATEWAY_URL": "http://127.0.0.1:4000",
    "FARM_GATEWAY_KEY": "sk-very-secret",
    "FARM_TOOL_SERVERS": '{"crm": "http://127.0.0.1:8101/mcp"}',
    "SLACK_CHANNEL": "C0SALES",
}
