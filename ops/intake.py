"""The starter's intake for a verb: an event by hand takes the way of any other, to Temporal or to the spool."""

from temporalio.client import Client

from starter.intake.accepting import Intake, Records
from starter.intake.delivery import Delivery
from starter.intake.door_book import DoorBook
from starter.intake.room import Room
from store.database import Database
from store.door import Door
from store.inbox import Inbox
from store.quarantine import Quarantine


def intake(client: Client, db: Database) -> Intake:
    """What is spooled is delivered by the starter, once it and Temporal are there."""
    inbox = Inbox(db)
    return Intake(Delivery(client), Records(inbox, Quarantine(db), DoorBook(Door(db))), Room(inbox.waiting, 0))
