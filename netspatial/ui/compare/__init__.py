"""The comparison page: two plans or two schedules side by side."""
