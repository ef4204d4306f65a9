"""Many users who write numbered texts, and the count of answers for each text.

A text in a chat that is nowhere in the wizard is kept as a draft and answered with its own
words, and it moves the dialogue on by one version. So the answers show loss and order from
the outside, and the tables show how often each update took effect.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from sandbox.client import SandboxClient, content
from supervisor.runtime.secret import Secret
from tests.support.postgres.looks import Looks

_NUMBER = re.compile(r"number-(\d{5})")


@dataclass
class Tally:
    """What was found; a test compares it with what must be."""

    lost: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    #: Answers that a user saw more often than once.
    repeated: int = 0
    #: Of those, the ones whose delivery has no record of as many unanswered sends.
    unexplained: list[str] = field(default_factory=list)
    #: Sends that went unanswered, whether the user saw them twice or not.
    unanswered: int = 0
    #: Updates by state, and whatever took effect more or less often than once.
    states: dict[str, int] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"lost {len(self.lost)}, out of order {len(self.out_of_order)}, effects not exactly"
            f" once {len(self.effects)}, repeated {self.repeated} (unexplained"
            f" {len(self.unexplained)}; unanswered sends {self.unanswered}), states {self.states}"
        )


class Crowd:
    """``chats`` users; each text has a number of its own within its chat."""

    def __init__(self, telegram: SandboxClient, dsn: Secret, chats: int) -> None:
        self._telegram = telegram
        self._looks = Looks(dsn)
        self._users = [telegram.new_user(f"Crowd{number}") for number in range(chats)]
        self._said: Counter[int] = Counter()

    @property
    def said(self) -> int:
        return self._said.total()

    def talk(self, texts: int, per_second: float, stop: Callable[[], bool] = lambda: False) -> None:
        """Send ``texts`` messages in all, to the chats in turn, at an even rate."""
        started = time.monotonic()
        for number in range(texts):
            if stop():
                return
            user = self._users[number % len(self._users)]
            self._telegram.say(user, f"number-{self._said[user]:05}")
            self._said[user] += 1
            time.sleep(max(0.0, started + (number + 1) / per_second - time.monotonic()))

    def processed(self) -> int:
        """Texts that have taken effect."""
        rows = self._rows("SELECT count(*) AS n FROM telegram_updates WHERE state = 'done'")
        return int(rows[0]["n"])

    def settled(self) -> bool:
        """Every text was processed and nothing more is to be sent."""
        try:
            rows = self._rows(
                "SELECT (SELECT count(*) FROM telegram_updates WHERE state <> 'new') AS processed,"
                " (SELECT count(*) FROM deliveries"
                "   WHERE state IN ('pending', 'sending', 'unknown')) AS open"
            )
        except psycopg2.OperationalError:
            return False  # the server is being restarted
        return bool(rows[0]["processed"] >= self.said and rows[0]["open"] == 0)

    def unsettled(self) -> str:
        """What ``settled`` waits for, and who holds it."""
        updates = self._rows(
            "SELECT lane, update_id, attempts, ended, next_try_at - now() AS due_in, error"
            " FROM telegram_updates WHERE state = 'new' ORDER BY seq LIMIT 10"
        )
        deliveries = self._rows(
            "SELECT id, chat_id, line, kind, state, attempts, unknowns, claim_token,"
            " not_before - now() AS due_in, now() - created_at AS age, error FROM deliveries"
            " WHERE state IN ('pending', 'sending', 'unknown') ORDER BY id LIMIT 10"
        )
        counts = self._rows("SELECT state, count(*) AS n FROM telegram_updates GROUP BY state")
        terms = self._rows("SELECT epoch, instance_id, token, ended_at FROM lock_epochs")
        found = [f"{self.said} texts were said", *counts, *updates, *deliveries, *terms]
        return "\n".join(str(each) for each in found)

    def tally(self) -> Tally:
        """Compare what was said with what the users see and what the tables hold."""
        found = Tally()
        unanswered, suspects = self._unanswered_sends(), self._suspects()
        found.unanswered = sum(unanswered.values())
        state = self._telegram.state()
        for user in self._users:
            # A later answer takes the place of the one before, whose message is deleted.
            shown = [*state["messages"][str(user)], *state["deleted"].get(str(user), [])]
            seen = [
                int(number[1])
                for message in sorted(shown, key=lambda each: int(each["message_id"]))
                if message["from"]["is_bot"] and (number := _NUMBER.search(content(message)))
            ]
            times = Counter(seen)
            found.lost += [
                f"{user}: {number}" for number in range(self._said[user]) if number not in times
            ]
            found.out_of_order += [
                f"{user}: {later} after {earlier}"
                for earlier, later in zip(seen, seen[1:], strict=False)
                if later < earlier and (user, later) not in suspects
            ]
            for answered, count in times.items():
                found.repeated += count - 1
                if count - 1 > unanswered[user, answered]:
                    found.unexplained.append(f"{user}: {answered} came {count} times")
        self._count_effects(found)
        return found

    # --------------------------------------------------------------- internal --

    def _unanswered_sends(self) -> Counter[tuple[int, int]]:
        rows = self._rows(
            "SELECT chat_id, payload ->> 'text' AS text, unknowns FROM deliveries"
            " WHERE unknowns > 0"
        )
        found: Counter[tuple[int, int]] = Counter()
        for row in rows:
            number = _NUMBER.search(row["text"] or "")
            if number is not None:
                found[row["chat_id"], int(number[1])] += row["unknowns"]
        return found

    def _suspects(self) -> set[tuple[int, int]]:
        """Texts during which three processes have ended: such a text waits, and its chat goes on
        without it (``begun_updates.py``)."""
        rows = self._rows("SELECT lane, body FROM telegram_updates WHERE ended > 2")
        found = ((row["lane"], _NUMBER.search(row["body"])) for row in rows)
        return {(chat, int(number[1])) for chat, number in found if number is not None}

    def _count_effects(self, found: Tally) -> None:
        rows = self._rows("SELECT state, count(*) AS n FROM telegram_updates GROUP BY state")
        found.states = {row["state"]: row["n"] for row in rows}
        for row in self._rows("SELECT chat_id, version FROM dialogues"):
            if row["version"] != self._said[row["chat_id"]]:
                found.effects.append(
                    f"{row['chat_id']}: {self._said[row['chat_id']]} texts moved the dialogue"
                    f" {row['version']} times"
                )
        answers: defaultdict[int, list[int]] = defaultdict(list)
        for row in self._rows("SELECT chat_id, payload ->> 'text' AS text FROM deliveries"):
            number = _NUMBER.search(row["text"] or "")
            if number is not None:
                answers[row["chat_id"]].append(int(number[1]))
        for user in self._users:
            if sorted(answers[user]) != list(range(self._said[user])):
                found.effects.append(f"{user}: answers in the outbox: {sorted(answers[user])}")
        for row in self._rows(
            "SELECT u.user_id FROM accounts AS u LEFT JOIN ledger AS l USING (bot_id, user_id)"
            " GROUP BY u.bot_id, u.user_id HAVING u.balance <> coalesce(sum(l.amount), 0)"
        ):
            found.effects.append(f"{row['user_id']}: the balance is not the sum of the ledger")

    def _rows(self, statement: str) -> list[dict[str, Any]]:
        return self._looks.rows(statement)
