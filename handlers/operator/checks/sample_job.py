"""One real picture, made through the normal job table by the running bot."""

import json
import struct
import uuid
from typing import Any

import sql
from handlers.operator.checks.check_result import CheckFailed, Deadline, pause
from handlers.operator.checks.deployment import Deployment
from kie.api.client import KieClient
from kie.catalogue.model import Model
from kie.jobs import job_table
from kie.jobs.job import NewJob
from supervisor.database.transactions import Row
from supervisor.runtime.errors import BotError

TAKEN_WITHIN = 10.0  #: seconds until the running bot has sent the job to kie.ai
LOOK_EVERY = 0.2  #: seconds
PROMPT = "A lighthouse on a calm morning, soft light, wide view"
_SQL = sql.load("checks")


class SampleJob:
    """A job of the first operator, who gets the picture; without operators, of the bot itself."""

    def __init__(self, deployment: Deployment, client: KieClient, model: Model) -> None:
        self._deployment = deployment
        self._client = client
        self._model = model
        self._bot_id = deployment.identity.bot_id
        admins = deployment.settings.admin_ids
        self._operator = admins[0] if admins else None
        self._job_id = 0

    def create(self) -> None:
        """Write the row of the job, as the dialogue does; its price is 0."""
        owner = self._operator or self._bot_id
        inputs = sample_inputs(self._model)
        new = NewJob(
            user_id=owner,
            chat_id=self._operator,
            language="en",
            model=self._model.id,
            inputs=inputs,
            price=0,
            request_key=f"check:{uuid.uuid4().hex}",
            status_message_id=None,
        )
        with self._deployment.database.transaction() as tx:
            tx.run(_SQL["sample_user"], {"user_id": owner})
            self._job_id = job_table.create(tx, self._bot_id, new)

    def wait_for_task(self) -> str:
        """The task's number, once the running bot has it from kie.ai. Raises ``CheckFailed``."""
        deadline = Deadline(
            self._deployment.clock, min(TAKEN_WITHIN, self._deployment.deadline.left)
        )
        while deadline.left > 0:
            row = self._look()
            if row["task_id"]:
                return str(row["task_id"])
            if row["status"] == "fail":
                raise self._failed(row)
            pause(self._deployment.clock, LOOK_EVERY)
        with self._deployment.database.transaction() as tx:
            withdrawn = tx.one(_SQL["withdraw_sample"], self._named) is not None
        if withdrawn:
            raise CheckFailed(
                f"no instance took the job within {TAKEN_WITHIN:.0f} s; it was withdrawn",
                "is the bot running and ACTIVE, with this DATABASE_URL? python run.py status",
            )
        raise CheckFailed(
            f"job {self._job_id} was taken and kie.ai has not answered within {TAKEN_WITHIN:.0f} s",
            "look into the bot's log for this job; is kie.ai up?",
        )

    def wait_for_end(self, *, spare: float = 0.0) -> Row:
        """The job's row when it has ended, or when only ``spare`` seconds are left.

        Raises ``CheckFailed`` for a job that failed.
        """
        while True:
            row = self._look()
            if row["status"] == "fail":
                raise self._failed(row)
            if row["status"] == "success" or self._deployment.deadline.left <= spare:
                return row
            pause(self._deployment.clock, LOOK_EVERY)

    def all_the_way(self) -> str:
        """From the row to a picture that can be read; tells the duration of each stage."""
        self.create()
        task = self.wait_for_task()
        row = self.wait_for_end(spare=self._deployment.deadline.seconds / 10)
        if row["status"] != "success":
            raise CheckFailed(
                f"task {task} has not ended within {self._deployment.deadline.seconds:.0f} s"
                f" (job {self._job_id} is {row['status']})",
                "kie.ai is slow or the task hangs; the bot goes on waiting for it",
            )
        begun = self._deployment.clock.now()
        width, height = self._read(row)
        read = self._deployment.clock.now() - begun
        made = f"createTask {row['submitted']:.1f} s, end {row['completed']:.1f} s"
        return f"{width}x{height} picture; {made}, read {read:.1f} s{self._delivery()}"

    def _read(self, row: Row) -> tuple[int, int]:
        urls = row["result_urls"] or []
        urls = json.loads(urls) if isinstance(urls, str) else urls
        if not urls:
            raise CheckFailed(
                f"job {self._job_id} succeeded without a result", "ask kie.ai's support"
            )
        try:
            content = self._client.download(urls[0])
        except BotError as error:
            raise CheckFailed(
                f"the result of job {self._job_id} cannot be read: {error}",
                "is the network to kie.ai's file hosts open from here?",
            ) from None
        size = picture_size(content)
        if size is None:
            raise CheckFailed(
                f"the result of job {self._job_id} is no picture ({len(content)} bytes,"
                f" beginning with {content[:8]!r})",
                "ask kie.ai's support",
            )
        return size

    def _delivery(self) -> str:
        """Wait for the delivery to the operator."""
        if self._operator is None:
            return "; delivered to nobody: ADMIN_ID is not set"
        deadline = Deadline(self._deployment.clock, min(8.0, self._deployment.deadline.left))
        while deadline.left > 0:
            row = self._look()
            if row["delivery"] == "sent":
                return f", delivered {row['delivered']:.1f} s"
            if row["delivery"] in {"failed", "dropped"}:
                raise CheckFailed(
                    "the picture is made and Telegram does not take it for the first ADMIN_ID",
                    "write /start to the bot from that account",
                )
            pause(self._deployment.clock, LOOK_EVERY)
        raise CheckFailed(
            "the picture is made and was not delivered",
            "look at the outbox: python run.py status",
        )

    @property
    def _named(self) -> dict[str, int]:
        return {"job_id": self._job_id, "bot_id": self._bot_id}

    def _look(self) -> Row:
        with self._deployment.database.transaction() as tx:
            row = tx.one(_SQL["sample_state"], self._named)
        if row is None:
            raise CheckFailed(f"job {self._job_id} vanished", "somebody deletes rows; find out who")
        return row

    def _failed(self, row: Row) -> CheckFailed:
        return CheckFailed(
            f"job {self._job_id} failed: {row['error_message'] or 'no reason given'}",
            "look into the bot's log for this job, and at the account at kie.ai",
        )


def sample_inputs(model: Model) -> dict[str, Any]:
    """The inputs of the sample."""
    return model.complete({"prompt": PROMPT, "aspect_ratio": "16:9"})


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height from the header of a PNG, JPEG or WebP file; None: another format."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:2] == b"\xff\xd8":
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 30:
        if content[12:16] == b"VP8X":
            return tuple(int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))  # type: ignore[return-value]  # two numbers
        if content[12:16] == b"VP8L":
            bits = int.from_bytes(content[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """From the first frame header (SOF0 to SOF15 but for DHT, JPG and DAC)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
