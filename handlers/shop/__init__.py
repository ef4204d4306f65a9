"""The shop: what is on sale now, and what it costs a user.

Who is authoritative
    The catalogue (``kie/catalogue``) for models and prices, ``withdrawn_models`` for what is off
    sale, the ledger for a user's balance and free uses. The room only combines them.

``offers.py`` is a model as users see it: its required inputs are the questions of the dialogue.
``chips.py`` says which answers are changed on a card. ``shop.py`` is a snapshot for all rules;
``current_shop.py`` keeps it current: withdrawn models, an account that kie.ai refuses, the bot's
name. ``terms.py`` is the price of one more job for one user, ``worth.py`` that of packs of credits.
``wishes.py`` chooses the model for a wish: words and files that were sent without choosing one.

Rules

1. A snapshot does not change while an update is handled; the next update gets the next one.
2. The price on a card is the price of the inputs on that card, and what the ledger reserves.
3. A free use comes before the price. Of the models that fit a wish, the cheapest for this user now
   is taken.

What happens on failure
    Nothing here waits for a database. When the availability of models cannot be read, the last
    known state stays.
"""
