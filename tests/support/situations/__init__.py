"""What people do, and what each is answered: the rows of the test of situations.

Those that the database has a word in (money, jobs, groups, operators) are in
``served_situations``.

A row is a name, what is done, and a part of the answer in each language. What is done is a text,
an update, a pair of texts (English, Russian), or ``press("action")``: the button of the last screen
whose data begins so. Every answer costs nothing unless the row ``orders``, and shows no main menu
unless the row leads ``home``.
"""

from tests.support.situations import buttons, files, words

ALL = (*words.WORDS, *files.FILES, *buttons.BUTTONS, *buttons.WAITING)
