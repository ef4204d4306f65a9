"""Which form of a word follows a number, by the rules of each language (CLDR)."""


def form(language: str, number: int) -> str:
    """``one``, ``few`` or ``many``. A language without a rule here counts as English does."""
    n = abs(number)
    if language == "ru":
        if n % 10 == 1 and n % 100 != 11:
            return "one"
        return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"
    return "one" if n == 1 else "many"


#: The forms that a word needs in each language.
FORMS = {"en": ("one", "many"), "ru": ("one", "few", "many")}
