"""The operation page: settings, stations, the schedule, policy comparison and forecasts."""
