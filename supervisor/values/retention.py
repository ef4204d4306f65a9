"""How many days rows with the words of users are kept.

``handlers/process/housekeeping.py`` deletes by these numbers, and ``/privacy`` tells them to users.
"""

UPDATE_BODIES = 7  #: what users wrote and pressed; the row stays, so that a repeat is recognised
UPDATES = 30
DELIVERIES = 30  #: what the bot wrote; a result stays as long as its job
JOBS = 180  #: inputs and results, unless the user has made it a favourite
ORPHANS = 30  #: reports of kie.ai without a job
GROUP_WISHES = 2  #: what was asked for in a group and not confirmed
MADE_FILES = 2  #: charts and exports for operators
