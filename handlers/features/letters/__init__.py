"""Letters of operators to users: the answer to a question, or the first word.

The button stands under a question (place ``asked``) and on a user's card (place ``person``). The
words go to the user's private chat, in a frame of the user's own language.
"""

from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.letters import rules
from handlers.features.letters.words import WORDS

FEATURE = Feature(
    name="letters",
    words=WORDS,
    steps={
        rules.WRITING: Step(
            brief=True,
            show=rules.show,
            buttons={"letter_leave": Answer(rule=rules.left)},
            text=Answer(rule=rules.written, operators=True),
            media=Answer(rule=rules.wants_words, operators=True),
            other=Answer(rule=rules.wants_words, operators=True),
        )
    },
    buttons={"letter": Answer(rule=rules.press, load=rules.person, operators=True)},
    effects={rules.Write: rules.write},
    places={"asked": {"answer": rules.answer_button}, "person": {"write": rules.write_button}},
)
