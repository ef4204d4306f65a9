"""The calls of a service that run in worker threads."""

from concurrent.futures import Future


def still_running(calls: dict[int, Future[None]]) -> dict[int, Future[None]]:
    """The running calls, by job. Raises the exception of a finished one."""
    for call in calls.values():
        if call.done():
            call.result()
    return {job: call for job, call in calls.items() if not call.done()}
