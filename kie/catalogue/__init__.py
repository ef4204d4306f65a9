"""The catalogue: models, their inputs, their prices, and their availability.

Who is authoritative
    The YAML files under ``models/`` for the inputs and the cost of a model; the table
    ``withdrawn_models`` for the models that are off the menu.

Rules

1. The files are read once, strictly (``reader.py``, ``strict.py``): an unknown key, a wrong type
   or a price without a tier refuses the start; every error message names its place.
   ``veo.yaml`` and ``suno.yaml`` hold models with endpoints of their own: their id says what is
   asked for, their inputs are the body of the call.
   ``does.yaml`` says what can be done to a file that is there, and by which models
   (``file_actions.py``).
2. Inputs are checked as kie.ai checks them, and priced by its own table, before a job exists
   (``model.py``, ``input.py``, ``cost.py``). The text "5" is not the number 5.
3. What multiplies a price is a whole number from 1 on. Seconds, pictures and steps are whole.
4. A file of a user is a reference with Telegram's file id, never a URL (``user_file.py``). Where
   its length decides about the price, ``kie/files`` measures it before anything is created.
5. A model goes off the menu when kie.ai refuses it to two users within a day in its own words
   (``availability.py``), or by the operator's hand. It is on the menu again as soon as kie.ai
   makes something with it.

What happens on failure
    When the tables cannot be read, the last snapshot stays in use, and they are read again within
    a minute.
"""
