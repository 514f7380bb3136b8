"""Ratios of wall times, measured in one run; ``make bench`` prints them."""
