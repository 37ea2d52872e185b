"""Jazz from New Orleans on, and the blues that it came from."""

from riffkit.compose.pieces.genres.genre import Genre, book

JAZZ: dict[str, Genre] = book(
    "jazz",
    """
swing
    beats: 11 12 13 14
    scales: major, minor
    harmonies: sevenths
    chords: 1 4 0 5, 0 5 1 4, 1 4 0 0
    drums: swing @ jazz, brush
    feel: swing
    b walking: acoustic bass
    m -, call and response: clarinet, trumpet, tenor saxophone
    c -: piano, jazz guitar, vibraphone
    effects: room, plate
big band
    beats: 12 13 14 15
    scales: major, dorian
    harmonies: sevenths, ninths
    chords: 1 4 0 5, 0 3 0 4
    drums: swing @ jazz, standard
    feel: swing
    dynamics: normal, loud
    c stab: brass
    b walking: acoustic bass
    m riff, call and response: saxophone, trombone, baritone saxophone, muted trumpet
    c -: piano
    effects: hall, plate
bebop
    beats: 17 18 19 20
    scales: major, dorian, melodic minor
    harmonies: sevenths, ninths
    chords: 1 4 0 5, 1 4 0 0
    drums: bebop @ jazz
    feel: swing
    density: busy
    m run: saxophone, trumpet, tenor saxophone
    b walking: acoustic bass
    c -: piano
    effects: room
cool jazz
    beats: 8 9 10
    scales: dorian, major
    harmonies: ninths, sevenths
    drums: brushes @ brush
    feel: swing
    dynamics: soft, normal
    density: sparse, normal
    m -: muted trumpet, baritone saxophone, vibraphone, flute
    b walking: acoustic bass, contrabass
    c -: piano, jazz guitar
    percussion: finger snaps
    effects: plate, room
modal jazz
    beats: 10 11 12
    scales: dorian, mixolydian, phrygian, lydian
    harmonies: quartal
    drums: swing @ jazz
    feel: swing
    m -, bend: soprano saxophone, tenor saxophone, trumpet
    b ostinato: acoustic bass
    c -: piano
    effects: room, hall
free jazz
    beats: 13 15 17 19
    scales: chromatic, octatonic
    harmonies: clusters
    drums: bebop @ jazz
    density: busy
    feel: swing
    m run, trill: saxophone, soprano saxophone, clarinet, baritone saxophone
    b walking: contrabass, acoustic bass
    c stab, -: piano
    percussion: gong, cowbell
gypsy jazz
    beats: 15 16 17
    scales: harmonic minor, minor, melodic minor
    harmonies: triads, sevenths
    c strum: acoustic guitar, jazz guitar
    m run: violin, clarinet, jazz guitar, accordion
    b oom pah: acoustic bass, contrabass
    feel: swing
dixieland
    beats: 14 15 16
    scales: major
    harmonies: sevenths, triads
    drums: second line, new orleans @ jazz, orchestra
    feel: swing
    m call and response, -: trumpet, clarinet
    b oom pah: tuba
    m glissando: trombone
    c strum: banjo
    percussion: woodblock, cowbell
ragtime
    beats: 10 11 12
    scales: major
    harmonies: triads, sevenths
    chords: 0 4 0 4, 0 3 0 4, 5 1 4 0
    density: normal, busy
    c stride: piano, honky tonk piano, bright piano
    effects: radio, room
    sounds: vinyl crackle
jazz waltz
    beats: 12 15 18
    meter: 3
    scales: major, dorian
    harmonies: sevenths, ninths
    drums: jazz waltz @ jazz, brush
    feel: swing
    c -: piano, jazz guitar
    b -, walking: acoustic bass
    m -: flute, soprano saxophone, vibraphone, harmonica
    effects: plate
fusion
    beats: 9 10 11 14
    scales: mixolydian, dorian, lydian
    harmonies: ninths, quartal
    drums: funk, seven eight, samba @ standard, room
    density: busy, normal
    c -: electric piano, polysynth
    b riff, -: slap bass, fretless bass
    m run, bend: saw lead, clean guitar, soprano saxophone, brass lead
    effects: phaser, chorus
smooth jazz
    beats: 7 8 9
    scales: major, dorian
    harmonies: ninths, sevenths
    drums: pop, funk @ standard, room
    dynamics: soft, normal
    m bend, -: soprano saxophone, saxophone, jazz guitar
    c -: electric piano, fm piano
    b -: fretless bass, electric bass
    p -: warm pad
    percussion: triangle, shaker
    effects: chorus, hall
latin jazz
    beats: 14 15 16
    scales: dorian, minor, mixolydian
    harmonies: sevenths, ninths
    drums: mambo, salsa @ standard
    c montuno: piano
    b tumbao: acoustic bass
    m -, run: flute, trumpet, vibraphone, trombone
    percussion: congas, timbales, cowbell
""",
)

BLUES: dict[str, Genre] = book(
    "blues",
    """
delta blues
    beats: 7 8 9
    scales: blues, minor pentatonic
    harmonies: sevenths
    feel: shuffle
    a fingerpicking: acoustic guitar
    m bend: slide guitar, harmonica
    sounds: vinyl crackle, crickets, train
    effects: radio
chicago blues
    beats: 9 10 11
    scales: blues
    harmonies: sevenths, ninths
    drums: shuffle @ standard, room
    feel: shuffle
    m bend, call and response: harmonica, overdriven guitar, clean guitar
    b walking, riff: electric bass
    c -: piano, organ, clean guitar
    effects: spring
boogie woogie
    beats: 13 14 15 16
    scales: blues
    harmonies: sevenths
    feel: shuffle
    density: busy, normal
    c riff: piano, honky tonk piano
    m riff, run: piano, honky tonk piano, bright piano
    b walking: acoustic bass
slow blues
    beats: 5 6
    scales: blues
    harmonies: ninths, sevenths
    drums: twelve eight @ standard, room
    feel: shuffle
    m bend, call and response: overdriven guitar, tenor saxophone, harmonica, clean guitar
    b -: electric bass
    c -: organ, piano
    effects: spring, hall
""",
)
