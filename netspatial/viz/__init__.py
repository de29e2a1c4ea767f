"""Charts and maps as pure functions (plotly, deck.gl), for the app, reports and notebooks."""
