"""The workspace everyone finds on the first day: Chaleo's sales people, their agent, one channel."""

from dataclasses import dataclass

TEAM_ID = "T0CHALEO"
TEAM_DOMAIN = "chaleo"
APP_ID = "A0FARM"
BOT_ID = "B0FARM"
BOT_USER_ID = "U0FARM"
BOT_NAME = "Farmstead"


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    real_name: str
    title: str
    email: str
    locale: str
    is_bot: bool = False


@dataclass(frozen=True)
class Channel:
    id: str
    name: str
    topic: str


PEOPLE = (
    Person("U0CLAIRE", "claire", "Claire Martin", "Sales lead, Lyon", "claire@chaleo.example", "fr-FR"),
    Person("U0TOM", "tom", "Tom Becker", "Account manager", "tom@chaleo.example", "en-GB"),
    Person("U0INES", "ines", "Inès Laurent", "Account manager", "ines@chaleo.example", "fr-FR"),
    Person(BOT_USER_ID, "farmstead", BOT_NAME, "Agent", "", "en-US", is_bot=True),
)

CHANNELS = (Channel("C0SALES", "sales-agent", "What the sales agent did, and what it asks"),)
