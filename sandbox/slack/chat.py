"""chat.postMessage, chat.postEphemeral, chat.update."""

from typing import Any

from sandbox.slack import bot
from sandbox.slack.block_rules import message_faults, with_ids
from sandbox.slack.envelope import Refusal, flag, required
from sandbox.slack.seed import BOT_ID, BOT_USER_ID, Channel
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]

LONGEST_TEXT = 40_000
"""Characters: docs.slack.dev/reference/methods/chat.postMessage. Longer is cut there, refused here."""


def post_message(workspace: Workspace, given: Json) -> Json:
    """The one method that takes a channel's name for its id."""
    channel = workspace.channel_named(required(given, "channel")) or known_channel(workspace, given)
    message = _new_message(workspace, channel, given)
    workspace.keep_message(channel.id, message)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def post_ephemeral(workspace: Workspace, given: Json) -> Json:
    channel = known_channel(workspace, given)
    user = required(given, "user")
    if workspace.person(user) is None:
        raise Refusal("user_not_in_channel")
    message = _new_message(workspace, channel, given)
    workspace.keep_message(channel.id, message, seen_by=user)
    return {"message_ts": message["ts"]}


def update(workspace: Workspace, given: Json) -> Json:
    """Text without blocks takes the old blocks away, as in Slack."""
    channel, ts = known_channel(workspace, given), required(given, "ts")
    message = workspace.message(channel.id, ts)
    if message is None or workspace.seen_by(channel.id, ts):
        raise Refusal("message_not_found")
    if message.get("bot_id") != BOT_ID:
        raise Refusal("cant_update_message")
    message = _rewritten(message, given)
    message["edited"] = {"user": BOT_USER_ID, "ts": workspace.next_ts()}
    workspace.keep_message(channel.id, message)
    return {"channel": channel.id, "ts": ts, "text": message["text"], "message": message}


def known_channel(workspace: Workspace, given: Json) -> Channel:
    """Raises Refusal `channel_not_found`."""
    channel = workspace.channel(required(given, "channel"))
    if channel is None:
        raise Refusal("channel_not_found")
    return channel


def content(given: Json) -> Json:
    """Text and blocks of a message, checked.

    Raises Refusal: `no_text`, `msg_too_long`, `invalid_blocks_format`, `invalid_blocks`.
    """
    text, blocks = given.get("text") or "", given.get("blocks") or []
    if not text and not blocks:
        raise Refusal("no_text")
    if len(text) > LONGEST_TEXT:
        raise Refusal("msg_too_long")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format")
    if faults := message_faults(blocks):
        raise Refusal("invalid_blocks", *faults)
    return {"text": text} | ({"blocks": with_ids(blocks)} if blocks else {})


def _new_message(workspace: Workspace, channel: Channel, given: Json) -> Json:
    message = bot.signature() | content(given) | _metadata(given)
    if thread := given.get("thread_ts"):
        parent = workspace.message(channel.id, str(thread))
        if parent is None:
            raise Refusal("cannot_reply_to_message")
        message |= {"thread_ts": parent.get("thread_ts", parent["ts"]), "parent_user_id": parent["user"]}
        if flag(given, "reply_broadcast"):
            message |= {"subtype": "thread_broadcast", "root": {"ts": message["thread_ts"], "text": parent["text"]}}
    return message | {"ts": workspace.next_ts()}


def _metadata(given: Json) -> Json:
    """docs.slack.dev/messaging/message-metadata: an event type and a flat payload."""
    metadata = given.get("metadata")
    if metadata is None:
        return {}
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
        raise Refusal("invalid_metadata_format")
    return {"metadata": metadata}


def _rewritten(message: Json, given: Json) -> Json:
    if "text" not in given and "blocks" not in given:
        return message | _metadata(given)
    kept = {name: value for name, value in message.items() if name not in ("text", "blocks")}
    if "text" not in given:
        given = given | {"text": message["text"]}
    return kept | content(given) | _metadata(given)
