"""Where each known fault of the outside world is switched on.

A row names how it is had ("always": the simulator is like that) and the test that shows it,
or, after "no fault:", why there is nothing to switch.
"""

from pathlib import Path

import pytest

from sandbox.kie.answers import DIALECTS
from sandbox.kie.control import ACCOUNT
from sandbox.kie.tasks import FAULTS
from sandbox.telegram import TelegramSandbox
from sandbox.telegram.control.options import OPTIONS
from sandbox.telegram.faults import KINDS

HERE = Path(__file__).resolve().parent

#: Beginning of the row: switch, test.
KIE: dict[str, tuple[str, str]] = {
    "errors hidden in HTTP 200": ("always", "wrong_input_is_refused_inside_http_200"),
    "parameter errors as 500": ("always", "every_field_refuses_what_does_not_fit"),
    "z-image without aspect_ratio": ("always", "wrong_input_is_refused_inside_http_200"),
    "422 `recordInfo is null`": ("fault fresh_gap", "every_fault_can_be_switched_on"),
    "task never leaves": ("fault stuck", "every_fault_can_be_switched_on"),
    "callback never arrives": ("fault no_callback", "every_fault_can_be_switched_on"),
    "callback arrives before": ("fault early_callback", "every_fault_can_be_switched_on"),
    "duplicate callbacks": ("fault callbacks", "every_fault_can_be_switched_on"),
    "double billing after": ("fault drop_after", "every_fault_can_be_switched_on"),
    "paid task lost": ("fault drop_after", "every_fault_can_be_switched_on"),
    "result link not yet readable": ("fault late_link", "every_fault_can_be_switched_on"),
    "transient 429/502/503/504": ("fault status", "polling_meets_every_passing_fault"),
    "model ids renamed": ("account withdrawn", "withdrawn_models_are_not_supported"),
    "maintenance as 500/503": ("account maintenance", "maintenance_has_two_codes"),
    "402 sometimes 500": ("fault code", "missing_credits_come_as_402_and_as_500"),
    "Python bool turned into": ("always", "every_field_refuses_what_does_not_fit"),
    "docs contradict the wire": ("account dialects", "every_dialect_is_spoken"),
}

#: What was found in public reports of other projects, by kind.
KIE_ODD: dict[str, tuple[str, str]] = {
    "links in other fields": ("fault shape", "the_links_of_a_success_may_stand"),
    "links that cannot be fetched": ("fault links", "a_success_may_have_a_link"),
    "pages in place of results": ("fault page_link", "every_fault_can_be_switched_on"),
    "answers that name another task": ("fault same_task", "a_creation_may_be_answered_with"),
    "creditsConsumed other than assumed": ("fault consumed", "every_fault_can_be_switched_on"),
    "newlines, ANSI and NUL in texts": ("fault fail", "texts_of_refusals_and_failures"),
    "a balance that is no sound number": ("fault balance", "the_balance_may_be_no_sound_number"),
    "a status after the effect": ("fault status", "a_fault_of_a_call_strikes_before_or_after"),
    "pages in front of kie.ai": ("fault status", "a_page_of_something_in_between_has_no_code"),
    "a callback that was not taken": ("always", "a_callback_that_nobody_takes_is_an_exception"),
    "a creation that is answered oddly": ("fault body", "the_answer_to_a_creation"),
}

TELEGRAM_WEBHOOK: dict[str, tuple[str, str]] = {
    "Ports 443": ("always", "a_webhook_is_called_only_where_telegram_calls"),
    "`secret_token`": ("always", "a_webhook_gets_its_secret_and_is_tried_again_in_order"),
    "`max_connections`": ("always", "only_twice_the_connections_in_queues_are_looked_at"),
    "`allowed_updates`": ("always", "kinds_of_updates_stay_as_they_were_asked_for"),
    "Identical setWebhook": ("always", "an_identical_webhook_is_already_set"),
    "`ip_address` pins": ("option route", "traffic_can_be_routed_elsewhere"),
    "Any 2xx": ("always", "any_2xx_is_success_and_a_method_in_it_is_noted"),
    "Response wait": ("option answer_seconds", "a_slow_webhook_gets_the_update_again"),
    "**Retry**": ("always", "a_retry_after_is_honoured"),
    "There is no switch": ("no fault: a wish that was declined", ""),
    "**Order**": ("always", "a_text_and_a_press_of_one_user_are_not_ordered"),
    "Only 2 ×": ("always", "only_twice_the_connections_in_queues_are_looked_at"),
    "New connections": ("option scarce_connections", "new_connections_are_scarce"),
    "getWebhookInfo": ("always", "a_webhook_gets_its_secret_and_is_tried_again_in_order"),
    "Telegram's source ranges": ("no fault: everything here comes from loopback", ""),
}
TELEGRAM_UPDATES: dict[str, tuple[str, str]] = {
    "An update is confirmed": ("always", "an_offset_confirms_what_lies_below_it"),
    "A repeated call": ("always", "the_same_offset_at_once_brings_one_update"),
    "getUpdates while": ("always", "both_kinds_of_409_are_told_apart"),
    "Retention": ("option lives", "each_kind_of_update_has_its_life"),
    "update_id grows": ("option next_update_id", "numbers_of_updates_may_start_anew"),
    "Moving to/from": ("no fault: there is one server here", ""),
}
TELEGRAM_LIMITS: dict[str, tuple[str, str]] = {
    "answerCallbackQuery": ("always", "a_press_is_answered_once_within_15_seconds"),
    "answerPreCheckoutQuery": ("always", "a_payment_that_waited_over_ten_seconds_is_lost"),
    "Sending": ("option flood", "flood_limits_name_the_seconds_to_wait"),
    "The server itself answers 429": ("fault delay", "an_overloaded_server_refuses_after_a_while"),
    "Text 4096": ("always", "lengths_end_where_telegram_ends_them"),
    "Files": ("always", "a_url_is_fetched_once_and_remembered"),
    "**Telegram caches": ("always", "a_url_is_fetched_once_and_remembered"),
    "Sends have no idempotency key": ("fault drop_after", "every_fault_strikes_before_or_after"),
    "Errors worth classifying": ("fault error", "every_fault_strikes_before_or_after"),
}
TELEGRAM_STARS: dict[str, tuple[str, str]] = {
    "`currency": ("always", "an_invoice_that_telegram_refuses"),
    "Flow": ("action pay", "a_payment_moves_the_stars_only_after_a_good_answer"),
    "**Idempotency key": ("action pay", "one_invoice_can_be_paid_twice"),
    "refundStarPayment": ("action chargeback", "a_refund_happens_once_and_is_told"),
    "Bot API 10.2": ("action subscription", "its_user_ends_a_subscription_and_takes_it_up_again"),
    "Subscriptions": ("action renew", "a_subscription_is_renewed_until_it_ends"),
    "Subscriptions of an earlier bot": (
        "action subscribed",
        "a_subscription_that_the_bot_was_never",
    ),
    "Turning on topics": ("no fault: a fee", ""),
    "Affiliate programmes": ("no fault: Telegram's own business", ""),
}
#: What breaks most in bots, by their public issues.
TELEGRAM_BREAKS: dict[str, tuple[str, str]] = {
    "409 after deploy": ("always", "both_kinds_of_409_are_told_apart"),
    "updates lost on restart": ("no fault: the bot's own", ""),
    "silently deaf polling": ("fault trickle", "a_poll_can_hang"),
    "expired callback queries": ("option lives", "an_update_that_waited_too_long_is_dropped"),
    "flood waits": ("option flood", "flood_limits_name_the_seconds_to_wait"),
    "duplicated webhooks": ("action again", "an_update_can_be_delivered_again"),
    "sockets in CLOSE_WAIT": ("option answer_seconds", "a_slow_webhook_gets_the_update_again"),
    "token in logs": ("no fault: the bot's own", ""),
    "URL Telegram cannot fetch": ("always", "a_url_is_fetched_once_and_remembered"),
    '"can\'t parse entities"': ("always", "html_that_telegram_cannot_parse_is_refused"),
    "double Stars credit": ("action pay", "one_invoice_can_be_paid_twice"),
}
#: What was found in public reports of other projects, by kind.
TELEGRAM_ODD: dict[str, tuple[str, str]] = {
    "a status after the effect": ("fault error", "every_fault_strikes_before_or_after"),
    "pages of things in between": ("fault page", "a_page_of_something_in_between"),
    "a page before a download": ("fault page", "a_page_can_stand_before_a_download"),
    "ok: true that no library reads": ("fault answer", "an_odd_answer_says_200"),
    "fields missing, of other types, too large": ("fault patch", "an_odd_result_differs"),
    "NUL and half surrogates in a refusal": ("fault error", "a_refusal_may_hold"),
    "explicit nulls": ("option nulls", "updates_and_answers_carry_explicit_nulls"),
    "an absolute path from getFile": ("option local", "a_local_server_gives_an_absolute_path"),
    "an update with an unreadable number": ("action raw", "get_updates_passes_on"),
    "topics": ("action topic", "a_message_stays_in_its_topic"),
    "groups": ("action group", "a_group_shows_the_bot_what_is_meant_for_it"),
    "anonymous admins": ("action say", "an_anonymous_admin_writes_as_the_group"),
    "forwards of hidden users": ("action send", "a_forwarded_message_names_its_origin"),
    "rich messages": ("action rich", "a_rich_message_has_the_blocks_of_the_bot_api"),
    "edits by users": ("action edit", "an_edit_by_a_user_is_told"),
    "reply keyboards of an earlier bot": ("action reply_keyboard", "the_keyboard_of_an_earlier"),
    "command scopes": ("action commands", "commands_of_the_narrowest_scope_are_shown"),
    "a group that becomes a supergroup": ("action migrate", "a_group_that_moved"),
    "inline queries": ("action inline", "an_inline_query_is_answered_once"),
    "files with odd types and lengths": ("action send", "what_telegram_says_about_a_file"),
}
ALL = {
    **KIE_ODD,
    **TELEGRAM_ODD,
    **KIE,
    **TELEGRAM_WEBHOOK,
    **TELEGRAM_UPDATES,
    **TELEGRAM_LIMITS,
    **TELEGRAM_STARS,
    **TELEGRAM_BREAKS,
}


@pytest.mark.parametrize("row", ALL)
def test_every_row_has_a_switch_and_a_test_or_a_reason(row: str) -> None:
    switch, shown_by = ALL[row]
    kind, _, name = switch.partition(" ")
    steering = TelegramSandbox("1:x").steering
    known = {
        "fault": {*FAULTS, *KINDS},
        "option": set(OPTIONS),
        "account": set(ACCOUNT),
        "action": set(steering.actions()),
    }
    if kind == "no":
        assert name.startswith("fault: ")
        return
    assert switch == "always" or name in known[kind]
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert f"def test_{shown_by}" in tests


def test_every_switch_of_the_simulators_has_a_row_or_is_shown_by_its_own_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))

    # ``every_fault_can_be_switched_on`` takes FAULTS as they are.
    assert not [name for name in (*KINDS, *OPTIONS, *DIALECTS) if f'"{name}"' not in tests]
