"""Against a real PDS with real accounts: what they do is heard, and replies are written so that they can't double."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket

import msgspec
import pytest

from tests.real.jetstream import JetstreamServer, bridge
from watchfloor.lib.guarded import Guard, GuardedClient
from watchfloor.lib.tests.web_servers import answering
from watchfloor.sources.bluesky import SOURCE, xrpc
from watchfloor.sources.bluesky.position import Position
from watchfloor.sources.bluesky.reply import record_key
from watchfloor.sources.bluesky.settings import BlueskySettings
from watchfloor.sources.bluesky.tests.listening import allow, gaps, listen, texts, unreadable
from watchfloor.sources.bluesky.tests.listening import jetstream as to
from watchfloor.sources.source import (
    AuthorChanged,
    AuthorRenamed,
    CannotReply,
    Deleted,
    Gap,
    NeedsHands,
    Reply,
    TryAgain,
    Written,
)

pytestmark = pytest.mark.pds
_numbers = itertools.count(1)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0300050201"
    "5d2bd5a40000000049454e44ae426082"
)


@pytest.fixture
def account(allowed):
    """Makes new accounts, each with a name of its own."""
    return lambda name: allowed.account(f"{name}{next(_numbers)}")


def firehose(server, **settings):
    return BlueskySettings(mode="firehose", service=server.ws, **settings)


def from_the_start(server):
    return Position(server.ws, 1, 1, seq=0).cursor()


def came_back(ana):
    """Until the account is back a second time: the first is when it was made."""
    return lambda events: events.count(AuthorChanged("bluesky", ana.did, "back")) == 2


def a_life(account, pds):
    """Ana and Ben do all there is to do; both, and the uris they used."""
    ana, ben = account("ana"), account("ben")
    first = ana.post("The keynote starts: https://example.org/long/address", langs=["en-GB", "de"])
    answer = ben.reply("Where is hall B? 🎪", first)
    ana.reply("Left of the stairs", answer, root=first)
    picture = {
        "$type": "app.bsky.embed.images",
        "images": [{"alt": "A pixel", "image": ana.upload(PIXEL, "image/png")}],
    }
    ana.post("一枚の写真", embed=picture)
    ana.post("this", embed={"$type": "app.bsky.embed.record", "record": {"uri": answer["uri"], "cid": answer["cid"]}})
    ana.edit(first["uri"], "The keynote starts in hall C")
    gone = ana.post("a mistake")
    ana.delete(gone["uri"])
    ben.rename(f"{ben.handle.split('.')[0]}-moved.test")
    ana.deactivate()
    ana.activate()
    return ana, ben, first["uri"], answer["uri"], gone["uri"]


def test_everything_that_real_accounts_do_is_heard(allowed, account):
    ana, ben, first, answer, gone = a_life(account, allowed)

    async def go():
        settings = firehose(allowed, wanted_dids=(ana.did, ben.did))
        before, cursor = await listen(settings, cursor=from_the_start(allowed), until=came_back(ana))
        await asyncio.to_thread(ben.remove)  # the PDS forgets all earlier events of a removed account
        removed = AuthorChanged("bluesky", ben.did, "gone")
        after, _ = await listen(settings, cursor=cursor, until=lambda events: removed in events)
        return before + after

    events = asyncio.run(go())
    posts = [event for event in events if isinstance(event, Written)]
    assert [event.post.text for event in posts] == [
        "The keynote starts: https://example.org/long/address",
        "Where is hall B? 🎪",
        "Left of the stairs",
        "一枚の写真",
        "this",
        "The keynote starts in hall C",
        "a mistake",
    ]
    by_text = {event.post.text: event.post for event in posts}
    assert by_text["Where is hall B? 🎪"].reply_to == first
    assert by_text["Left of the stairs"].reply_to == answer
    assert by_text["Left of the stairs"].conversation == first
    assert by_text["一枚の写真"].media[0].alt == "A pixel"
    assert by_text["一枚の写真"].media[0].url.startswith("https://cdn.bsky.app/")
    assert by_text["this"].quote_of == answer
    assert posts[0].post.lang == "en-GB"
    assert [event.post.id for event in posts if event.edited] == [first]
    assert Deleted("bluesky", gone) in events
    assert AuthorRenamed("bluesky", ben.did, handle=ben.handle) in events
    states = [(event.author_id, event.state) for event in events if isinstance(event, AuthorChanged)]
    assert [state for did, state in states if did == ana.did][-2:] == ["hidden", "back"]
    assert states[-1] == (ben.did, "gone")
    assert unreadable(events) == gaps(events) == []


def test_jetstream_and_the_firehose_tell_the_same(allowed, account, monkeypatch):
    """The bridge that feeds Jetstream reads frames on its own: two readers, one truth."""
    ana, ben, *_ = a_life(account, allowed)
    wanted = (ana.did, ben.did)
    until = came_back(ana)
    straight, _ = asyncio.run(
        listen(firehose(allowed, wanted_dids=wanted), cursor=from_the_start(allowed), until=until)
    )

    async def bridged():
        async with JetstreamServer() as server:
            allow(monkeypatch, server.url, allowed.ws)
            feeding = asyncio.create_task(bridge(server, allowed.ws))
            settings = to(server.url, wanted_dids=wanted)
            events, _ = await listen(settings, cursor=Position(server.url, 1, 1).cursor(), until=until)
            feeding.cancel()
            return events

    def plain(events):
        """Everything but the line's time, which is each server's own."""
        told = []
        for event in events:
            value = msgspec.to_builtins(event)
            if value.get("raw"):
                line = msgspec.json.decode(event.raw)
                del line["time_us"]
                value["raw"] = line
            told.append((type(event).__name__, value))
        return told

    def until_back(events):
        """What either heard up to the return: the two may have read on by different lengths before they stopped."""
        heard = [event for event in events if not isinstance(event, Gap)]
        return next(heard[:end] for end in range(1, len(heard) + 1) if until(heard[:end]))

    through, straight = until_back(asyncio.run(bridged())), until_back(straight)
    assert len(straight) >= 14
    assert plain(through) == plain(straight)


def test_listening_goes_on_where_it_stopped(allowed, account):
    ana = account("ana")
    for number in range(5):
        ana.post(str(number))

    async def go():
        settings = firehose(allowed, wanted_dids=(ana.did,))
        first, cursor = await listen(
            settings, cursor=from_the_start(allowed), until=lambda events: "4" in texts(events)
        )
        for number in range(5, 8):
            await asyncio.to_thread(ana.post, str(number))
        second, _ = await listen(settings, cursor=cursor, until=lambda events: "7" in texts(events))
        return first, second

    first, second = asyncio.run(go())
    assert texts(first) == ["0", "1", "2", "3", "4"]
    assert texts(second) == ["5", "6", "7"]
    assert gaps(second) == []


def test_a_number_the_server_never_reached_leaves_a_gap_and_goes_on(allowed, account):
    ana = account("ana")

    async def go():
        future = Position(allowed.ws, 1_783_175_880_000_000, 1_783_175_880_000_000, seq=10**9).cursor()
        settings = firehose(allowed)
        listening = asyncio.create_task(
            listen(settings, cursor=future, until=lambda events: "still here" in texts(events))
        )
        posted = []
        while not listening.done():
            posted.append(await asyncio.to_thread(ana.post, "still here"))
            await asyncio.wait((listening,), timeout=0.2)
        return (await listening)[0]

    assert len(gaps(asyncio.run(go()))) == 1


# --- Replies -------------------------------------------------------------------------------------------------------


def writing_as(pds, account):
    return firehose(pds, account=account.handle, pds=pds.http), {"app_password": account.app_password}


def send(reply, settings, secrets):
    return asyncio.run(SOURCE.reply(reply, settings, secrets=secrets))


def look_up(reply, settings, secrets):
    return asyncio.run(SOURCE.find_reply(reply, settings, secrets=secrets))


def records(pds, account):
    answer = pds.get("com.atproto.repo.listRecords", repo=account.did, collection="app.bsky.feed.post")
    return [(record["uri"], record["value"]) for record in answer.json()["records"]]


def test_a_reply_stands_under_its_post_and_in_its_thread(allowed, account):
    ana, desk = account("ana"), account("desk")
    first = ana.post("The wifi is down")
    second = ana.reply("Everywhere!", first)
    text = f"Sorry @{ana.handle}! 🛠 See https://status.example.org/wifi. #wifi"
    reply = Reply("answer-1", second["uri"], text, "en")
    settings, secrets = writing_as(allowed, desk)
    assert look_up(reply, settings, secrets) is None
    sent = send(reply, settings, secrets)
    [(uri, value)] = records(allowed, desk)
    assert sent.id == uri
    assert sent.url == f"https://bsky.app/profile/{desk.did}/post/{record_key('answer-1')}"
    assert value["reply"]["parent"] == {"uri": second["uri"], "cid": second["cid"]}
    assert value["reply"]["root"] == {"uri": first["uri"], "cid": first["cid"]}
    assert value["langs"] == ["en"]
    marked = {
        facet["features"][0]["$type"].split("#")[1]: (
            text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            facet["features"][0],
        )
        for facet in value["facets"]
    }
    assert marked["mention"][0] == f"@{ana.handle}"
    assert marked["mention"][1]["did"] == ana.did
    assert marked["link"][0] == marked["link"][1]["uri"] == "https://status.example.org/wifi"
    assert (marked["tag"][0], marked["tag"][1]["tag"]) == ("#wifi", "wifi")
    assert look_up(reply, settings, secrets) == sent


def test_sending_again_with_the_same_key_writes_nothing_new(allowed, account):
    ana, desk = account("ana"), account("desk")
    reply = Reply("answer-2", ana.post("hello?")["uri"], "Hello!")
    settings, secrets = writing_as(allowed, desk)

    async def twice():
        return await asyncio.gather(*(SOURCE.reply(reply, settings, secrets=secrets) for _ in range(4)))

    assert len({sent.id for sent in asyncio.run(twice())}) == 1
    assert send(reply, settings, secrets).id == records(allowed, desk)[0][0]
    assert len(records(allowed, desk)) == 1


def test_an_answer_that_is_lost_after_the_write_is_settled_by_looking(allowed, account, monkeypatch):
    """The PDS writes the reply, and the line breaks before its answer comes."""
    ana, desk = account("ana"), account("desk")
    reply = Reply("answer-3", ana.post("hello?")["uri"], "Hello!")

    async def go():
        lost = []

        async def pass_on(reader, writer):
            there, back = await asyncio.open_connection("127.0.0.1", allowed.port)
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = [line.lower() for line in head.split(b"\r\n")]
                length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
                body = await reader.readexactly(length)
                back.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + body)
                answer = await there.read()
                if b"createRecord" in head and not lost:
                    lost.append(answer)
                else:
                    writer.write(answer)
            finally:
                back.close()
                await back.wait_closed()

        async with answering(pass_on) as port:
            monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port}")
            settings = BlueskySettings(account=desk.handle, pds=f"http://127.0.0.1:{port}")
            return lost, await SOURCE.reply(reply, settings, secrets={"app_password": desk.app_password})

    lost, sent = asyncio.run(go())
    assert lost[0].startswith(b"HTTP/1.1 200")
    assert [uri for uri, _ in records(allowed, desk)] == [sent.id]


def test_another_text_under_the_same_key_is_never_taken_for_sent(allowed, account):
    ana, desk = account("ana"), account("desk")
    uri = ana.post("hello?")["uri"]
    settings, secrets = writing_as(allowed, desk)
    send(Reply("answer-4", uri, "Hello!"), settings, secrets)
    with pytest.raises(NeedsHands, match="Another post stands under the key"):
        send(Reply("answer-4", uri, "Good evening!"), settings, secrets)
    assert len(records(allowed, desk)) == 1


def test_a_wrong_password_needs_hands_and_is_not_told(allowed, account):
    ana = account("ana")
    settings, _ = writing_as(allowed, ana)
    with pytest.raises(NeedsHands, match="did not sign in") as caught:
        send(Reply("answer-5", ana.post("x")["uri"], "y"), settings, {"app_password": "wrong-horse"})
    assert "wrong-horse" not in str(caught.value)


def test_without_an_account_it_can_not_reply(allowed):
    with pytest.raises(CannotReply, match="no account"):
        send(Reply("k", "at://did:plc:x/app.bsky.feed.post/y", "z"), BlueskySettings(), {})


@pytest.mark.parametrize(
    ("text", "why"), [(" ", "empty"), ("x" * 301, "301 characters"), ("👩‍👩‍👧‍👦" * 300, "300 characters")]
)
def test_a_text_that_bluesky_would_refuse_is_refused_before(allowed, account, text, why):
    desk = account("desk")
    with pytest.raises(CannotReply, match=why):
        send(Reply("k", desk.post("x")["uri"], text), *writing_as(allowed, desk))


@pytest.mark.parametrize(
    "to_", ["nonsense", "at://did:plc:nobody/app.bsky.feed.post/3kaaaaaaaaa2c", "https://bsky.app/x"]
)
def test_a_post_that_is_not_there_can_not_be_answered(allowed, account, to_):
    with pytest.raises(CannotReply):
        send(Reply("k", to_, "hello"), *writing_as(allowed, account("desk")))


def test_a_session_is_kept_and_renewed(allowed, account, monkeypatch):
    ana, desk = account("ana"), account("desk")
    uri = ana.post("hello?")["uri"]
    settings, secrets = writing_as(allowed, desk)
    calls = []
    original = GuardedClient.request

    async def counted(self, method, url, **options):
        calls.append(url.rsplit("/", 1)[1])
        return await original(self, method, url, **options)

    monkeypatch.setattr(GuardedClient, "request", counted)
    for number in range(3):
        send(Reply(f"kept-{number}", uri, "Hello!"), settings, secrets)
    assert calls.count("com.atproto.server.createSession") == 1
    [key] = [key for key, session in xrpc._sessions.items() if session.did == desk.did]
    xrpc._sessions[key] = msgspec.structs.replace(xrpc._sessions[key], accessJwt="not.a.token")
    send(Reply("kept-4", uri, "Hello!"), settings, secrets)
    assert calls.count("com.atproto.server.createSession") == 2


def test_a_pds_that_is_down_is_tried_again(allowed, account, monkeypatch):
    desk = account("desk")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{port}")
        with pytest.raises(TryAgain, match="gave no answer"):
            send(
                Reply("k", desk.post("x")["uri"], "y"),
                BlueskySettings(account=desk.handle, pds=f"http://127.0.0.1:{port}"),
                {"app_password": desk.app_password},
            )


def test_the_check_signs_in_and_listens(allowed, account):
    desk = account("desk")
    settings, secrets = writing_as(allowed, desk)
    checked = asyncio.run(SOURCE.check(settings, secrets=secrets))
    assert checked.facts["Replies as"] == f"@{desk.handle}"


def test_the_guard_is_asked_here_too(pds, account):
    """Without the list, neither half reaches the PDS."""
    os.environ.pop("WATCHFLOOR_ALLOW_ADDRESSES")
    assert Guard.from_environment().allow == frozenset()
    desk = account("desk")
    settings, secrets = writing_as(pds, desk)
    with pytest.raises(NeedsHands, match="WATCHFLOOR_ALLOW_ADDRESSES"):
        send(Reply("k", desk.post("x")["uri"], "y"), settings, secrets)


# --- What accounts are called ---------------------------------------------------------------------------------------


def called(ids, server, **settings):
    settings = BlueskySettings(**{"mode": "firehose", "service": server.ws, "profiles": server.http} | settings)
    return asyncio.run(SOURCE.look_up_authors(ids, settings, secrets={}))


def test_a_pds_without_an_app_view_tells_the_handles_of_its_accounts(account, pds):
    ana, ben, gone = account("ana"), account("ben"), account("gone")
    gone.remove()
    nobody = "did:plc:" + "a" * 24
    assert called([ana.did, nobody, gone.did, ben.did], pds) == [
        AuthorRenamed("bluesky", ana.did, ana.handle),
        AuthorRenamed("bluesky", ben.did, ben.handle),
    ]


def test_a_handle_that_the_account_s_own_document_does_not_confirm_is_not_told(account, pds):
    ana = account("ana")
    assert called([ana.did], pds)
    ana.rename(f"{ana.handle.split('.')[0]}-moved.test")  # the PDS keeps the document of before for a while
    assert pds.get("com.atproto.repo.describeRepo", repo=ana.did).json()["handleIsCorrect"] is False
    assert called([ana.did], pds) == []


def test_a_deactivated_account_is_not_told(account, pds):
    ana = account("ana")
    ana.deactivate()
    assert called([ana.did], pds) == []


def test_it_asks_the_pds_where_the_app_view_can_not_be_reached(account, pds, monkeypatch):
    ana = account("ana")
    allow(monkeypatch, pds.http, "http://127.0.0.1:1")
    assert called([ana.did], pds, profiles="http://127.0.0.1:1") == [AuthorRenamed("bluesky", ana.did, ana.handle)]


def test_in_jetstream_mode_a_pds_without_an_app_view_is_no_app_view(account, pds):
    ana = account("ana")
    with pytest.raises(NeedsHands, match="No service configured"):
        called([ana.did], pds, mode="jetstream")
