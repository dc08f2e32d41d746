"""What is remembered once something out of the ordinary has happened, and only then."""

from __future__ import annotations

from iscsi_analyzer.model.task import KIND_SCSI, KIND_TMF, Task
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.trouble import (
    affected,
    calm,
    of_connection_trouble,
    of_session_trouble,
    of_task_trouble,
    task_trouble,
    watch,
)
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk


def test_a_task_has_no_trouble_until_somebody_remembers_some() -> None:
    task = Task(KIND_SCSI, 1, 1, 1)
    assert task_trouble(task) is None is task_trouble(None)
    assert of_task_trouble(task) is of_task_trouble(task) is task_trouble(task)


def test_a_connection_is_watched_as_long_as_some_topic_wants_it() -> None:
    follower = store_of(Talk().open().frames).followers[0]
    assert not of_connection(follower).vigil
    watch(follower, "one")
    watch(follower, "two")
    calm(follower, "one")
    assert of_connection(follower).vigil
    calm(follower, "two")
    calm(follower, "two")
    assert not of_connection(follower).vigil
    assert of_connection_trouble(follower).watching == set()
    assert of_session_trouble(follower.session) is of_session_trouble(follower.session)


def test_a_function_for_many_tasks_covers_those_before_it() -> None:
    """LOGICAL UNIT RESET those of its unit, a reset of the target all of them."""
    session = store_of(Talk().open().frames).followers[0].session
    tasks = [Task(KIND_SCSI, number, 10 + number, 1) for number in range(4)]
    tasks[1].lun = 7
    session.open.update({task.tag: task for task in tasks})
    management = Task(KIND_TMF, 9, 13, 1)
    for function, covered in ((5, [0, 2]), (6, [0, 1, 2]), (1, [])):
        management.operation = function
        assert [task.tag for task in affected(session, management)] == covered
