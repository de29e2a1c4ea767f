"""Word lists of the languages of simulated towns, in the order of `addresses.STEMS`."""

from netspatial.simulate.names import Words
from netspatial.simulate.words import english, french, german, italian

WORDS: tuple[Words, ...] = (english.WORDS, german.WORDS, italian.WORDS, french.WORDS)
