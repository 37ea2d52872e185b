"""Folk music of Europe and of America."""

from riffkit.compose.pieces.genres.genre import Genre, book

FOLK: dict[str, Genre] = book(
    "folk",
    """
folk
    beats: 8 9 10
    scales: major, mixolydian, dorian
    harmonies: triads, suspended
    dynamics: soft, normal
    a fingerpicking: acoustic guitar
    m -: singer, harmonica, violin
    b oom pah: acoustic bass
    percussion: shaker, cajon
celtic
    beats: 9 10 12
    scales: dorian, mixolydian, major
    harmonies: power, triads
    chords: 0 6, 0 6 3 0, 0 3 0 4
    density: busy, normal
    m grace notes, run: fiddle, tin whistle, flute
    c strum: acoustic guitar, bouzouki
    p drone: bagpipe
    a arp up: harp
    percussion: frame drum
    sounds: wind
jig
    beats: 9 10 11
    scales: dorian, mixolydian, major
    harmonies: triads
    drums: jig @ standard
    feel: shuffle
    density: busy
    m grace notes, run: fiddle, tin whistle, accordion
    c strum: acoustic guitar, bouzouki
    percussion: frame drum
highland pipes
    beats: 7 8
    scales: mixolydian
    harmonies: power
    chords: 0
    drums: march @ orchestra
    m grace notes: bagpipe
    p drone: bagpipe
    percussion: snare drum
bluegrass
    beats: 11 12 13
    scales: major, major pentatonic
    harmonies: triads
    chords: 0 3 4 0, 0 3 0 4, 0 4
    density: busy
    a roll: banjo
    m run, grace notes: fiddle, mandolin
    b oom pah: acoustic bass
    c skank: mandolin, acoustic guitar
country
    beats: 9 10 11
    scales: major
    harmonies: triads
    chords: 0 3 4 0, 0 4
    drums: country, train beat @ standard, brush
    m bend: slide guitar, fiddle, clean guitar
    b oom pah: electric bass, acoustic bass
    c strum: acoustic guitar
    m -: singer, harmonica
cajun
    beats: 9 10
    scales: major
    harmonies: triads, sevenths
    chords: 0 4, 0 3 0 4
    drums: new orleans, polka @ standard
    m riff, -: accordion
    b oom pah: acoustic bass
    m grace notes: fiddle
    percussion: triangle, guiro
hawaiian
    beats: 7 8
    scales: major
    harmonies: triads, sevenths
    chords: 0 3 4 0, 0 4
    dynamics: soft, normal
    m glissando: slide guitar
    c strum: ukulele
    b oom pah: acoustic bass
    sounds: waves, birds
klezmer
    beats: 10 11 12
    scales: hijaz, harmonic minor
    harmonies: triads
    drums: polka, march @ standard, orchestra
    m bend, trill: clarinet
    c oom pah: accordion, piano
    b oom pah: tuba, acoustic bass
    m tremolo, glissando: violin, dulcimer
balkan
    beats: 14
    meter: 7
    scales: hijaz, harmonic minor, phrygian
    harmonies: triads
    drums: seven eight @ standard, orchestra
    dynamics: loud, normal
    m trill, run: trumpet, clarinet, shehnai
    b oom pah, ostinato: tuba
    c skank: brass, accordion
    percussion: frame drum, snare drum
rebetiko
    beats: 7 9
    scales: hijaz, phrygian, harmonic minor
    harmonies: triads
    m tremolo, grace notes: bouzouki
    c strum: acoustic guitar
    m -: singer, violin
    percussion: finger snaps
russian folk
    beats: 8 10 12
    scales: minor, harmonic minor
    harmonies: triads
    chords: 0 4, 0 3 4 0, 0 3 0 4
    m tremolo: balalaika
    c oom pah, skank: accordion, balalaika
    b oom pah: acoustic bass, contrabass
    p -: choir
    percussion: tambourine, sleigh bells
polka
    beats: 10 11 12
    scales: major
    harmonies: triads
    chords: 0 4, 0 4 4 0
    drums: polka @ standard
    c oom pah: accordion
    b oom pah: tuba
    m -, trill: clarinet, accordion, trumpet
    sounds: crowd
musette
    beats: 12 15 18
    meter: 3
    scales: minor, harmonic minor, major
    harmonies: triads, sevenths
    chords: 0 4, 0 3 4 0
    m run, trill, -: accordion
    c oom pah: acoustic guitar, jazz guitar, piano
    b oom pah: acoustic bass
    sounds: vinyl crackle
flamenco
    beats: 12 18
    meter: 6
    scales: phrygian, hijaz
    harmonies: triads
    chords: 3 2 1 0, 0 1, 0 1 2 1
    density: busy, normal
    c strum: nylon guitar
    m tremolo, run: nylon guitar
    m bend: singer
    percussion: handclaps, cajon, castanets
    effects: room
fado
    beats: 6 7
    scales: harmonic minor, minor
    harmonies: triads, sevenths
    chords: 0 4, 0 3 4 0
    m vibrato line, bend: singer
    a fingerpicking: nylon guitar, acoustic guitar
    m tremolo: mandolin, bouzouki
    effects: room
sea shanty
    beats: 10 11
    scales: dorian, mixolydian, major
    harmonies: triads
    chords: 0 6, 0 6 0 4
    m call and response: chant, singer
    c oom pah: accordion
    m -: fiddle, tin whistle
    percussion: frame drum, handclaps
    sounds: waves
nordic folk
    beats: 7 8
    scales: minor, dorian, phrygian
    harmonies: power, octaves
    chords: 0 0, 0 6
    p drone: dark drone, chant
    m grace notes, -: fiddle, flute, duduk
    percussion: frame drum, taiko drums
    effects: hall
    sounds: wind, fire
""",
)
