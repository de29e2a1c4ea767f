"""Which station serves which traffic in each hour of a sleep plan: links, allocation, overload."""
