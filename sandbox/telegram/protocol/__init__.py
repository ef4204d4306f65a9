"""How the Bot API speaks.

``endpoint`` speaks HTTP, ``parameters`` says what each method takes, ``methods`` finds the part
that carries it out.
"""
