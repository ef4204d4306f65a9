"""What is on sale at this moment, and what it costs whom.

Who is authoritative
    The catalogue (``kie/catalogue``) for models and prices, ``withdrawn_models`` for what is off
    sale, the ledger for a user's balance and free uses. Here they are only put together.

``offers.py`` is a model as users see it: its required inputs are the questions of the dialogue.
``shop.py`` is a snapshot that every rule may look at; ``current_shop.py`` keeps it current: models
that were withdrawn, an account that kie.ai refuses, the bot's name. ``terms.py`` is the price of
one more job for one user. ``wishes.py`` finds the model for words and files that came without a
choice.

Rules

1. A snapshot does not change while an update is handled; the next update gets the next one.
2. The price on a card is the price of the inputs on that card, and what the ledger reserves.
3. A free use comes before the price. Of the models that fit a wish, the cheapest for this user now
   is taken.

What happens on failure
    Nothing here waits for a database. When the availability of models cannot be read, the last
    known state stays.
"""
