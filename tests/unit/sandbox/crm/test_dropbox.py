from email.message import EmailMessage

import aiosmtplib
import pytest

from sandbox.crm.dropbox import smtp_door


@pytest.fixture
async def send(crm):
    """Sends a mail through the real SMTP door."""
    async with smtp_door(crm, "127.0.0.1", 0) as port:

        async def send(*recipients: str, sender: str = "agent@chaleo.example") -> None:
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = sender, "j.moreau@batisseurs-rhone.example", "Été"
            message["Message-ID"] = "<one@chaleo.example>"
            message.set_content("Bonjour Julien,\nà bientôt.")
            await aiosmtplib.send(message, recipients=recipients, hostname="127.0.0.1", port=port)

        yield send


async def _mails(api):
    return [item["data"] for item in (await api.get("/v1/deals/42/mailMessages")).json()["data"]]


async def test_a_mail_to_the_deals_address_is_filed_under_the_deal(api, send):
    """As an outgoing mail, by smart BCC, with its Message-ID; the address itself is not among the readers."""
    await send("j.moreau@batisseurs-rhone.example", "chaleo+deal42@pipedrivemail.com")
    mail = (await _mails(api))[0]
    assert (mail["subject"], mail["sent_flag"], mail["smart_bcc_flag"]) == ("Été", 1, 1)
    assert mail["mua_message_id"] == "<one@chaleo.example>"
    assert mail["to"][0]["linked_person_name"] == "Julien Moreau"


async def test_the_same_mail_twice_is_there_twice(api, send):
    """A dropbox doesn't hide that somebody sent twice."""
    before = len(await _mails(api))
    for _ in range(2):
        await send("chaleo+deal42@pipedrivemail.com")
    assert len(await _mails(api)) == before + 2


async def test_the_writer_is_the_user_of_that_address(api, send):
    """A mail from the agent's address is a change by the agent, else by the deal's owner."""
    await send("chaleo+deal42@pipedrivemail.com")
    await send("chaleo+deal42@pipedrivemail.com", sender="someone@elsewhere.example")
    changes = (await api.get("/sandbox/changes")).json()["changes"]
    assert [change["user_id"] for change in changes if change["entity"] == "mail"] == [90, 11]


async def test_other_mail_is_kept_and_goes_nowhere(api, send):
    """The outbox has every mail, and says under which deals it was filed."""
    await send("someone@elsewhere.example")
    await send("chaleo+deal4711@pipedrivemail.com")
    mails = (await api.get("/sandbox/outbox")).json()["mails"]
    assert [mail["recipients"] for mail in mails] == [
        ["someone@elsewhere.example"],
        ["chaleo+deal4711@pipedrivemail.com"],
    ]
    assert [mail["deal_ids"] for mail in mails] == [[], []]
