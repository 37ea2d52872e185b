"""Breaks and bass music, and hip hop."""

from riffkit.compose.pieces.genres.genre import Genre, book

BASS_MUSIC: dict[str, Genre] = book(
    "electronic",
    """
drum and bass
    beats: 15
    scales: minor
    harmonies: sevenths, ninths
    drums: drum and bass @ electronic, standard
    b -, wobble: reese bass, sub bass
    p -: warm pad, atmosphere, sweep pad
    m -: singer, synth voice
    percussion: shaker
    effects: hall, delay
jungle
    beats: 14 15
    scales: minor, dorian
    harmonies: ninths, sevenths
    drums: jungle, amen @ standard, room
    density: busy, normal
    b riff, -: sub bass, 808 bass
    p -: choir pad, synth strings
    m riff: rap, soprano saxophone
    effects: delay
    sounds: siren
breakbeat
    beats: 11
    scales: minor, dorian
    harmonies: triads, sevenths
    drums: breakbeat, amen @ room, standard, power
    b riff, acid line: acid bass, synth bass
    c stab: orchestra hit, brass, organ
    m riff: rap, hoover
    percussion: cowbell, tambourine
    effects: filter sweep, distortion
dubstep
    beats: 12
    scales: phrygian, minor
    harmonies: octaves, triads
    drums: dubstep @ electronic, power
    dynamics: loud, normal
    b wobble: wobble bass
    m -: synth voice, saw lead
    p -: choir pad, dark drone
    effects: distortion, cathedral
    sounds: riser, explosion
uk garage
    beats: 11
    scales: minor, dorian
    harmonies: ninths, sevenths
    drums: two step @ electronic, 909
    feel: swing
    c -, tresillo: organ, electric piano, fm piano
    b -, riff: sub bass, fm bass
    m riff: synth voice, singer
    percussion: shaker, finger snaps
    effects: delay
jersey club
    beats: 12
    scales: minor, major
    harmonies: sevenths, triads
    drums: jersey club @ electronic, 808
    m riff: synth voice
    b -: 808 bass
    c stab: brass, polysynth
    percussion: 808 clap, handclaps
    sounds: door
footwork
    beats: 13 14
    scales: dorian, minor
    harmonies: ninths, sevenths
    drums: footwork @ 808
    density: busy
    a ostinato: electric piano, piano
    b -: 808 bass, sub bass
    m ostinato: synth voice
    effects: stutter
trip hop
    beats: 6 7
    scales: minor, phrygian, dorian
    harmonies: sevenths, triads
    drums: boom bap, breakbeat @ lo-fi, room
    dynamics: soft, normal
    c -: electric piano, clean guitar
    b -, riff: acoustic bass, sub bass
    m -: singer, whisper, theremin
    p -: strings, synth strings
    effects: phaser, low pass, plate
    sounds: vinyl crackle
""",
)

HIP_HOP: dict[str, Genre] = book(
    "hip hop",
    """
hip hop
    beats: 8
    scales: minor, dorian, minor pentatonic
    harmonies: sevenths, triads
    drums: boom bap @ room, standard
    feel: swing
    m -, riff: rap
    b riff, -: acoustic bass, electric bass
    c stab, -: piano, brass, electric piano
    percussion: tambourine
    effects: compressed
    sounds: vinyl crackle
old school hip hop
    beats: 8 9
    scales: minor pentatonic, mixolydian
    harmonies: triads, octaves
    drums: electro, funk @ 808, linn
    m riff: rap, beatbox
    b riff: synth bass, slap bass
    c stab: orchestra hit, brass
    percussion: handclaps, cowbell, 808 clap
lo-fi
    beats: 6 7
    scales: major, dorian, minor
    harmonies: ninths, sevenths
    drums: lo-fi @ lo-fi, brush
    feel: swing
    dynamics: soft
    density: sparse, normal
    c -: electric piano, jazz guitar, piano
    b -: acoustic bass, sub bass
    m -: vibraphone, muted trumpet, kalimba
    effects: tape wow, low pass, next room
    sounds: vinyl crackle, rain, tape hiss
trap
    beats: 12
    scales: minor, phrygian, harmonic minor
    harmonies: octaves, triads
    drums: trap @ 808
    b glissando, -: 808 bass
    a ostinato, arp down: music box, piano, pluck lead, harp
    m riff: rap, flute
    percussion: 808 clap, hi hat
    effects: hall
drill
    beats: 12
    scales: minor, phrygian
    harmonies: octaves, triads
    drums: drill @ 808, electronic
    b glissando: 808 bass
    a ostinato: piano, pizzicato strings, harp
    m riff: rap
    p -: choir
    sounds: siren
phonk
    beats: 11 12
    scales: phrygian, minor
    harmonies: octaves, single
    drums: electro, trap @ 808
    dynamics: loud
    m riff: chip lead, square lead
    b glissando, -: 808 bass
    m -: rap, chant
    percussion: cowbell
    effects: distortion, bit crusher, tape wow
g-funk
    beats: 8
    scales: dorian, minor
    harmonies: sevenths, ninths
    drums: boom bap, funk @ linn, 808
    m glissando: saw lead
    b riff, -: synth bass, slap bass
    c -: electric piano, clavinet
    m riff: rap
    percussion: handclaps, sleigh bells
cloud rap
    beats: 11 12
    scales: lydian, major, dorian
    harmonies: ninths, suspended
    drums: trap @ 808
    dynamics: soft, normal
    p -: choir pad, new age pad, atmosphere
    b -: 808 bass
    a arp up: crystal, pluck lead, harp
    m -: rap
    effects: cathedral, low pass, delay
""",
)
