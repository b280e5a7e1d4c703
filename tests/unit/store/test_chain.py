from store.chain import ROOT, Break, Turn, packed, unpacked, walk

FIRST = Turn(ROOT, '[{"role":"user"}]')
SECOND = Turn(FIRST.head, '[{"role":"assistant"}]')
CHAIN = {FIRST.head: FIRST, SECOND.head: SECOND}


def test_a_head_depends_on_everything_before_it() -> None:
    """The same words after another beginning are another turn."""
    assert Turn(SECOND.head, FIRST.messages).head != FIRST.head


def test_a_walk_gives_the_turns_oldest_first() -> None:
    """An unbroken chain has no breaks."""
    assert walk(SECOND.head, CHAIN) == ([FIRST, SECOND], [])


def test_an_altered_turn_is_found_where_it_is() -> None:
    """Changed words no longer fit the name."""
    altered = CHAIN | {FIRST.head: Turn(ROOT, "[]")}
    assert walk(SECOND.head, altered)[1] == [Break(FIRST.head, "altered")]


def test_a_missing_turn_is_found() -> None:
    """The chain can't be followed past it."""
    assert walk(SECOND.head, {SECOND.head: SECOND}) == ([SECOND], [Break(FIRST.head, "missing")])


def test_a_chain_bent_into_a_circle_ends() -> None:
    """A tampered parent can't keep a reader busy for ever."""
    circle = CHAIN | {FIRST.head: Turn(SECOND.head, FIRST.messages)}
    assert Break(FIRST.head, "altered") in walk(SECOND.head, circle)[1]


def test_a_body_that_cannot_be_read_counts_as_altered() -> None:
    """Bytes that don't unpack are tampering too, not a crash."""
    assert walk(FIRST.head, {FIRST.head: unpacked(ROOT, b"rubbish")})[1] == [Break(FIRST.head, "altered")]


def test_packing_keeps_the_turn() -> None:
    """What is stored is the turn, smaller."""
    assert unpacked(FIRST.parent, packed(FIRST)) == FIRST
