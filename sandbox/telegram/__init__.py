"""A simulator of Telegram: one bot, some users and groups, the rules of the real one.

``server``    the composer: it makes the parts and gives each what it needs
``control``   paths under ``/sandbox/``: what the page and the tests do and see
``users``     what users do; each action becomes an update
``api``       the Bot API's methods: webhook, files, answers to presses, Stars, chats
``messages``  its methods for messages: send, edit, copy
``protocol``  how it speaks: HTTP, what each method takes, its limits
``delivery``  brings updates to the bot, by webhook or getUpdates
``state``     what is remembered
``faults``    what goes wrong with a call, as a test asks for it
``entities``, ``errors``  Telegram's HTML, and its refusals

A part imports only parts further down this list.

Control calls (``sandbox.client.SandboxClient`` has a method for each)
    ``GET /sandbox/state`` is everything, ``messages/<chat>`` and ``violations`` are parts of it
    that do not take longer with more chats. ``POST /sandbox/<action>`` with a JSON object does one
    thing; a mistake is 400 with a sentence. A place is any of chat (a group), thread, reply_to,
    anonymous, as_channel, forward (user, hidden, nameless, channel, chat).

    say        user, text, place
    send       user, kind, content (Base64), name, size, fields (what Telegram says about the file;
               null leaves one out), caption, place
    album      user, items (as for send), captions, place
    rich       user, text and photos (a number), or blocks, place: a ``rich_message``
    edit       user, message_id, text, chat: an ``edited_message``
    delete     user, message_id, chat
    raw        body, kind, queue, life: any text as an update
    press      user, message_id, data, chat, twice
    pay, checkout, chargeback          payments in Stars
    subscribed user, payload, stars: what an earlier bot has sold, untold
    renew      charge_id (of the first payment): a subscription's next month is collected
    subscription  charge_id, state (canceled, active, failed): its user or Telegram changes it
    inline     user, text, offset, chat_type; choose: query, result, chat
    user       first_name, language_code; block: user, blocked
    group      title, members, admins, forum; topic: chat, name (of a forum or a private chat)
    close_topic  chat, thread: only administrators may write there from then on
    bot_in_group  chat, status (member, administrator, restricted, kicked, left)
    migrate    chat: a group becomes a supergroup with a new number
    commands   commands, scope, language_code: what an earlier bot left behind
    reply_keyboard  chat, rows: likewise; sending ``remove_keyboard`` takes it away
    again      update_id: an update is delivered once more
    fault      kind, method, chat_id, times, after and what ``faults.Fault`` lists. Kinds: error,
               page (page: one of ``sandbox.proxy_answers.PAGES``, code), delay, drop_before,
               drop_after, trickle, answer (body; examples in ``protocol.odd.ODD_ANSWERS``), patch
               (fields, without; examples in ``protocol.odd.ODD_RESULTS``). ``after`` does the call
               first.
    options    ``control.options.OPTIONS``, among them nulls (explicit nulls in updates and
               answers), local (getFile with an absolute path), inline, privacy

tests/unit/sandbox/test_index.py lists every fault of the outside world with its switch.

Assumed, since Telegram documents it only in its open-source server: the hosted service
behaves like that server.
"""

from sandbox.telegram.server import TelegramSandbox

__all__ = ["TelegramSandbox"]
