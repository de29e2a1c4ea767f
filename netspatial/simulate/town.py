"""The ground truth of a simulated city: what stands where. Image, POIs, stations and traffic read it.

One `Town` is drawn per seed; everything visible and everything carried follows from it, so that
surroundings and traffic agree.
"""
