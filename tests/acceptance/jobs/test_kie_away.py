"""An operator sees an outage of kie.ai, and that it is over, without looking at the log."""

from kie.jobs import job_table
from kie.jobs.job import NewJob
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.bots.world import TOKEN, World
from tests.support.machine.waiting import until


def test_an_outage_is_degraded_and_measured_and_ends_by_itself(world: World, dsn: Secret) -> None:
    bot = world.bot()
    bot.wait_state("ACTIVE")
    until(lambda: world.kie.calls("credit"), 10, "the first checkup")
    world.kie.account(maintenance=True)
    identity = Identity(Secret(TOKEN))
    database = Database(
        dsn,
        size=1,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="test",
        wakeups=Wakeups(),
    )
    users = [world.telegram.new_user() for _ in range(6)]
    inputs = {"prompt": "a cat", "aspect_ratio": "1:1", "nsfw_checker": True}
    for user in users:
        world.telegram.say(user, "/help")
        world.telegram.wait_text(user, "/start")
        with database.transaction() as tx:
            tx.one("SELECT ensure_user(%(user)s)", {"user": user})
            new = NewJob(user, user, "en", "z-image", inputs, 0, f"press-{user}", None)
            job_table.create(tx, identity.bot_id, new)
    database.close()

    until(lambda: bot.health()["status"] == "degraded", 20, "degraded")
    assert bot.health()["reason"] == "kie"
    bot.wait_line("new requests wait in the queue")
    assert 'trt_kie_circuit_open{kind="create"} 1.0' in bot.get("/metrics")[1]

    world.kie.account(maintenance=False)

    for user in users:
        world.telegram.wait_photo(user, 60)
    until(lambda: bot.health()["status"] == "ok", 10, "ok")
    metrics = bot.get("/metrics")[1]
    assert 'trt_kie_circuit_open{kind="create"} 0.0' in metrics
    assert 'trt_kie_calls_total{call="createTask",outcome="later"}' in metrics
    assert "trt_job_polls_count 6.0" in metrics
    assert "[KIE] ✅ kie.ai answers again (create)" in bot.text()
