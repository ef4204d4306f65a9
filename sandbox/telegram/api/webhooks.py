"""setWebhook, deleteWebhook, getWebhookInfo."""

import ipaddress
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import bad_request, too_many
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.nulls import UPDATE_KINDS
from sandbox.telegram.state.store import State
from sandbox.telegram.state.updates import Webhook

WEBHOOK_PORTS = {80, 88, 443, 8443}


class Webhooks:
    """Where updates go, and what Telegram says about it."""

    def __init__(self, state: State) -> None:
        self._updates = state.updates
        self._violations = state.violations

    def methods(self) -> Mapping[str, Handler]:
        return {
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
        }

    async def _set_webhook(self, p: Mapping[str, Any]) -> Any:
        hook, url = self._updates.webhook, p.get("url", "")
        secret = p.get("secret_token", "")
        if url:
            _check_address(url)
        if len(secret) > 256 or not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
            raise bad_request("secret token contains unallowed characters")
        kinds = p.get("allowed_updates")
        if kinds is not None and (not isinstance(kinds, list) or set(kinds) - set(UPDATE_KINDS)):
            self._violations.append(f"setWebhook: allowed_updates {kinds!r}")
        allowed = hook.allowed if kinds is None else kinds
        connections = p.get("max_connections", 40)
        if not 1 <= connections <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        if p.get("drop_pending_updates"):
            self._updates.pending.clear()
        wanted = (url, secret, allowed, connections)
        if wanted == (hook.url, hook.secret, hook.allowed, hook.max_connections):
            return True, "Webhook is already set"
        now = time.monotonic()
        if now - hook.set_at < 1.0:
            raise too_many(1)
        self._updates.webhook = Webhook(url, secret, allowed, connections, now)
        self._updates.changed()
        return True, "Webhook was set" if url else "Webhook was deleted"

    async def _delete_webhook(self, p: Mapping[str, Any]) -> Any:
        if p.get("drop_pending_updates"):
            self._updates.pending.clear()
        if not self._updates.webhook.url:
            return True, "Webhook is already deleted"
        self._updates.webhook = Webhook(allowed=self._updates.webhook.allowed)
        self._updates.changed()
        return True, "Webhook was deleted"

    async def _get_webhook_info(self, p: Mapping[str, Any]) -> Any:
        del p
        hook = self._updates.webhook
        self._updates.drop_expired()
        info: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if hook.url:
            info.update(max_connections=hook.max_connections, ip_address="127.0.0.1")
        if hook.allowed:
            info["allowed_updates"] = hook.allowed
        if hook.last_error_date is not None:
            info["last_error_date"] = hook.last_error_date
            info["last_error_message"] = hook.last_error_message
        return info


def _check_address(url: str) -> None:
    """Where Telegram calls at all; plain HTTP is for this machine only."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise bad_request("bad webhook: invalid webhook URL specified") from None
    host = parts.hostname or ""
    if parts.scheme == "http" and host in {"127.0.0.1", "localhost"}:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # a name
    if address.version == 6:
        raise bad_request("bad webhook: IPv6-only addresses are not allowed")
    if not address.is_global:
        raise bad_request(f"bad webhook: IP address {address} is reserved")
