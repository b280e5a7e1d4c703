import asyncio

from tests.unit.tool_servers.crm.conftest import unannounced
from tool_servers.crm.mail import Draft, Mailer, compose

DRAFT = {"to": "j.moreau@batisseurs-rhone.example", "subject": "Suite", "body": "Bonjour"}


def test_the_dropbox_is_not_in_the_mail():
    """The client sees no hidden recipient, and a subject stays on one line."""
    draft = Draft("j@x.example", "Été\r\nBcc: all@x.example", "Bonjour")
    message = compose("Chaleo <agent@chaleo.example>", draft, "<1@chaleo.example>")
    assert message["Bcc"] is None
    assert message["Subject"] == "Été Bcc: all@x.example"
    assert "pipedrivemail" not in message.as_string()


async def test_a_mail_server_that_is_not_there_is_passing(tools, world, ledger):
    """Nothing was sent, so the key is free and the next try sends."""
    port, world.mail_port = world.mail_port, 1
    assert (await tools.error("send_mail", key="k1", deal_id=42, **DRAFT)).startswith("passing: ")
    world.mail_port = port
    begun = await ledger.begin("crm", "k1")
    assert begun.state == "new"
    await ledger.release("crm", "k1", begun.holder)
    await tools("send_mail", key="k1", deal_id=42, **DRAFT)


async def test_a_refused_recipient_is_a_bad_argument_and_nothing_is_filed(tools, world):
    """A client who can't be reached must not leave a mail in the CRM that nobody got."""

    async def refuse(_reader, writer):
        for reply in (b"220 x\r\n", b"250 x\r\n", b"250 x\r\n", b"550 no such user\r\n", b"221 x\r\n"):
            writer.write(reply)
            await writer.drain()
            await _reader.readline()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    world.mail_port = server.sockets[0].getsockname()[1]
    async with server:
        text = await tools.error("send_mail", key="k1", deal_id=42, **DRAFT)
    assert text == "bad arguments: recipient j.moreau@batisseurs-rhone.example refused"
    assert len(world.all("mail")) == 5


async def test_a_mail_server_that_falls_silent_while_taking_the_mail_leaves_doubt(tools, world, ledger):
    """It may have gone: the key stays pending, to be looked for."""

    async def drop(reader, writer):
        for reply in (b"220 x\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 go\r\n"):
            writer.write(reply)
            await writer.drain()
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    world.mail_port = server.sockets[0].getsockname()[1]
    async with server:
        text = await tools.error("send_mail", key="k1", deal_id=42, **DRAFT)
    assert text.startswith("passing: the mail server fell silent")
    assert (await ledger.begin("crm", "k1")).state == "pending"


async def test_a_mail_that_is_filed_late_is_waited_for(world, pipedrive, mailer, monkeypatch):
    """The dropbox may take its time; within that a mail isn't given up for unsent."""
    monkeypatch.setattr("tool_servers.crm.mail.LOOK_EVERY_SECONDS", 0.01)
    patient = Mailer(pipedrive, mailer._connection, "Chaleo <agent@chaleo.example>", filing_seconds=5)
    looking = asyncio.get_running_loop().create_task(patient.find(42, Draft(**DRAFT), "k1"))
    await asyncio.sleep(0.05)
    sent = await patient.send(unannounced, 42, Draft(**DRAFT), "k1")
    assert await looking == sent
