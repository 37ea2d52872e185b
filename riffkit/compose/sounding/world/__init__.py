"""Sounds that are not music, made by rule: weather and water, animals, people, machines, signals, the studio's dirt."""
