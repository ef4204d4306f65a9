"""The services that run while ACTIVE, made from their shared parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from handlers.bot_api.client import TelegramClient
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claimed import EarlyClaims
from handlers.delivery.claims import Claims
from handlers.delivery.outbox import Outbox
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.delivery.sender import Sender
from handlers.dialogue.effects import Keyboard
from handlers.dialogue.places import Spot
from handlers.direct.dispatchers import Dispatchers
from handlers.dispatch.feature import Installation, Parts
from handlers.dispatch.routing import Router
from handlers.dispatch.their_step import Theirs
from handlers.features import COMMANDS, FEATURES, LAYOUT
from handlers.features.results.chat_actions import ChatActions
from handlers.features.results.news import JobNews
from handlers.intake.polling import Polling
from handlers.intake.polling_mode import PollingMode
from handlers.intake.webhook_setup import WebhookSetup
from handlers.operator.alerts import Alerts
from handlers.process.housekeeping import Housekeeping
from handlers.process.installation_marks import InstallationMarks
from handlers.process.introduction import Introduction
from handlers.process.kie_client import kie_client
from handlers.process.kie_services import KieServices
from handlers.process.shared_parts import CLAIMS_ARE_LEFT, RELEASE_CLAIMS, SharedParts
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import Offer, offers_of
from handlers.shop.shop import Documents, Payment, Support
from kie.catalogue.availability import Availability
from kie.catalogue.pricing import priced
from kie.files.made_files import MadeFiles
from kie.files.result_fetcher import ResultFetcher
from kie.files.result_store import ResultStore
from kie.jobs.account_state import AccountState
from supervisor.lock.leftover_claims import LeftoverClaims
from supervisor.runtime.threads import Service
from supervisor.settings.reader import Settings
from supervisor.telemetry.logs import Redactor


@dataclass(frozen=True, slots=True)
class Services(SharedParts):
    """Makes the services that run while ACTIVE."""

    telegram: TelegramClient

    def services(self, *, take_over: bool) -> Sequence[Service]:
        """In the order in which they start: those that finish old work come first."""
        settings = self.settings
        offers = offers_of(self.catalogue)
        bot_id = settings.identity.bot_id
        early, redactor = EarlyClaims(), Redactor()
        redactor.learn(settings.secrets)
        router = Router(FEATURES, LAYOUT, COMMANDS)

        def remedies(place: str, language: str, user_id: int = 0) -> Keyboard:
            return router.places.keyboard(place, Spot(language, current_shop(), user_id=user_id))

        outbox = Outbox(bot_id, settings.admin_ids, redactor.clean, remedies, early)
        installation = Installation(
            settings.identity, outbox, self.health.metrics, self.health, redactor.clean
        )
        client = kie_client(settings, self.clock, self.health, self.wakeups)
        store = ResultStore(settings.data_dir / f"spool-{bot_id}", client)
        fetcher = self._fetcher(store)
        account = AccountState(lambda reason: self.health.report("kie", reason))
        # ``current_shop`` is made below. It says what is on sale.
        news = JobNews(
            outbox,
            lambda: current_shop(),
            offers,
            router.places,
            self._count_end,
            fetcher.want,
            settings.identity.wish_code,
        )
        availability = Availability(
            self.database, news, self.wakeups, self.clock, bot_id, self.catalogue.packs
        )
        current_shop = self._shop(offers, account, availability)
        return (
            self._sender(store, outbox, early),
            self.restarting_thread("availability", availability.run),
            *KieServices(
                self, self.telegram, client, self.catalogue, news, account, availability
            ).services(),
            *self._dispatchers(installation, router, current_shop),
            *self._features(installation, router, current_shop, store),
            self.restarting_task("introduction", self._introduction(router, current_shop).run),
            self.restarting_task("chat_actions", self._chat_actions(offers).run),
            self._receiver(outbox, take_over=take_over),
            self.restarting_thread("alerts", self._alerts(installation, router, remedies).run),
            self.restarting_thread("keeper", fetcher.run),
            self._housekeeping(),
            self.restarting_thread("leftovers", self._leftovers().run),
        )

    def _introduction(self, router: Router, current_shop: CurrentShop) -> Introduction:
        settings = self.settings
        return Introduction(
            self.telegram.bot,
            current_shop,
            router.commands,
            self.clock,
            InstallationMarks(self.database, settings.identity.bot_id, settings.admin_ids),
            router.places.operator_commands,
        )

    def _shop(
        self,
        offers: Mapping[str, Offer],
        account: AccountState,
        availability: Availability,
    ) -> CurrentShop:
        settings = self.settings
        return CurrentShop(
            offers,
            Support(settings.support_telegram, settings.support_text),
            account.reason,
            _payment(settings),
            settings.admin_ids,
            availability.snapshot,
            self.catalogue.does,
            self.clock.now,
            lambda tariffs: offers_of(priced(self.catalogue, tariffs)),
            Documents(settings.privacy_text, settings.terms_text),
        )

    def _fetcher(self, store: ResultStore) -> ResultFetcher:
        bot_id = self.settings.identity.bot_id
        return ResultFetcher(store=store, database=self.database, clock=self.clock, bot_id=bot_id)

    def _sender(self, store: ResultStore, outbox: Outbox, early: EarlyClaims) -> Service:
        bot_id = self.settings.identity.bot_id
        sender = Sender(
            claims=Claims(self.database, bot_id, self.clock),
            recorder=OutcomeRecorder(
                self.database,
                bot_id,
                self.clock,
                self.health.metrics.credits_out.labels("paid").inc,
                outbox,
            ),
            calls=TelegramCalls(
                self.telegram.bot, MadeFiles(self.database, bot_id, store), self.clock
            ),
            clock=self.clock,
            wakeups=self.wakeups,
            metrics=self.health.metrics,
            on_answered=self.callback_answers.answered,
            silenced=self.health.silenced,
            early=early,
        )
        return self.task("sender", sender.run)

    def _housekeeping(self) -> Service:
        housekeeping = Housekeeping(
            database=self.database,
            bot_id=self.settings.identity.bot_id,
            clock=self.clock,
            metrics=self.health.metrics,
        )
        return self.restarting_thread("housekeeping", housekeeping.run)

    def _leftovers(self) -> LeftoverClaims:
        return LeftoverClaims(
            self.database,
            self.clock,
            bot_id=self.settings.identity.bot_id,
            release_claims=RELEASE_CLAIMS,
            are_left=CLAIMS_ARE_LEFT,
        )

    def _alerts(
        self,
        installation: Installation,
        router: Router,
        remedy: Callable[[str, str], Keyboard],
    ) -> Alerts:
        return Alerts(
            database=self.database,
            identity=self.settings.identity,
            outbox=installation.outbox,
            health=self.health,
            clock=self.clock,
            wakeups=self.wakeups,
            remedy=remedy,
            sources=[
                partial(source, installation=installation)
                for feature in router.features
                for source in feature.alerts
            ],
        )

    def _chat_actions(self, offers: Mapping[str, Offer]) -> ChatActions:
        return ChatActions(
            telegram=self.telegram.bot,
            database=self.database,
            clock=self.clock,
            wakeups=self.wakeups,
            bot_id=self.settings.identity.bot_id,
            kind_of=lambda model: offers[model].kind if model in offers else "",
        )

    def _features(
        self,
        installation: Installation,
        router: Router,
        current_shop: CurrentShop,
        store: ResultStore,
    ) -> Sequence[Service]:
        """The services of features."""
        bot_id = self.settings.identity.bot_id
        parts = Parts(
            installation=installation,
            database=self.database,
            clock=self.clock,
            wakeups=self.wakeups,
            shop=current_shop,
            thread=self.restarting_thread,
            task=self.restarting_task,
            stars=self.telegram.bot,
            members=self.telegram.bot,
            places=router.places,
            current=lambda tx, user: Theirs(tx, bot_id, router, current_shop()).screen(user),
            remove_files=store.remove,
        )
        return [service for each in router.features for service in each.services(parts)]

    def _dispatchers(
        self, installation: Installation, router: Router, current_shop: CurrentShop
    ) -> Sequence[Service]:
        return Dispatchers(
            self.database,
            self.inbox,
            self.wakeups,
            self.clock,
            self.health.progress,
            self.wake_pipe.wake,
            installation,
            router,
            current_shop,
        ).services()

    def _count_end(self, state: str, model: str) -> None:
        self.health.metrics.jobs_ended.labels(state, model).inc()

    def _receiver(self, outbox: Outbox, *, take_over: bool) -> Service:
        settings = self.settings
        setup = WebhookSetup(
            api=self.telegram.bot,
            database=self.database,
            identity=settings.identity,
            clock=self.clock,
            base_url=settings.base_url,
            configured=lambda found: self.health.webhook(configured=found),
            trouble=lambda reason: self.health.report("webhook", reason),
            alert=partial(outbox.notice, remedy=("alarm_token", 0)),
        )
        if settings.mode == "webhook":
            return self.restarting_task("webhook", setup.maintain)
        polling = Polling(
            make_client=self.telegram.another,
            inbox=self.inbox,
            clock=self.clock,
            metrics=self.health.metrics,
            trouble=lambda reason: self.health.report("polling", reason),
        )
        mode = PollingMode(setup, polling, take_over=take_over)
        return self.restarting_task("polling", mode.run)


def _payment(settings: Settings) -> Payment:
    return Payment(
        settings.payment_bank,
        settings.payment_card,
        settings.payment_card_holder,
        settings.payment_phone,
    )
