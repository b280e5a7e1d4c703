"""Slack's side of the door: events, commands, clicks and modals."""
