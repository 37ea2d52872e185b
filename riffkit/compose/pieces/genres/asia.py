"""Asia, from Istanbul to Kyoto, and Australia."""

from riffkit.compose.pieces.genres.genre import Genre, book

ASIAN: dict[str, Genre] = book(
    "asian",
    """
raga
    beats: 7 8 10
    scales: bhairav, mixolydian, phrygian
    harmonies: single
    chords: 0
    m bend: sitar
    p drone: tanpura
    percussion: tabla
    effects: hall
bhangra
    beats: 8 9
    scales: major, mixolydian
    harmonies: triads, octaves
    drums: bhangra @ electronic, standard
    feel: shuffle
    dynamics: loud, normal
    m riff, bend: shehnai, singer
    b tresillo, -: synth bass
    a ostinato: mandolin, sitar
    percussion: handclaps, tabla, djembe
bollywood
    beats: 9 10 11
    scales: minor, harmonic minor, bhairav
    harmonies: triads
    drums: bhangra, disco, dembow @ electronic, standard
    m bend, vibrato line: singer, flute
    c -: strings, synth strings
    b -: synth bass, electric bass
    a ostinato: sitar, santur
    percussion: tabla
qawwali
    beats: 8 9
    scales: bhairav, phrygian, mixolydian
    harmonies: single, octaves
    chords: 0 0, 0 1
    m call and response, bend: singer
    c -: reed organ
    p drone: tanpura
    percussion: tabla, handclaps
gamelan
    beats: 8 10 12 16
    scales: pelog, slendro
    harmonies: octaves, single
    a hocket, ostinato: fm bells, vibraphone
    a ostinato: marimba, hang, dulcimer
    m -: flute, singing bowl
    percussion: gong, talking drum
japanese
    beats: 5 6 7
    feel: free
    scales: hirajoshi
    harmonies: octaves, single, clusters
    density: sparse, normal
    a glissando, -: koto
    m bend: shakuhachi, shamisen
    percussion: taiko drums, woodblock
    sounds: water drops, wind, crickets
taiko
    beats: 9 10 12
    scales: hirajoshi, minor pentatonic
    harmonies: octaves
    dynamics: loud
    b roll, tresillo: taiko
    m bend: shakuhachi, shamisen
    percussion: taiko drums, gong, woodblock
    effects: hall
gagaku
    beats: 5 6
    feel: free
    scales: dorian, hirajoshi
    harmonies: clusters
    dynamics: soft, normal
    density: sparse
    p -: reed organ
    m bend: shehnai, flute
    a -: koto, pipa
    percussion: gong, taiko drums
chinese
    beats: 8 9 10
    scales: major pentatonic
    harmonies: octaves, suspended
    m vibrato line, glissando: erhu
    a -, glissando: guzheng
    m grace notes: pipa, flute
    percussion: woodblock, gong
    effects: hall
    sounds: stream
mongolian
    beats: 10 11
    scales: minor pentatonic
    harmonies: power, octaves
    chords: 0
    p drone: chant
    m bend, vibrato line: erhu, cello
    c gallop: muted guitar, clean guitar
    percussion: frame drum, talking drum
    sounds: horse, wind
arabic
    beats: 8 9 10
    scales: hijaz, rast, bhairav
    harmonies: octaves, single
    chords: 0 0, 0 1
    m grace notes, tremolo: oud
    m bend, trill: violin, duduk, flute
    c -: strings
    percussion: frame drum, tabla, tambourine
persian
    beats: 6 7 9
    scales: rast, phrygian
    harmonies: single, octaves
    chords: 0
    m tremolo: santur
    m bend, trill: duduk, erhu
    percussion: frame drum
    effects: room
aboriginal
    beats: 9 10 11
    scales: minor pentatonic
    harmonies: single
    chords: 0
    b drone: didgeridoo
    m call and response: chant
    percussion: claves, handclaps
    sounds: birds, fire
""",
)
