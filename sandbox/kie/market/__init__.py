"""kie.ai's market: createTask and recordInfo, the models, their inputs and their prices.

``catalogue`` reads ``market.yaml``, ``inputs`` accepts or refuses an input, ``prices`` computes the
credits, ``jobs`` answers the two calls.
"""
