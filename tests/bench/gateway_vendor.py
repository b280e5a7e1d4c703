"""`python -m tests.bench.gateway_vendor PORT`: a vendor that answers any message at once, with the same words.

It does as little as a server can, so that what is measured is what stands before it.
"""

import json
import sys

import uvicorn
from starlette.types import Receive, Scope, Send

from contracts.prices import Rates

MESSAGE = {
    "id": "msg_bench",
    "type": "message",
    "role": "assistant",
    "model": "sandbox-bench/says-the-same-to-everybody",
    "content": [{"type": "text", "text": "This is the benchmark's sandbox, and no model. " * 8}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 1000,
        "output_tokens": 90,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
    },
}
BODY = json.dumps(MESSAGE).encode()
FREE = Rates(
    model="none", version="none", input=0, output=0, cache_read=0, cache_write=0, cache_write_1h=0
).model_dump_json()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"x-farm-rates", FREE.encode()),  # or the farm's client, asking it directly, warns that no price is known
]


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """200 and the message, whatever is asked."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    uvicorn.run(answer, port=int(sys.argv[1]), log_level="warning", access_log=False, lifespan="off")
