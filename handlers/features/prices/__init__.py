"""Prices in the chat: operators change markup, models, free uses and packs.

A change is shown as old → new with the margin at kie.ai's cost and confirmed; below cost it is
confirmed twice. It is in force from the next update, at every instance, and recorded with who and
when. ``reset`` goes back to the catalogue's file.
"""

from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.prices import rules
from handlers.features.prices.words import WORDS

FEATURE = Feature(
    name="prices",
    words=WORDS,
    operator_commands={"prices": Answer(rule=rules.prices)},
    steps={
        rules.PRICING: Step(
            show=rules.show,
            buttons={
                "price_set": Answer(rule=rules.confirmed),
                "price_leave": Answer(rule=rules.left),
            },
            text=Answer(rule=rules.words),
        )
    },
    effects={rules.SetPrice: rules.set_price},
)
