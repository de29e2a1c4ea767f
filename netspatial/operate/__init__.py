"""What to do: which stations may sleep when, what that saves in kWh, and what users feel.

Last room of the road. Forecasts are made in `forecasting`; policies take them as plain samples and
know nothing of how they were made.
"""
