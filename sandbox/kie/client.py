"""Steering the kie.ai simulator from a test; nothing but the standard library."""

from typing import Any

from sandbox.steering import call


class KieControl:
    """Speaks to ``/sandbox/`` of a running simulator. Raises ``ValueError`` on a mistake."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks, oldest first: id, model, kind, input, price, files, state and more."""
        return list(self._call("state")["tasks"])

    def calls(self, name: str) -> list[dict[str, Any]]:
        """The calls of that name, oldest first."""
        return [call for call in self._call("state")["calls"] if call["call"] == name]

    def credits(self) -> float:
        return float(self._call("state")["credits"])

    def uploads(self) -> list[dict[str, Any]]:
        """Files that were uploaded: path, url, bytes, mime, how."""
        return list(self._call("state")["uploads"])

    def violations(self) -> list[str]:
        """What a client did that the real kie.ai refuses or ignores."""
        return list(self._call("state")["violations"])

    def fault(self, kind: str, value: Any = True, **options: Any) -> None:
        """Switch a fault on; see ``sandbox.kie.tasks.FAULTS``."""
        self._call("fault", {"kind": kind, "value": value, **options})

    def account(self, **changes: Any) -> None:
        """Change credits, api_key, maintenance (or its code), hmac_key, limits_on, time_scale,
        fetch_inputs (whether input URLs are fetched), away (every connection is cut), withdrawn
        (model ids), dialects (see ``sandbox.kie.answers.DIALECTS``) or file_seconds (how long
        uploads live)."""
        self._call("account", changes)

    def finish(self, task_id: str) -> None:
        """End a task now, as its faults ask for."""
        self._call("finish", {"task": task_id})

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return call(self._base_url, path, body)
