"""Renderings of a result; none of them decides anything."""
