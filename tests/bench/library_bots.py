"""Bots of PTB and of aiogram behind a webhook, as the benchmarks compare with them.

Each is set up as the examples of its library are; what it answers is given. Both functions run
until their process is ended.
"""

from typing import Any


def run_ptb(
    handler: Any,
    *,
    token: str,
    api: str,
    port: int,
    path: str,
    secret: str,
    base: str = "",
    at_once: bool = False,
) -> None:
    """``handler`` is one of ``telegram.ext``. ``base`` is what Telegram is told, if that is not the
    bot's own port. ``at_once``: updates are handled concurrently."""
    from telegram.ext import Application

    builder = Application.builder().token(token).base_url(f"{api}/bot")
    application = builder.concurrent_updates(at_once).build()
    application.add_handler(handler)
    application.run_webhook(
        "127.0.0.1",
        port,
        path.removeprefix("/"),
        webhook_url=f"{base or f'http://127.0.0.1:{port}'}{path}",
        secret_token=secret,
    )


def run_aiogram(
    dispatcher: Any, *, token: str, api: str, port: int, path: str, secret: str
) -> None:
    """``dispatcher`` is an ``aiogram.Dispatcher`` with its handlers."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
    from aiohttp import web

    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    application = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=secret).register(application, path=path)
    setup_application(application, dispatcher, bot=bot)
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)
