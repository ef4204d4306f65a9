"""Routing: finds the rule that answers an update and returns its effects.

Pure. What a rule needs beyond the common facts is read by the function ``ask``, which the caller
gives; in production it reads in the update's transaction.

Rules

1. A press gets exactly one toast: an empty one where its rule gives none.
2. A button with a version belongs to the step that showed it. When the dialogue has another
   version, it changes nothing: the user is told and sees the current step.
3. A text or a file goes to the step. If that takes neither, the user is asked to press a button.
4. A button outside the card (under a result) shows its screen as the new card, and its own
   message stays as it is, unless the screen is a new state of that message (``Show.stays``).
5. ``Compose`` becomes the effects of the feature that declares ``compose``.
6. What is for operators (``Answer.operators``) is refused to anybody else before it loads.
7. A file, also one of an edited message, is first offered to the feature that declares ``files``.
8. ``Again`` and ``Home`` become the screens of the current and of the first step.
9. What stands in place of the current step's screen is noted (``covered.py``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers.dialogue import buttons
from handlers.dialogue.before import interrupted, left
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import (
    Again,
    Compose,
    Effect,
    Effects,
    Hear,
    Home,
    Move,
    Screen,
    SetReachable,
    Toast,
    present,
)
from handlers.dialogue.facts import IDLE, Dialogue, Facts
from handlers.dialogue.incoming import (
    Command,
    Edited,
    Incoming,
    InlineQuery,
    Media,
    Membership,
    Other,
    Pressed,
    Text,
)
from handlers.dialogue.places import Places, Rows
from handlers.dispatch.answering import Ask, below, beside, decided, is_for
from handlers.dispatch.covered import noted
from handlers.dispatch.feature import Answer, CarryOut, Feature
from handlers.dispatch.registry import FeatureRegistry
from handlers.shop.shop import Shop
from handlers.words.texts import Markup, plain, say


class Router:
    """Routes updates to features. Raises ``ValueError`` when two claim the same name."""

    def __init__(
        self, features: Sequence[Feature], layout: Mapping[str, Rows], listed: Sequence[str] = ()
    ) -> None:
        """``layout``: place → rows of button names. ``listed``: the order of Telegram's list."""
        self.features = tuple(features)
        self._known = FeatureRegistry(features)
        self.places = Places(self._known.places, layout, self.commands, self._known.operator_list)
        self._listed = tuple(listed)
        self.knows = self._known.knows

    def carry_out(self, effect: Effect) -> CarryOut:
        """How the effect's feature carries it out. Raises ``LookupError`` for an unknown one."""
        return self._known.effects[type(effect)]

    def commands(self, shop: Shop, language: str) -> list[tuple[str, str]]:
        """The commands that Telegram lists, with their descriptions."""
        return [
            (name, self._known.describe(name, language))
            for name in self._listed
            if name in self._known.listed and self._known.listed[name](shop)
        ]

    def spends(self, incoming: Incoming) -> bool:
        """Whether the update may cost credits: its account must be locked."""
        if isinstance(incoming, Pressed):
            press = buttons.decode(incoming.data)
            return press is not None and press.action in self._known.spending_buttons
        answer = self._known.kinds.get(type(incoming))
        return bool(answer and answer.spends) or any(may(incoming) for may in self._known.spending)

    # ---------------------------------------------------------------- decision --

    def decide(self, facts: Facts, ask: Ask) -> Effects:
        """The effects of this update. Never empty for what a user did in private."""
        incoming = facts.incoming
        if isinstance(incoming, Membership):
            return (SetReachable(incoming.reachable),)
        way = self._in_private if incoming.sender.private else self._in_group
        returned = self._heard(facts, way(facts, incoming, ask), ask)
        effects = noted(facts, returned, self._shown(facts, returned))
        if isinstance(incoming, Pressed) and not any(isinstance(e, Toast) for e in effects):
            effects = (Toast(), *effects)
        if isinstance(incoming, InlineQuery):
            return effects  # its sender may have no private chat with the bot
        # A user who writes to the bot can be reached.
        return effects if facts.reachable or not effects else (SetReachable(True), *effects)

    def current(self, facts: Facts, language: str, lead: Markup | None = None) -> Screen:
        """The screen of the current step, under the sentence ``lead``."""
        step = self._known.steps.get(facts.dialogue.step) or self._known.steps.get(IDLE)
        if step is None:
            return facts.sentence(lead or say(language, "welcome"), language)
        return step.show(facts, language, lead)

    def waits(self, facts: Facts) -> bool:
        """Whether the user can go on with something that was begun and is not the current step."""
        step = self._known.steps.get(facts.dialogue.step)
        return step is not None and step.waits(facts)

    def _in_private(self, facts: Facts, incoming: Incoming, ask: Ask) -> Effects:
        here = self._known.steps.get(facts.dialogue.step)
        forwards = incoming.sender.forwarded is not None and here is not None and here.forwarded
        if forwards and not isinstance(incoming, Pressed):
            return decided(forwards, facts, incoming, ask) or ()
        if isinstance(incoming, Media | Other | Edited) and incoming.attachment is not None:
            files = self._known.files
            effects = None if files is None else decided(files, facts, incoming, ask)
            if effects is not None:
                return effects
        match incoming:
            case Command():
                there = left(facts, self._known.brief)
                effects = self._command(there, incoming, ask)
                if there is facts or any(isinstance(each, Move) for each in effects):
                    return effects
                return (Move(there.dialogue.step, there.dialogue.answers, quiet=True), *effects)
            case Text():
                return self._by_step(facts, incoming, "text", ask)
            case Media():
                return self._by_step(facts, incoming, "media", ask)
            case Pressed():
                return self._press(facts, incoming, ask)
            case _:
                return self._by_kind(facts, incoming, ask)

    def _by_kind(self, facts: Facts, incoming: Incoming, ask: Ask) -> Effects:
        answer = self._known.kinds.get(type(incoming))
        if answer is not None:
            return decided(answer, facts, incoming, ask) or ()
        if isinstance(incoming, Other):
            step = self._known.steps.get(facts.dialogue.step)
            if step is not None and step.other is not None:
                effects = decided(step.other, facts, incoming, ask)
                if effects is not None:
                    return effects
            return beside(facts, say(facts.language, incoming.hint or f"other_{incoming.kind}"))
        return ()

    def _command(self, facts: Facts, command: Command, ask: Ask) -> Effects:
        # A forwarded command, or one sent through another bot, is not the operator's own.
        if facts.admin and command.own and command.name in self._known.operator_commands:
            answer = self._known.operator_commands[command.name]
            effects = decided(answer, facts, command, ask)
            if effects is not None:
                return effects
        linked = self._linked(facts, command, ask) if command.name == "start" else None
        if linked is not None:
            return linked
        if command.name in self._known.commands:
            effects = decided(self._known.commands[command.name], facts, command, ask)
            if effects is not None:
                return effects
        if command.arguments and command.name not in self._known.operator_commands:
            # "/imagine a fox": an unknown command with words counts as a text.
            sent = command.sender, command.arguments, command.message_id, command.date, command.file
            return self._by_step(facts, Text(*sent, own=command.own), "text", ask)
        foreign = facts.admin and command.name in self._known.operator_commands
        key = "foreign_command" if foreign else "unknown_command"
        return beside(facts, say(facts.language, key, command=f"/{command.name}"))

    def _linked(self, facts: Facts, command: Command, ask: Ask) -> Effects | None:
        """What a link ``t.me/<bot>?start=<name>_<argument>`` leads to; None: nobody knows it."""
        name, _, argument = command.arguments.partition("_")
        answer = self._known.links.get(name)
        if answer is None:
            return None
        press = Press(name, None, argument)
        return decided(answer, facts, press, ask, press)

    def _by_step(self, facts: Facts, incoming: Text | Media, kind: str, ask: Ask) -> Effects:
        step = self._known.steps.get(facts.dialogue.step) or self._known.steps.get(IDLE)
        answer: Answer | None = getattr(step, kind, None)
        effects = None if answer is None else decided(answer, facts, incoming, ask)
        return (Again(say(facts.language, "choose_by_button")),) if effects is None else effects

    def _press(self, facts: Facts, pressed: Pressed, ask: Ask) -> Effects:
        press = buttons.decode(pressed.data)
        if press is None:
            return self._old(facts, None, pressed.message_id)
        press = press.shown(pressed.message_id, pressed.under)
        if press.version is None:
            answer = self._known.buttons.get(press.action)
        elif press.version == facts.dialogue.version:
            step = self._known.steps.get(facts.dialogue.step)
            answer = step.buttons.get(press.action) if step is not None else None
        else:
            answer = None
        effects = None if answer is None else decided(answer, facts, press, ask, press)
        if effects is None:
            return self._old(facts, press, press.at)
        outside = press.version is None and facts.card not in {None, press.at}
        return below(self._shown(facts, effects)) if outside else effects

    def _old(self, facts: Facts, press: Press | None, at: int | None) -> Effects:
        """A button of an older step: nothing changes, and the user sees the current step."""
        if press is not None and press.version is not None:
            answer = self._known.step_buttons.get(press.action)
            if answer is not None and answer.stale is not None:
                effects = answer.stale(facts, press)
                if effects is not None:
                    return effects
        if at is not None and facts.dialogue.answers.get("at") == at:
            # Pressed twice: the first press has already changed this message.
            return (Toast(),)
        return (Toast(plain(facts.language, "toast_old")), Again(at=at))

    def _in_group(self, facts: Facts, incoming: Incoming, ask: Ask) -> Effects:
        group, ours = self._known.group, facts.shop.bot_username
        if isinstance(incoming, Command):
            ways = (self._known.commands, self._known.operator_commands)
            incoming = replace(incoming, known=any(incoming.name in each for each in ways))
        if group is None or not is_for(incoming, ours, self._known.commands):
            return ()
        press = buttons.decode(incoming.data) if isinstance(incoming, Pressed) else None
        return decided(group, facts, incoming, ask, press) or ()

    # ------------------------------------------------------------------ screens --

    def _shown(self, facts: Facts, effects: Effects) -> Effects:
        """The effects with screens in place of ``Again`` and ``Home``."""
        shown: list[Effect] = []
        for effect in effects:
            match effect:
                case Again(lead, at, language, credited, move):
                    then = facts.credited(credited)
                    if move is not None:
                        shown.append(move)
                        then = then.moved(move.step, move.answers)
                    shown.append(present(self.current(then, language or then.language, lead), at))
                case Home():
                    shown += self._home(facts, effect)
                case Compose():
                    shown += self._composed(facts, effect)
                case _:
                    shown.append(effect)
        return tuple(shown)

    def _heard(self, facts: Facts, effects: Effects, ask: Ask) -> Effects:
        """The effects, with what the step answers in place of ``Hear``."""
        heard = next((each for each in effects if isinstance(each, Hear)), None)
        if heard is None:
            return effects
        rest = tuple(each for each in effects if each is not heard)
        found: Effects = ()
        for version in (facts.dialogue.version, facts.dialogue.version + 1):
            dialogue = Dialogue(heard.move.step, version, heard.move.answers)
            there = replace(facts, incoming=heard.incoming, dialogue=dialogue)
            if isinstance(heard.incoming, Media):
                found = self._by_step(there, heard.incoming, "media", ask)
            else:
                found = self._by_kind(there, heard.incoming, ask)
            found = self._shown(there, found)
            if any(isinstance(each, Move) for each in found):
                return (*rest, *found)
        return (*rest, heard.move, *found)  # the step stays, one version later

    def _composed(self, facts: Facts, order: Compose) -> Effects:
        """The effects that the feature for orders returns for ``Compose``."""
        compose = self._known.compose
        return self._shown(facts, (Again(),) if compose is None else compose(facts, order))

    def _home(self, facts: Facts, home: Home) -> Effects:
        language = home.language or facts.language
        under = interrupted(facts)
        here = self._known.steps.get(under.dialogue.step)
        kept = {} if here is None or home.forget else here.kept(under)
        first = self._known.steps.get(IDLE)
        if first is None:
            screen = facts.sentence(home.lead or say(language, "welcome"), language)
        else:
            at_home = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers=kept))
            screen = first.show(at_home, language, home.lead)
        shown = (Move(IDLE, kept), present(screen, home.at))
        if facts.dialogue.version or home.at is not None or home.lead is not None:
            return shown
        return (*(effect for each in self.features for effect in each.welcome(facts)), *shown)
