"""The error of a certificate that is not trusted. Services know it without the HTTP client."""

from supervisor.runtime.errors import Unavailable


class Untrusted(Unavailable):
    """The certificate of the other side is not trusted, for this ``reason``; nothing was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the certificate of kie.ai is not trusted ({reason})")
        self.reason = reason
