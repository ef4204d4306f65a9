"""kie.ai's families with endpoints of their own: Veo 3.1 and Suno.

Facts are those of kie.ai's documents of April to October 2026. Where they say nothing, this
simulator decides: the texts of refusals that nobody has quoted, the price of an upgrade (the
difference between the resolutions), and the length of a song.
"""
