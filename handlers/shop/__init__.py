"""What is on sale at this moment, and what it costs whom.

``offers.py`` is the catalogue in the form that the conversation is generated from. ``Shop``
is a snapshot that every rule may look at; ``ShopWindow`` keeps it current: models that were
withdrawn leave it, and it says whether kie.ai takes requests. ``terms.py`` is the price of one
more job for one user: free within the day's quota, then credits.
"""
