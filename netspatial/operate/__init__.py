"""What-to-do operation: sleep schedules of stations, the energy saved in kWh, and the QoE.

Forecasts come from `forecast`; policies read them as plain samples.
"""
