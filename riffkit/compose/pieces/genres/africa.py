"""Africa, and the islands where its rhythms went."""

from riffkit.compose.pieces.genres.genre import Genre, book

AFRICAN: dict[str, Genre] = book(
    "african",
    """
afrobeat
    beats: 9 10
    scales: dorian, minor pentatonic
    harmonies: sevenths, ninths
    chords: 0 0, 0 3
    drums: afrobeat @ standard, room
    b ostinato: electric bass
    c stab: brass
    a ostinato, palm mute: muted guitar, funk guitar
    m riff, call and response: tenor saxophone, organ, trumpet
    percussion: shaker, agogo, congas, cowbell, claves
highlife
    beats: 10 11 12
    scales: major
    harmonies: triads
    chords: 0 3 4 3, 0 3 0 4
    drums: highlife @ standard
    a fingerpicking, ostinato: clean guitar
    b -: electric bass
    m -, call and response: trumpet, saxophone
    c stab: brass
    percussion: agogo, congas, shaker, claves
soukous
    beats: 11 12 13
    scales: major
    harmonies: triads
    chords: 0 3 4 3, 0 3 0 4
    drums: soukous @ standard
    density: busy
    a ostinato, arp down: clean guitar, twelve string guitar
    b tresillo: electric bass
    m run, riff: clean guitar, jazz guitar
    percussion: congas, shaker
amapiano
    beats: 9 10
    scales: minor, dorian
    harmonies: ninths, sevenths
    drums: amapiano @ electronic, 909
    b tresillo: fm bass, sub bass
    c -: electric piano, fm piano, piano
    m -, riff: flute, singer, saxophone
    p -: warm pad
    percussion: shaker, woodblock
    effects: delay, room
gqom
    beats: 10 11
    scales: phrygian, minor
    harmonies: single, octaves, clusters
    drums: gqom @ 808, electronic
    dynamics: loud, normal
    p drone: dark drone, warm pad
    m riff: chant, synth voice
    percussion: electronic drum, djembe
    effects: hall, delay
mbira
    beats: 9 12
    meter: 3
    scales: mixolydian, major pentatonic
    harmonies: octaves, triads
    a ostinato, hocket: kalimba
    m call and response: chant, singer
    percussion: shaker, djembe, maracas
desert blues
    beats: 8 9 10
    scales: minor pentatonic
    harmonies: single, power, octaves
    chords: 0 0, 0 4
    m riff, bend: clean guitar, overdriven guitar
    b ostinato: electric bass
    a ostinato: acoustic guitar
    percussion: djembe, handclaps, cajon
    effects: spring, delay
ethio-jazz
    beats: 8 9 10
    scales: hirajoshi, minor pentatonic
    harmonies: triads, suspended, octaves
    drums: funk, afrobeat @ room, standard
    m riff, trill: tenor saxophone, trumpet, flute
    b ostinato: electric bass, acoustic bass
    c -: organ, electric piano, vibraphone
    percussion: congas
    effects: spring, tape wow
west african drums
    beats: 9 10 11 12
    scales: major pentatonic
    harmonies: octaves, triads
    density: busy
    a ostinato: marimba, agogo bells, woodblocks
    m call and response: chant, singer
    percussion: djembe, talking drum, cowbell, shaker, agogo
""",
)

CARIBBEAN: dict[str, Genre] = book(
    "caribbean",
    """
reggae
    beats: 6 7
    scales: major, minor, dorian
    harmonies: triads
    chords: 0 3, 0 4 3 0, 0 1
    drums: one drop @ standard, room
    c skank: clean guitar, organ, muted guitar
    b riff, tresillo: electric bass
    m -: melodica, singer, trombone
    c skank: organ, piano
    percussion: bongos, tambourine, cabasa
    effects: spring, delay
dub
    beats: 6 7
    scales: minor, dorian
    harmonies: triads
    chords: 0 3, 0 0
    drums: one drop, steppers @ room, electronic
    density: sparse, normal
    b riff: sub bass, electric bass
    c skank: organ, melodica, clean guitar
    m -: melodica, trombone
    effects: delay, spring, phaser
    sounds: siren, laser
dancehall
    beats: 8 9
    scales: minor, phrygian
    harmonies: triads, octaves
    drums: dembow @ electronic, 808
    m riff: rap, synth brass
    b tresillo: synth bass, 808 bass
    c stab, skank: synth brass, polysynth, steel drums
    percussion: 808 clap, timbales
    sounds: siren, laser
ska
    beats: 12 13 14
    scales: major, mixolydian
    harmonies: triads
    chords: 0 3 0 4, 0 5 3 4
    drums: ska @ standard, room
    c skank: clean guitar, piano
    b walking: electric bass, acoustic bass
    m riff, call and response: trombone, tenor saxophone, trumpet
    c stab: brass
soca
    beats: 13 14
    scales: major
    harmonies: triads
    chords: 0 3 4 3, 0 4 5 3
    drums: soca @ electronic, standard
    dynamics: normal, loud
    c stab: synth brass, brass
    b tresillo: synth bass, electric bass
    m riff: steel drums, singer
    percussion: cowbell, timbales, handclaps
    sounds: crowd
calypso
    beats: 10 11
    scales: major
    harmonies: triads
    chords: 0 3 4 0, 0 4
    a ostinato, montuno, arp up: steel drums
    m tremolo, -: steel drums, marimba
    b oom pah, tresillo: acoustic bass, electric bass
    c strum: ukulele
    percussion: maracas, congas, cowbell, claves
    sounds: waves
zouk
    beats: 8 9
    scales: major, minor
    harmonies: sevenths, triads
    drums: dembow, soukous @ electronic, rhythm box
    c -: fm piano, polysynth
    b tresillo: synth bass, electric bass
    m -: singer, accordion
    percussion: shaker, congas
    effects: chorus
""",
)
