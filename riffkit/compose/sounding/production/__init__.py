"""What a studio does to sound, every bit of it round the loop: rooms, modulation, dirt, filters, rhythm."""
