"""Forecast what stations and places will carry from what they carried, several services at once.

Beside `generate` on the road: history in, quantiles of the coming hours out.
"""
