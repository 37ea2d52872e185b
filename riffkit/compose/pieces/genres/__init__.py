"""Genres: recipes that a musician would recognise, by style."""
