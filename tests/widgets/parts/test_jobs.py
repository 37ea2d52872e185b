"""Workers end when they should, and only the newest request counts."""

import ast
import inspect
import threading
import time
import warnings
from types import SimpleNamespace

import pytest
from waiting import until

from riffkit.progress import Cancelled, report
from riffkit.widgets.parts import jobs
from riffkit.widgets.parts.jobs import MODEL_LOCK, REPLY, Job, Newest, answer_beside_cells


def slow(steps, *, seconds=0.01, progress=None):
    for step in range(steps):
        time.sleep(seconds)
        report(progress, step + 1, steps)
    return steps


def test_a_job_reports_steps_and_its_value():
    seen, done = [], []
    job = Job(slow, 5, on_progress=lambda step, total, estimate: seen.append((step, total)), on_done=done.append)
    job.join(5)
    assert not job.running
    assert seen == [(step, 5) for step in range(1, 6)]
    assert done == [5]


def test_a_job_holds_the_lock_while_it_runs_and_not_in_on_done():
    held = []
    Job(lambda progress: held.append(MODEL_LOCK.locked()), on_done=lambda _: held.append(MODEL_LOCK.locked())).join(5)
    assert held == [True, False]


def test_cancel_ends_within_a_step():
    done, errors, reached, asked = [], [], [], threading.Event()

    def work(progress):
        for step in range(100):
            reached.append(step)
            asked.wait(60 if step == 3 else 0)
            report(progress, step + 1, 100)

    job = Job(work, on_done=done.append, on_error=errors.append)
    until(lambda: 3 in reached)
    job.cancel()
    asked.set()
    job.join(60)
    assert reached == [0, 1, 2, 3], "it went on"
    assert not job.running and done == [] and isinstance(errors[0], Cancelled) and len(errors) == 1
    assert not MODEL_LOCK.locked()


def test_cancel_ends_a_job_that_waits_for_the_lock():
    errors = []
    with MODEL_LOCK:
        job = Job(slow, 1, on_error=errors.append)
        time.sleep(0.1)
        job.cancel()
        job.join(60)
        assert not job.running
    assert isinstance(errors[0], Cancelled)


def raising(where):
    def callback(*_):
        raise ValueError(where)

    return callback


@pytest.mark.parametrize("broken", ["on_progress", "on_done"])
def test_an_error_in_a_callback_is_the_jobs_own(broken):
    errors = []
    Job(slow, 2, on_error=errors.append, **{broken: raising(broken)}).join(5)
    assert [str(error) for error in errors] == [broken]
    assert not MODEL_LOCK.locked()


def test_newest_drops_what_was_overtaken_and_leaves_no_thread():
    started, asked, done = threading.Event(), threading.Event(), []

    def work(value, progress):
        started.set()
        asked.wait(60)
        return value

    newest = Newest(work, done.append)
    newest.ask(0)
    started.wait(60)
    for value in range(1, 30):
        newest.ask(value)
    asked.set()
    until(lambda: not newest.running)
    assert done == [0, 29]
    until(lambda: not [thread for thread in threading.enumerate() if thread.name == "riffkit-job"])
    newest.ask(30)
    until(lambda: done[-1] == 30)


def test_newest_goes_on_after_errors_and_interrupts():
    done, errors = [], []

    def work(value, progress):
        if value == "bad":
            raise ValueError(value)
        return slow(value, progress=progress)

    newest = Newest(work, done.append, errors.append)
    newest.ask("bad")
    until(lambda: errors)
    newest.ask(1000)
    time.sleep(0.05)
    newest.ask(2)
    newest.interrupt()
    until(lambda: done == [2])
    assert [str(error) for error in errors] == ["bad"]


def test_a_closed_newest_is_silent():
    done = []
    newest = Newest(slow, done.append)
    newest.ask(100)
    newest.close()
    newest.ask(1)
    until(lambda: not newest.running)
    assert done == []


def test_what_is_overwritten_in_ipykernel_is_still_there():
    from ipykernel.comm.comm import BaseComm

    assert list(inspect.signature(getattr(BaseComm, REPLY)).parameters) == ["self", "data", "default"]


def test_without_it_widgets_do_as_ipykernel_does_and_say_so_once():
    comm = type("Comm", (), {"__module__": "ipykernel.comm.comm"})()  # of a version to come
    elsewhere = SimpleNamespace()  # a page without ipykernel: nothing to say
    jobs._tell_that_cells_come_first.cache_clear()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for one in (comm, elsewhere, None, comm):
            answer_beside_cells(SimpleNamespace(comm=one, children=[SimpleNamespace(comm=one)]))
    assert [REPLY in str(one.message) for one in said] == [True]
    jobs._tell_that_cells_come_first.cache_clear()


HEARD = """
import time, ipywidgets
from riffkit.widgets.parts.jobs import answer_beside_cells
plain, ours, heard = ipywidgets.Button(), ipywidgets.Button(), {}
for name, button in {"plain": plain, "ours": ours}.items():
    button.on_click(lambda _, name=name: heard.update({name: time.time()}))
answer_beside_cells(ipywidgets.VBox([ours]))
"""
BUSY = """
plain.description = ours.description = "changed in a cell"
heard.clear()
print("begun", flush=True)
end = time.time() + 60
while "ours" not in heard and time.time() < end:
    time.sleep(0.02)
end = time.time()
"""


def test_clicks_are_heard_while_a_cell_runs():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")

    def told(value, code=""):
        reply = client.execute_interactive(
            code, user_expressions={"told": value}, output_hook=lambda _: None, timeout=60
        )
        return ast.literal_eval(reply["content"]["user_expressions"]["told"]["data"]["text/plain"])

    try:
        comms = told("[button.comm.comm_id for button in (plain, ours)]", HEARD)
        # as JupyterLab does: what widgets say goes to a thread of its own
        client.control_channel.send(client.session.msg("create_subshell_request", {}))
        while (reply := client.get_control_msg(timeout=30))["msg_type"] != "create_subshell_reply":
            pass
        client.execute(BUSY)
        while client.get_iopub_msg(timeout=60)["content"].get("text") != "begun\n":
            pass
        for comm in comms:
            click = {"comm_id": comm, "data": {"method": "custom", "content": {"event": "click"}}}
            message = client.session.msg("comm_msg", click)
            message["header"]["subshell_id"] = reply["content"]["subshell_id"]
            client.shell_channel.send(message)
        in_time = told("heard.get('ours', end + 1) < end")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert in_time
