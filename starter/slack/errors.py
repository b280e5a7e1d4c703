"""Every way in which an interaction from Slack can be refused. The texts are for people to read."""


class NotFromSlack(Exception):
    """Nobody who knows the signing secret sent this, or not just now."""


class NotOurs(Exception):
    """From Slack, but no decision about one of our approvals."""


class NotEditable(Exception):
    """These arguments don't fit into a Slack modal; they can be edited on the approvals page or by command."""


class NotOpened(Exception):
    """There is no modal for this person, or not any more."""
