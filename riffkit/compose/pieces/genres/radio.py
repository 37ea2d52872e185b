"""What radio plays: pop and soul."""

from riffkit.compose.pieces.genres.genre import Genre, book

SOUL: dict[str, Genre] = book(
    "soul",
    """
soul
    beats: 8 9
    scales: major, mixolydian
    harmonies: sevenths, triads
    drums: pop, twelve eight @ standard, room
    m -, bend: singer, tenor saxophone
    b riff, -: electric bass
    c stab: brass
    c -: organ, percussive organ, electric piano
    percussion: tambourine
    effects: plate
motown
    beats: 10 11
    scales: major
    harmonies: triads, sevenths
    chords: 0 3 4 3, 0 5 3 4
    drums: motown @ standard, room
    b riff, -: electric bass
    m call and response: singer
    c skank: clean guitar, vibraphone, piano
    p -: strings
    percussion: tambourine, handclaps
    effects: plate
funk
    beats: 8 9
    scales: dorian, mixolydian, minor pentatonic
    harmonies: ninths, sevenths
    chords: 0 0, 0 3
    drums: funk @ standard, room
    b riff: slap bass
    c -, skank: funk guitar, clavinet
    c stab: brass
    m riff: tenor saxophone, organ
    percussion: congas, cowbell
    effects: compressed
disco
    beats: 10 11
    scales: minor, dorian
    harmonies: sevenths, ninths
    drums: disco @ standard, linn
    b ostinato, -: electric bass
    c skank: funk guitar, clean guitar
    p swell, -: strings
    m call and response, -: singer, brass
    percussion: congas, tambourine, handclaps, cowbell
    effects: phaser, plate
gospel
    beats: 7 8 12
    scales: major
    harmonies: triads, sevenths
    chords: 0 3 0 4, 0 3 1 4
    drums: gospel @ standard
    c -: organ, piano
    m call and response: singer
    b -, walking: electric bass
    p -: choir
    percussion: handclaps, tambourine
    effects: hall
    sounds: crowd
doo-wop
    beats: 5 6
    scales: major
    harmonies: triads
    chords: 0 5 3 4
    drums: twelve eight @ standard
    feel: shuffle
    c -: oohs
    m -: singer, tenor saxophone
    b -: acoustic bass
    c -: piano
    percussion: finger snaps
    effects: plate, radio
r&b
    beats: 6 7
    scales: minor, dorian, major
    harmonies: ninths, sevenths
    drums: trap, boom bap @ 808, linn
    dynamics: soft, normal
    m vibrato line, bend: singer
    c -: electric piano, fm piano
    b -: sub bass, 808 bass
    p -: oohs, warm pad
    percussion: finger snaps
    effects: plate, low pass
neo soul
    beats: 7 8
    scales: dorian, minor
    harmonies: ninths, quartal
    drums: lo-fi, boom bap @ room, brush
    feel: swing
    c -: electric piano
    b riff, -: electric bass, fretless bass
    m -: singer, flute, muted trumpet
    c skank: clean guitar
    percussion: shaker
    effects: tremolo, phaser
""",
)

POP: dict[str, Genre] = book(
    "pop",
    """
pop
    beats: 9 10 11
    scales: major
    harmonies: triads
    chords: 0 4 5 3, 5 3 0 4, 0 5 3 4
    drums: pop @ standard, electronic
    m -, riff: singer, pluck lead
    c -: piano, acoustic guitar, polysynth
    b -: electric bass, synth bass
    p -: warm pad, synth strings
    percussion: handclaps, shaker
    effects: compressed, plate
synth pop
    beats: 10 11 12
    scales: major, minor
    harmonies: triads, suspended
    drums: synthwave, four on the floor @ linn, 909
    m riff, -: square lead, saw lead, brass lead
    b ostinato: synth bass, fm bass
    a arp up, ostinato: pluck lead, polysynth
    p -: synth strings, synth voice
    percussion: electronic drum, 808 clap
    effects: chorus, gate
k-pop
    beats: 10 11
    scales: minor, major
    harmonies: triads, sevenths
    drums: trap, house, pop @ electronic, 808
    dynamics: loud, normal
    m riff: singer, rap
    b tresillo, glissando: 808 bass, synth bass
    c stab, tresillo: supersaw, brass
    a ostinato: pluck lead, kalimba
    percussion: finger snaps, 808 clap
    sounds: riser
j-pop
    beats: 13 14 15
    scales: major
    harmonies: sevenths, triads
    chords: 3 4 2 5
    drums: rock, disco @ standard, power
    density: busy, normal
    m run, -: singer, saw lead, violin
    c -: piano, overdriven guitar
    b ostinato, -: picked bass, slap bass
    p -: strings
city pop
    beats: 9 10
    scales: major, dorian
    harmonies: ninths, sevenths
    chords: 3 4 2 5, 1 4 0 5
    drums: disco, funk @ linn, standard
    c -, skank: electric piano, funk guitar, fm piano
    b riff: slap bass
    c stab: brass, synth brass
    m bend, -: saxophone, singer
    percussion: congas, shaker
    effects: chorus, plate
hyperpop
    beats: 13 14
    scales: major, lydian
    harmonies: triads, suspended
    drums: trap, hardstyle, jersey club @ electronic, chip
    dynamics: loud
    density: busy
    m run, riff: synth voice, chip lead
    c stab, -: supersaw
    b -: 808 bass, reese bass
    a arp up: fm bells, pluck lead
    effects: bit crusher, stutter, distortion
    sounds: glitches
bedroom pop
    beats: 7 8
    scales: major
    harmonies: sevenths, ninths
    drums: pop, lo-fi @ rhythm box
    dynamics: soft
    c strum, -: clean guitar
    m -: whisper, singer
    b -: electric bass
    a arp up, -: toy piano, glockenspiel
    effects: chorus, tape wow, next room
    sounds: tape hiss, birds
christmas
    beats: 8 9 10
    scales: major
    harmonies: triads, sevenths
    chords: 0 5 3 4, 0 3 4 0
    m -: glockenspiel, celesta, tubular bells, church bells
    c -: choir, brass, piano
    p -: strings
    b oom pah: acoustic bass
    percussion: sleigh bells, triangle
    sounds: bell
nursery rhyme
    beats: 8 9 10
    scales: major
    harmonies: triads
    chords: 0 4, 0 3 4 0
    density: sparse, normal
    m -: toy piano, xylophone, recorder, glockenspiel
    c oom pah: ukulele, piano, accordion
    percussion: woodblock, triangle, handclaps
    sounds: laughter, cat, dog
""",
)
