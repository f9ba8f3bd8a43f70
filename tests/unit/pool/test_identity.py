from __future__ import annotations

import os
import re

from pool.identity import Identities, short

SECRET = "a secret of the test, long enough"


def test_a_session_id_is_128_bits_that_fit_a_path_and_a_host_name() -> None:
    identities = Identities(SECRET, os.urandom)
    session_id = identities.session_id(identities.new_instance_id())
    assert re.fullmatch(r"[a-z2-7]{26}", session_id)


def test_a_restarted_gateway_derives_the_same_ids_and_another_secret_different_ones() -> None:
    first, again, other = (Identities(s, os.urandom) for s in (SECRET, SECRET, SECRET + "!"))
    assert first.session_id("a") == again.session_id("a") != other.session_id("a")
    assert first.token("a") == again.token("a") != other.token("a")
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_nothing_secret_can_be_read_off_what_is_public() -> None:
    identities = Identities(SECRET, os.urandom)
    public = {"instance", identities.fingerprint, short("instance")}
    secrets = {identities.session_id("instance"), identities.token("instance")}
    assert not any(a in b or b in a for a in public for b in secrets)


def test_instance_ids_differ() -> None:
    identities = Identities(SECRET, os.urandom)
    assert len({identities.new_instance_id() for _ in range(1000)}) == 1000


def test_what_an_instance_writes_is_shown_without_what_would_open_it() -> None:
    identities = Identities("secret of the tests", os.urandom)
    mine, other = identities.new_instance_id(), identities.new_instance_id()
    text = f"{identities.token(mine)} at /user/{identities.session_id(mine)}/ of {mine}"
    assert identities.without_secrets(text, mine) == f"… at /user/…/ of {mine}"
    assert identities.without_secrets(text, other) == text


def test_the_label_of_a_sessions_host_fits_dns_and_is_the_same_after_a_restart() -> None:
    first, again, other = (Identities(s, os.urandom) for s in (SECRET, SECRET, SECRET + "!"))
    session_id = first.session_id("a")
    assert re.fullmatch(r"[a-z2-7]{16}", first.host_label(session_id))
    assert first.host_label(session_id) == again.host_label(session_id) != other.host_label(session_id)
    assert first.host_label(session_id) != first.host_label(first.session_id("b"))


def test_the_label_that_everybody_sees_is_no_part_of_what_opens_the_session() -> None:
    identities = Identities(SECRET, os.urandom)
    session_id = identities.session_id("instance")
    label = identities.host_label(session_id)
    for secret in (session_id, identities.token("instance")):
        assert label not in secret
        assert label[:8] not in secret
