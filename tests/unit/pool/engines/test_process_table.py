from __future__ import annotations

import os

import psutil

from pool.engines.process_table import Row, Table, birth, mark, owned

ANY = psutil.Process()
OURS = mark("g", "i1")


def row(pid: int, parent: int = 1, session: int = 0, carries: str = "") -> Row:
    return Row(pid, parent, session or pid, carries, ANY)


def test_what_carries_the_mark_belongs_to_the_instance() -> None:
    rows = [row(11, carries=OURS), row(12, carries=mark("g", "i2")), row(13, carries=mark("h", "i1"))]
    assert owned(rows, OURS, None) == {11}


def test_a_mark_without_a_gateway_or_an_instance_marks_nothing() -> None:
    assert mark("", "i1") == mark("g", "") == ""


def test_the_session_of_the_first_process_belongs_to_the_instance() -> None:
    rows = [row(11), row(12, session=11), row(13, session=99)]
    assert owned(rows, OURS, 11) == {11, 12}


def test_descendants_belong_to_the_instance_whatever_they_carry() -> None:
    rows = [row(11, carries=OURS), row(12, parent=11), row(13, parent=12, session=13), row(14, parent=2)]
    assert owned(rows, OURS, None) == {11, 12, 13}


def test_without_a_known_first_process_a_pid_proves_nothing() -> None:
    assert owned([row(11), row(12, session=11)], OURS, None) == frozenset()


def test_a_circle_of_parents_ends() -> None:
    rows = [row(11, parent=12, carries=OURS), row(12, parent=11)]
    assert owned(rows, OURS, None) == {11, 12}


def test_the_gateway_never_belongs_to_an_instance() -> None:
    rows = [row(os.getpid(), carries=OURS), row(12, parent=os.getpid(), carries=OURS)]
    assert owned(rows, OURS, None) == {12}


def test_a_process_is_born_once() -> None:
    here = birth(os.getpid())
    assert here is not None
    assert here == birth(os.getpid())
    assert here != birth(1)


def test_what_does_not_exist_was_not_born() -> None:
    assert birth(2**22 + 1) is None


def test_the_table_knows_this_process_and_forgets_what_has_ended() -> None:
    now = 0.0
    table = Table(lambda: now)
    assert os.getpid() in {each.pid for each in table.rows()}
    now = 100.0
    assert os.getpid() in {each.pid for each in table.rows()}
    assert len(table._seen) <= len(psutil.pids()) + 1
