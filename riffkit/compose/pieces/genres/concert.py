"""What is written down and played from the page: classical and early music."""

from riffkit.compose.pieces.genres.genre import Genre, book

CLASSICAL: dict[str, Genre] = book(
    "classical",
    """
baroque
    beats: 8 9 10
    scales: major, harmonic minor, minor
    harmonies: triads
    chords: 0 4 5 2 3 0 3 4, 0 3 4 0, 0 4 0 4
    density: normal, busy
    m trill, run, grace notes: violin, recorder, oboe, harpsichord, flute
    a -, arp up: harpsichord
    b oom pah, walking: contrabass, bassoon
    m -: trumpet, viola, piccolo
    effects: hall, cathedral
classical
    beats: 8 9 10 11
    scales: major
    harmonies: triads
    chords: 0 4, 0 3 4 0, 0 1 4 0
    a alberti: piano
    m trill, -: piano, violin, clarinet, flute, oboe
    effects: hall
romantic
    beats: 5 6 7
    feel: free
    scales: minor, harmonic minor, major
    harmonies: triads, sevenths
    a -, arp up: piano
    m -, vibrato line: cello, violin, french horn, viola
    p -: slow strings
    effects: hall
nocturne
    beats: 6 9
    feel: free
    meter: 3
    scales: major, minor
    harmonies: triads, sevenths
    dynamics: soft
    a -, arp up: piano
    m trill, -: piano, cello
    effects: hall
    sounds: crickets
impressionism
    beats: 5 6 7
    feel: free
    scales: whole tone, lydian, major pentatonic
    harmonies: ninths, quartal, triads
    dynamics: soft, normal
    a glissando, -: harp, piano, celesta
    m -, vibrato line: flute, english horn, clarinet
    p tremolo, swell: tremolo strings, strings
    effects: hall
    sounds: water drops, waves
minimalism
    beats: 10 12 15
    meter: 5
    scales: major, dorian, lydian
    harmonies: triads, suspended
    chords: 0 0, 0 5, 0 3
    density: busy
    a ostinato: piano, marimba, vibraphone
    a ostinato, hocket: marimba, pizzicato strings, clean guitar
    m ostinato, hocket: flute, clarinet, violin
    p -: oohs, reed organ
string quartet
    beats: 7 8 9
    scales: major, minor, harmonic minor
    harmonies: triads, sevenths
    c -, tremolo: string quartet
    m vibrato line, trill: violin, cello
    b -: contrabass
    effects: room, hall
orchestral
    beats: 7 8 9 10
    scales: major, minor
    harmonies: triads
    dynamics: normal, loud
    m -, call and response: french horn, trumpet
    c tremolo, -: strings, tremolo strings
    b roll: timpani
    m trill, run: flute, piccolo, oboe
    percussion: crash cymbal, triangle, drum roll
    effects: hall
waltz
    beats: 15 18
    meter: 3
    scales: major
    harmonies: triads, sevenths
    chords: 0 4, 0 4 4 0, 0 1 4 0
    c -: strings, string quartet
    m -, trill: violin, flute, clarinet
    b oom pah: contrabass
    m -: french horn, oboe
    percussion: triangle, snare drum
    effects: hall
avant garde
    beats: 7 9 11
    scales: chromatic, octatonic
    harmonies: clusters, quartal
    density: sparse, normal
    a hocket, -: piano, celesta, xylophone
    m -, trill: clarinet, bassoon, muted trumpet, viola
    c stab, tremolo: pizzicato strings, string quartet, tremolo strings
    percussion: woodblock, gong, triangle
choral
    beats: 5 6 7 8
    scales: major, minor, dorian
    harmonies: triads, suspended
    dynamics: soft, normal
    p -: choir, oohs
    m -: singer
    p -: church organ, reed organ
    effects: cathedral
lullaby
    beats: 6
    meter: 3
    scales: major
    harmonies: triads
    chords: 0 4, 0 3 4 0
    dynamics: soft
    density: sparse, normal
    m -: music box, celesta, toy piano
    a arp up, -: harp, kalimba, music box
    p -: oohs
    sounds: baby, crickets
""",
)

EARLY: dict[str, Genre] = book(
    "early",
    """
chant
    beats: 5 6 7
    feel: free
    scales: dorian, phrygian, mixolydian
    harmonies: octaves, single
    chords: 0
    density: sparse
    p -, drone: chant
    m -, vibrato line: chant, singer
    effects: cathedral
    sounds: bell
medieval
    beats: 9 12 15
    meter: 3
    scales: dorian, mixolydian
    harmonies: power, octaves
    chords: 0 0, 0 6
    m grace notes, -: recorder, shehnai, fiddle, bagpipe
    p drone: bagpipe, reed organ
    a ostinato: lute, harp
    percussion: frame drum, tambourine, sleigh bells
renaissance
    beats: 8 9 10
    scales: dorian, major, mixolydian
    harmonies: triads
    a fingerpicking: lute
    m grace notes, -: recorder, flute, viola, tin whistle
    p -: choir, reed organ
    percussion: frame drum, tambourine
    effects: room, hall
""",
)
