"""Grading a class: find the submissions, run the lab on each in a process of its own, gather what came of it."""
