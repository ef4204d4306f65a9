"""What people do about money, in groups, while they wait, and at the operators' desk.

As the rows of ``situations``, with answers that the database has a word in: a row's person is
somebody new, or an operator, and each act is an update of theirs or something that happens to their
job. An act gets the ``Served`` chat that it is done in.
"""

from tests.support.served_situations import groups, money, operators, waiting

ALL = (*money.MONEY, *waiting.WAITING, *groups.GROUPS, *operators.OPERATOR)
