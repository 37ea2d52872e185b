"""Rhythms as a drummer would write them down: a line a drum, a letter a step."""
