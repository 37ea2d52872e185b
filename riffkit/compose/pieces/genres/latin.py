"""Latin America, from Havana to Buenos Aires."""

from riffkit.compose.pieces.genres.genre import Genre, book

LATIN: dict[str, Genre] = book(
    "latin",
    """
bossa nova
    beats: 10 11 12
    scales: major, dorian
    harmonies: ninths, sevenths
    chords: 0 1 4 0, 1 4 0 5, 0 5 1 4
    drums: bossa nova @ brush, jazz, rhythm box
    dynamics: soft, normal
    c strum, -: nylon guitar
    b oom pah, tresillo: acoustic bass
    m -: flute, saxophone, singer, vibraphone
    percussion: cabasa, claves, shaker
    effects: room, plate
samba
    beats: 8 9 16 17
    scales: major, minor
    harmonies: sevenths, triads
    drums: samba @ standard
    density: normal, busy
    c strum: ukulele, nylon guitar
    b -: acoustic bass
    m -, call and response: flute, trombone, singer
    percussion: surdo, cuica, agogo, tambourine, cabasa, snare drum
choro
    beats: 8 9
    scales: major, harmonic minor
    harmonies: sevenths, triads
    m run, grace notes: flute, clarinet, mandolin
    a fingerpicking: nylon guitar
    c strum: ukulele
    percussion: tambourine
forro
    beats: 10 11 12
    scales: mixolydian, major
    harmonies: triads, sevenths
    drums: baiao @ standard
    m -, riff: accordion
    b tresillo: electric bass, acoustic bass
    c strum: nylon guitar
    percussion: triangle, surdo
baile funk
    beats: 11
    scales: phrygian, minor
    harmonies: single, octaves
    drums: dembow, electro @ 808, electronic
    dynamics: loud, normal
    m riff: rap, chip lead, brass lead
    b tresillo: 808 bass
    percussion: electronic drum, handclaps
mambo
    beats: 16 17 18
    scales: minor, harmonic minor, dorian, major
    harmonies: sevenths, triads
    drums: mambo @ standard
    dynamics: normal, loud
    c montuno: piano
    m riff: trumpet, saxophone, trombone
    b tumbao: acoustic bass
    c stab: brass
    percussion: congas, bongos, cowbell, timbales
salsa
    beats: 15 16 17
    scales: major, minor, mixolydian
    harmonies: triads, sevenths
    chords: 0 3 4 3, 0 4, 0 3 0 4
    drums: salsa @ standard
    c montuno: piano
    b tumbao: electric bass, acoustic bass
    c stab: brass
    m call and response: trombone, trumpet, singer
    percussion: congas, timbales, cowbell, maracas, guiro
son
    beats: 12 13
    scales: major, minor
    harmonies: triads, sevenths
    chords: 0 3 4 3, 0 4 4 0
    drums: son @ standard
    a montuno: nylon guitar, acoustic guitar
    b tumbao: acoustic bass
    m -: trumpet, singer, muted trumpet
    percussion: claves, bongos, maracas
rumba
    beats: 14 15
    scales: major, minor
    harmonies: triads
    drums: rumba @ standard
    m call and response: singer, chant
    b tresillo: acoustic bass
    percussion: congas, claves, woodblock, shaker
cha cha
    beats: 10 11
    scales: minor, major
    harmonies: sevenths, triads
    drums: cha cha @ standard
    c montuno, -: piano
    b tumbao: acoustic bass
    m -, trill: flute, violin, trumpet
    percussion: guiro, cowbell, congas, timbales
bolero
    beats: 7 8
    scales: minor, major, harmonic minor
    harmonies: sevenths, triads
    drums: ballad, son @ brush, standard
    dynamics: soft, normal
    a fingerpicking: nylon guitar
    m vibrato line, -: singer, trumpet, violin, muted trumpet
    b tresillo: acoustic bass
    percussion: maracas, bongos
cumbia
    beats: 7 8 9
    scales: minor, harmonic minor
    harmonies: triads
    chords: 0 4, 0 3 4 0, 0 4 4 0
    drums: cumbia @ standard, rhythm box
    c skank: accordion, organ, nylon guitar
    b oom pah: electric bass
    m riff, -: accordion, clarinet, flute
    percussion: guiro, maracas, congas, cowbell
merengue
    beats: 12 13
    scales: major, minor
    harmonies: triads
    drums: merengue @ standard
    density: busy
    m run, riff: accordion, saxophone
    b oom pah: electric bass
    c montuno: piano
    percussion: guiro, congas
bachata
    beats: 10 11 12
    scales: minor, major
    harmonies: triads
    chords: 0 5 2 6, 0 3 4 0
    drums: son @ standard
    a fingerpicking, arp down: clean guitar, acoustic guitar
    b -: electric bass
    m -: singer, clean guitar
    percussion: bongos, guiro
tango
    beats: 10 11
    scales: harmonic minor, minor
    harmonies: triads, sevenths
    chords: 0 4, 0 3 4 0, 0 5 4 4
    c stab, -: bandoneon
    b oom pah, tresillo: contrabass, acoustic bass
    m glissando, -: violin
    c -: piano
    effects: room, radio
    sounds: vinyl crackle
mariachi
    beats: 9 12 15
    meter: 3
    scales: major
    harmonies: triads
    chords: 0 4, 0 3 4 0, 0 4 4 0
    m trill, -: trumpet
    c oom pah, strum: acoustic guitar, nylon guitar
    b oom pah: acoustic bass
    m vibrato line: violin
andean
    beats: 8 9
    scales: minor pentatonic
    harmonies: triads, suspended
    m grace notes, hocket: pan flute
    c strum: ukulele, acoustic guitar
    m -: whistle, flute
    percussion: frame drum, shaker
    effects: hall
    sounds: wind
reggaeton
    beats: 8
    scales: minor, phrygian
    harmonies: triads, octaves
    drums: reggaeton, dembow @ electronic, 808
    b tresillo, -: 808 bass, synth bass
    m riff, -: rap, pluck lead, kalimba
    c -: polysynth, nylon guitar
    percussion: timbales, 808 clap
    effects: side chain, low pass
""",
)
