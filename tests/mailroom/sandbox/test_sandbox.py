import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mailroom.domain.errors import Cause, Misconfigured, NeedsPerson
from mailroom.sandbox import supervise
from mailroom.sandbox.errors import ChildDied, SandboxLost, TaskRefused, TooMuchMemory, TooSlow
from mailroom.sandbox.limits import GIGABYTE, MEGABYTE, PARSING, Limits
from mailroom.sandbox.sandbox import Sandbox
from mailroom.sandbox.tasks import TASKS

Run = Callable[..., dict[str, Any]]


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def children_of(pid: int | None) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def open_descriptors(pid: int | None) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_a_result_and_a_file_come_back(run: Run, tmp_path: Path) -> None:
    assert run("echo", {"word": "Llanfair ŵ 1 £"}) == {"size": 8, "arguments": {"word": "Llanfair ŵ 1 £"}}
    assert (tmp_path / "copy").read_bytes() == b"a letter"


def test_arguments_may_be_longer_than_a_pipe_or_a_message_holds(run: Run) -> None:
    words = ["word"] * 300_000
    assert run("echo", {"words": words})["arguments"] == {"words": words}


def test_half_a_character_cannot_reach_a_database(run: Run) -> None:
    text = run("say_half_a_character")["text"]
    assert text == "half ? and whole \U0001f600"
    assert text.encode()


@pytest.mark.parametrize(
    ("call", "error", "cause"),
    [
        (("sleep", {"seconds": 60}, Limits(wall_seconds=0.3)), TooSlow, Cause.TOO_SLOW),
        (("burn", {}, Limits(cpu_seconds=1)), TooSlow, Cause.TOO_SLOW),
        (("eat_at_once", {"bytes": 2 * GIGABYTE}, Limits()), TooMuchMemory, Cause.TOO_LARGE),
        (("eat_slowly", {}, Limits(resident=200 * MEGABYTE)), TooMuchMemory, Cause.TOO_LARGE),
        (("refuse", {}, Limits()), TaskRefused, Cause.ENCRYPTED),
        (("stumble", {}, Limits()), TaskRefused, Cause.STOPPED_THE_READER),
        (("say_too_much", {"bytes": 3 * MEGABYTE}, Limits(result_bytes=2 * MEGABYTE)), TaskRefused, Cause.TOO_LARGE),
        (("write", {"bytes": 3 * MEGABYTE}, Limits(file_size=2 * MEGABYTE)), TaskRefused, Cause.TOO_LARGE),
    ],
)
def test_what_the_item_does_to_the_reader_is_said_in_words_for_a_clerk(
    run: Run, call: tuple[str, dict[str, Any], Limits], error: type[NeedsPerson], cause: Cause
) -> None:
    with pytest.raises(error) as caught:
        run(*call)
    assert caught.value.cause is cause
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("task", "how"),
    [
        ("leave", "it ended with code 3"),
        ("abort", "it was ended by signal 6"),
        ("crash", "it was ended by signal 11"),
        ("say_nonsense", "its answer cannot be read"),
    ],
)
def test_a_child_that_ends_without_an_answer_is_counted_by_the_caller(run: Run, task: str, how: str) -> None:
    with pytest.raises(ChildDied, match=how):
        run(task)


def test_the_last_words_of_a_dead_child_are_kept(run: Run) -> None:
    with pytest.raises(ChildDied) as caught:
        run("crash")
    assert b"Segmentation fault" in caught.value.noise


def test_ten_megabytes_of_noise_block_nobody(run: Run) -> None:
    assert run("shout") == {"shouted": True}


def test_a_child_is_confined_before_it_works(run: Run, tmp_path: Path) -> None:
    limits = Limits(address_space=GIGABYTE, cpu_seconds=7, file_size=5 * MEGABYTE)
    found = run("describe", limits=limits)
    assert found["limits"] == {
        "RLIMIT_AS": [GIGABYTE, GIGABYTE],
        "RLIMIT_CPU": [7, 8],
        "RLIMIT_FSIZE": [5 * MEGABYTE, 5 * MEGABYTE],
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_NOFILE": [64, 64],
    }
    assert found["no_new_privileges"] == "1"
    assert found["leads_its_session"] is True
    assert found["folder"] == str(tmp_path)
    # stdin, stdout, stderr, request, answer, and the one that the listing itself opens
    assert len(found["descriptors"]) == 6


def test_no_secret_of_the_worker_reaches_a_child(
    tmp_path: Path, mock_tasks: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILROOM_DATABASE_URL", "postgresql://service:hunter2@db/mailroom")
    with Sandbox(engine="", tasks=mock_tasks) as sandbox:
        answer = sandbox.run("describe", {}, source=tmp_path, scratch=tmp_path, limits=Limits())
    assert not any("hunter2" in value for value in answer["environment"].values())
    assert answer["environment"]["OMP_THREAD_LIMIT"] == "1"
    assert answer["environment"]["TMPDIR"] == str(tmp_path)


@pytest.mark.parametrize("seconds", [60, 0])
def test_a_program_started_by_a_task_ends_with_it(run: Run, tmp_path: Path, seconds: int) -> None:
    if seconds:
        with pytest.raises(TooSlow):
            run("start_another", {"seconds": seconds}, Limits(wall_seconds=0.5))
    else:
        run("start_another", {"seconds": seconds})
    program = int((tmp_path / "pid").read_text())
    assert wait_until(lambda: not is_running(program), 2)


def test_the_warm_parent_has_one_thread_with_every_library_and_the_model_loaded() -> None:
    with Sandbox() as sandbox:
        maps = Path(f"/proc/{sandbox.parent_pid}/maps").read_text()
        assert len(list(Path(f"/proc/{sandbox.parent_pid}/task").iterdir())) == 1
    assert all(library in maps for library in ("tesseract", "pdfium", "cv2", "pikepdf", "numpy"))


def test_a_missing_language_is_said_at_the_start() -> None:
    with pytest.raises(Misconfigured, match="xyz"), Sandbox(languages="eng+xyz"):
        pass


def test_a_warm_parent_that_has_died_is_replaced(
    fresh_sandbox: Sandbox, run_fresh: Run, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor(1) as pool:
        in_flight = pool.submit(run_fresh, "sleep", {"seconds": 60})
        assert wait_until(lambda: len(children_of(fresh_sandbox.parent_pid)) == 1)
        (child,) = children_of(fresh_sandbox.parent_pid)
        os.kill(fresh_sandbox.parent_pid or 0, signal.SIGKILL)
        with pytest.raises(SandboxLost):
            in_flight.result(10)
    assert wait_until(lambda: not is_running(child))
    assert run_fresh("echo")["size"] == 8
    assert fresh_sandbox.restarts == 1
    assert "started again (restart 1)" in caplog.text


def test_a_warm_parent_that_does_not_answer_is_replaced(
    fresh_sandbox: Sandbox, run_fresh: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "_PATIENCE_AFTER_A_KILL", 0.3)
    os.kill(fresh_sandbox.parent_pid or 0, signal.SIGSTOP)
    with pytest.raises(SandboxLost):
        run_fresh("echo", limits=Limits(wall_seconds=0.3))
    assert run_fresh("echo")["size"] == 8
    assert fresh_sandbox.restarts == 1


def test_the_warm_parent_outlives_the_thread_that_started_it(tmp_path: Path, mock_tasks: dict[str, str]) -> None:
    sandbox = Sandbox(engine="", tasks=mock_tasks)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(sandbox.__enter__).result(60)
    started = sandbox.parent_pid
    time.sleep(0.2)
    assert sandbox.run("sleep", {"seconds": 0}, source=tmp_path, scratch=tmp_path, limits=Limits()) == {}
    assert (sandbox.parent_pid, sandbox.restarts) == (started, 0)
    sandbox.__exit__(None, None, None)


def test_a_closed_sandbox_takes_no_calls_and_leaves_nothing_running(tmp_path: Path, mock_tasks: dict[str, str]) -> None:
    with Sandbox(engine="", tasks=mock_tasks) as sandbox:
        parent = sandbox.parent_pid
    assert parent is not None
    assert not is_running(parent)
    with pytest.raises(SandboxLost):
        sandbox.run("sleep", {"seconds": 0}, source=tmp_path, scratch=tmp_path, limits=Limits())


def test_an_unknown_task_is_a_mistake_of_the_caller(run: Run) -> None:
    with pytest.raises(ValueError, match="no task 'nothing'"):
        run("nothing")


def test_a_missing_source_is_a_mistake_of_the_caller_and_no_fault_of_the_item(sandbox: Sandbox, tmp_path: Path) -> None:
    for source, scratch in ((tmp_path / "gone", tmp_path), (tmp_path, tmp_path / "gone")):
        with pytest.raises(FileNotFoundError):
            sandbox.run("echo", {}, source=source, scratch=scratch, limits=Limits())


def test_two_threads_work_at_the_same_time(run: Run) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: run("sleep", {"seconds": 0.6}), range(2)))
    assert time.monotonic() - started < 1.1


def test_four_threads_get_their_own_answers(run: Run) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: run("echo", {"number": number}), range(60)))
    assert [answer["arguments"]["number"] for answer in answers] == list(range(60))


def test_three_hundred_children_leave_no_trace_in_worker_or_warm_parent(sandbox: Sandbox, run: Run) -> None:
    for _ in range(20):
        run("echo")
    time.sleep(0.1)
    before = (open_descriptors(os.getpid()), open_descriptors(sandbox.parent_pid))
    resident = supervise.resident_bytes(sandbox.parent_pid or 0)
    for _ in range(300):
        run("echo")
    # The warm parent closes its last descriptors just after it has told the worker how the child ended.
    assert wait_until(lambda: (open_descriptors(os.getpid()), open_descriptors(sandbox.parent_pid)) == before, 2)
    assert supervise.resident_bytes(sandbox.parent_pid or 0) - resident < 2 * MEGABYTE
    assert children_of(sandbox.parent_pid) == []


_WORKER = """
import sys, threading
from pathlib import Path
from mailroom.sandbox.limits import Limits
from mailroom.sandbox.sandbox import Sandbox
from mailroom.sandbox.tasks import TASKS

folder = Path(sys.argv[1])
with Sandbox(engine="", tasks={"sleep": "mock_tasks:sleep"}) as sandbox:
    for _ in range(2):
        said = {"source": folder, "scratch": folder, "limits": Limits(wall_seconds=600)}
        threading.Thread(target=sandbox.run, args=("sleep", {"seconds": 600}), kwargs=said, daemon=True).start()
    print(sandbox.parent_pid, flush=True)
    threading.Event().wait()
"""


def test_a_killed_worker_leaves_no_orphan(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", _WORKER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as worker:
        assert worker.stdout is not None
        parent = int(worker.stdout.readline())
        assert wait_until(lambda: len(children_of(parent)) == 2)
        family = [parent, *children_of(parent)]
        worker.kill()
    assert wait_until(lambda: not any(is_running(pid) for pid in family), 5)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/tiff", "application/pdf"])
def test_a_child_that_reads_a_page_finds_every_library_loaded(
    media_type: str, mock_tasks: dict[str, str], tmp_path: Path
) -> None:
    page = tmp_path / "page"
    Image.effect_noise((600, 800), 90).save(page, media_type.rpartition("/")[2])
    with Sandbox(tasks={**TASKS, "modules_imported": mock_tasks["modules_imported"]}) as sandbox:
        arguments = {"tasks": ["look_inside", "read_page", "searchable"], "number": 1}
        answer = sandbox.run("modules_imported", arguments, source=page, scratch=tmp_path, limits=Limits())
    assert answer == {"imported": []}


def test_a_mail_with_one_attachment_of_a_hundred_megabytes_is_opened_within_the_limits(tmp_path: Path) -> None:
    mail, scratch = tmp_path / "mail", tmp_path / "scratch"
    scratch.mkdir()
    line = base64.b64encode(bytes(57)) + b"\r\n"
    head = b"Subject: The whole file\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail.write_bytes(head + line * (100 * MEGABYTE // 57))
    with Sandbox(engine="") as sandbox:
        inside = sandbox.run("look_inside", {}, source=mail, scratch=scratch, limits=PARSING)
        out = sandbox.run("take_out", {"most_files": 1, "most_bytes": 1}, source=mail, scratch=scratch, limits=PARSING)
    assert inside["headers"]["subject"] == "The whole file"
    assert len(out["names"]) == 1
    assert (scratch / "attachment-1").stat().st_size == 100 * MEGABYTE // 57 * 57
