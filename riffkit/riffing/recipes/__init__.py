"""Recipes: everything needed to make a riff again; what they carry, how they are checked, and how they are followed."""
