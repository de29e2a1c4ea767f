"""The languages that simulated towns speak, in the order of `addresses.STEMS`.

Streets and shops of a town speak alike.
"""

from netspatial.simulate.names import Words
from netspatial.simulate.words import english, french, german, italian

WORDS: tuple[Words, ...] = (english.WORDS, german.WORDS, italian.WORDS, french.WORDS)
