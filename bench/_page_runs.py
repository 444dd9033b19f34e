"""A session of the app without a browser: Streamlit's own script runner, its messages thrown away."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isfunction
from typing import Any, NamedTuple

from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.state import SessionState

from data import frames

FILES = MemoryUploadedFileManager("/files")
SCRIPTS = ScriptCache()


class Spent(NamedTuple):
    """Milliseconds on the clock, and of the script's own thread."""

    clock: float
    work: float


def process(script: str) -> None:
    """What the server has once: the media files and the caches' storage."""
    Runtime(RuntimeConfig(script, MemoryMediaFileStorage("/media"), FILES))


def _now() -> Spent:
    return Spent(time.perf_counter() * 1000, time.thread_time() * 1000)


class Session:
    """One person's session, on one page."""

    def __init__(self, script: str, page: str, query: str = "") -> None:
        self._script, self._asked = script, RerunData(query_string=query, page_name=page)
        self._state = SessionState()
        self._pages = PagesManager(script, SCRIPTS, setup_watcher=False)

    def draw(self) -> Spent:
        """Run the script once: from its start, which Streamlit announces, to its end."""
        spent: list[Spent] = []
        began = _now()

        def heard(_sender: Any, event: ScriptRunnerEvent, **_: Any) -> None:
            nonlocal began
            if event is ScriptRunnerEvent.SCRIPT_STARTED:
                began = _now()
            elif event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG and event in STOPPED:
                spent.append(Spent(*(b - a for a, b in zip(began, _now(), strict=True))))

        loop = asyncio.new_event_loop()
        runner = ScriptRunner(
            session_id="bench",
            main_script_path=self._script,
            session_state=self._state,
            uploaded_file_mgr=FILES,
            script_cache=SCRIPTS,
            initial_rerun_data=self._asked,
            user_info={},
            fragment_storage=MemoryFragmentStorage(),
            pages_manager=self._pages,
            event_loop=loop,
        )
        runner.on_event.connect(heard)
        runner.start()
        assert runner._script_thread is not None
        runner._script_thread.join()
        loop.close()
        return Spent(*(sum(each) for each in zip(*spent, strict=True)))


STOPPED = {
    ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS,
    ScriptRunnerEvent.SCRIPT_STOPPED_FOR_RERUN,
    ScriptRunnerEvent.SCRIPT_STOPPED_WITH_COMPILE_ERROR,
}


@contextmanager
def frames_timed() -> Iterator[dict[str, float]]:
    """Milliseconds of work by frame of data.frames, of those that are read meanwhile."""
    spent: dict[str, float] = {}
    before = {name: getattr(frames, name) for name in frames.__all__ if isfunction(getattr(frames, name))}

    def timed(name: str, frame: Any) -> Any:
        @wraps(frame)
        def read(*given: Any, **named: Any) -> Any:
            began = _now()
            try:
                return frame(*given, **named)
            finally:
                spent[name] = spent.get(name, 0.0) + _now().work - began.work

        return read

    try:
        for name, frame in before.items():
            setattr(frames, name, timed(name, frame))
        yield spent
    finally:
        for name, frame in before.items():
            setattr(frames, name, frame)
