"""Mistakes that somebody could make in the lock's code, in what it relies on and in direct
handling, and the tests that must notice them."""

from tests.mutants.direct_plants import DIRECT_PLANTS
from tests.mutants.ground_plants import GROUND_PLANTS
from tests.mutants.lock_plants import LOCK_PLANTS

MUTANTS = (*LOCK_PLANTS, *GROUND_PLANTS, *DIRECT_PLANTS)
