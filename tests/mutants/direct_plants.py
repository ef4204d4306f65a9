"""Mistakes in direct handling, and in the lanes that it reserves."""

from tests.mutants.mutant import Mutant

DIRECT = "tests/unit/direct/test_direct_handling.py::test_"
TERMS = "tests/unit/direct/test_direct_terms.py::test_"
RESERVED = "tests/unit/direct/test_reserved_lanes.py::test_"

DIRECT_PLANTS = (
    Mutant(
        "a look that began before an older update came is believed",
        "handlers/dispatch/lanes.py",
        "if lane in self._held or lane in self._older:",
        "if lane in self._held:",
        RESERVED + "a_lane_that_gets_an_older_update_during_a_look_is_read_again",
    ),
    Mutant(
        "reservations are numbered anew in each term",
        "handlers/dispatch/lanes.py",
        "number = next(_NUMBERS)",
        "number = 1",
        RESERVED + "a_reservation_of_an_earlier_term_ends_no_later_one",
    ),
    Mutant(
        "a lane is free while its update is on the way to the table",
        "handlers/direct/direct_handling.py",
        "            request.ended = partial(self._returned, request.envelopes[0].lane, number)\n",
        "            self._returned(request.envelopes[0].lane, number)\n",
        DIRECT + "what_is_known_is_stored_and_its_lane_is_read_again_after_that",
    ),
    Mutant(
        "a term ends before what was taken is stored",
        "handlers/direct/direct_handling.py",
        "            self._idle.of(name).wait_for(lambda: not self._returning, STORED_WITHIN)\n",
        "            pass\n",
        TERMS + "what_waits_at_a_stop_is_stored_before_the_note_is_removed",
    ),
    Mutant(
        "updates are taken after the workers' end",
        "handlers/direct/direct_handling.py",
        "if self._closed or now < self._opens_at",
        "if now < self._opens_at",
        TERMS + "after_a_stop_nothing_is_taken",
    ),
)
