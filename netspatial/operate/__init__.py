"""What to do: which stations may sleep when, what that saves in kWh, and what users feel.

Last room of the road: it takes forecasts as data and knows nothing of how they were made.
"""
