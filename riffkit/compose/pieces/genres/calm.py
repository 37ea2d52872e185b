"""Ambient music: little happens, and it takes its time."""

from riffkit.compose.pieces.genres.genre import Genre, book

AMBIENT: dict[str, Genre] = book(
    "ambient",
    """
ambient
    beats: 5 6
    feel: free
    scales: major, lydian, major pentatonic
    harmonies: suspended, ninths, triads
    dynamics: soft, normal
    density: sparse
    p -, swell: warm pad, new age pad, opening pad, atmosphere
    a -: piano, harp, vibraphone, fm bells, guitar harmonics
    p -: slow strings, oohs, halo pad
    effects: cathedral, delay
    sounds: rain, waves, birds, stream
dark ambient
    beats: 5 6
    feel: free
    scales: phrygian, locrian, octatonic
    harmonies: clusters, power
    density: sparse
    p drone: dark drone
    p swell, -: metallic pad, goblins, choir
    m bend: duduk, theremin
    effects: cathedral
    sounds: wind, machine, breathing, sonar
drone
    beats: 5 6 7
    scales: dorian, mixolydian
    harmonies: power, octaves
    chords: 0
    p drone: dark drone, reed organ, tanpura, sweep pad, church organ
    p drone, -: slow strings, chant, metallic pad
    effects: cathedral, phaser, low pass
    sounds: static
new age
    beats: 5 6 7
    feel: free
    scales: major, lydian, major pentatonic
    harmonies: suspended, triads
    dynamics: soft, normal
    a arp up, -: harp, crystal, kalimba
    p -: new age pad, choir pad
    m -: pan flute, flute, ocarina, bottle
    percussion: triangle, shaker
    effects: hall, delay
    sounds: stream, birds, waves
meditation
    beats: 5 6
    feel: free
    scales: major pentatonic, minor pentatonic
    harmonies: octaves, power, suspended
    dynamics: soft
    density: sparse
    p -: singing bowl
    a -: hang, koto, santur
    p drone: tanpura, warm pad
    m bend: shakuhachi, flute
    percussion: gong
    sounds: water drops, stream, wind, breathing
space ambient
    beats: 6 7 8
    scales: minor, dorian, lydian
    harmonies: suspended, sevenths
    dynamics: soft, normal
    a ostinato, arp up: pluck lead, saw lead, polysynth
    p swell, -: sweep pad, halo pad, synth strings
    p drone: dark drone
    effects: delay, phaser, cathedral
    sounds: spaceship, static
chillout
    beats: 8
    scales: dorian, major
    harmonies: ninths, sevenths
    drums: breakbeat, four on the floor @ electronic, 909
    dynamics: soft, normal
    c -: electric piano, fm piano
    b -: fretless bass, sub bass
    p -: warm pad, atmosphere, new age pad
    m -: flute, soprano saxophone, nylon guitar
    percussion: shaker, congas
    effects: delay, low pass, chorus
    sounds: waves
""",
)
