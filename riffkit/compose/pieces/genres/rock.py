"""Rock, from rock and roll to post rock."""

from riffkit.compose.pieces.genres.genre import Genre, book

ROCK: dict[str, Genre] = book(
    "rock",
    """
rock
    beats: 9 10 11 12
    scales: major, mixolydian, minor pentatonic
    harmonies: power
    drums: rock @ standard, power
    dynamics: normal, loud
    c -, riff: overdriven guitar, distorted guitar
    b -: electric bass, picked bass
    m bend, riff: overdriven guitar
    percussion: tambourine, cowbell
rock and roll
    beats: 14 15 16
    scales: blues, major
    harmonies: sevenths, triads
    drums: rock, shuffle, motown @ standard, room
    m riff, bend: clean guitar, tenor saxophone, overdriven guitar
    b walking: acoustic bass, electric bass
    c tremolo, -: piano, honky tonk piano
    percussion: handclaps
    effects: spring
rockabilly
    beats: 15 16 17
    scales: blues, major
    harmonies: sevenths, triads
    drums: train beat @ brush, standard
    feel: swing
    a fingerpicking: clean guitar, jazz guitar
    b walking: acoustic bass
    c strum: acoustic guitar
    effects: delay, spring
surf
    beats: 13 14 15
    scales: hijaz, harmonic minor, minor
    harmonies: triads, power
    drums: surf @ standard, room
    m tremolo: clean guitar, overdriven guitar
    b ostinato, -: picked bass, electric bass
    c strum: clean guitar
    effects: spring
    sounds: waves
punk
    beats: 15 16 17
    scales: major
    harmonies: power
    chords: 0 3 4 3, 0 4 5 3
    drums: punk @ standard, room, power
    dynamics: loud
    density: busy
    c -: distorted guitar
    b ostinato: picked bass
    m riff: singer
pop punk
    beats: 13 14 15
    scales: major
    harmonies: power
    chords: 0 4 5 3, 5 3 0 4
    drums: punk, rock @ standard, power
    dynamics: loud, normal
    c palm mute, -: distorted guitar, overdriven guitar
    b -: picked bass
    m -: singer, clean guitar
new wave
    beats: 12 13
    scales: minor, major
    harmonies: triads
    drums: disco, rock @ linn, electronic
    m riff, -: square lead, saw lead, singer
    b ostinato: picked bass, synth bass
    c -: clean guitar, polysynth, synth strings
    percussion: handclaps, electronic drum
    effects: chorus, gate
post-punk
    beats: 12 13
    scales: minor, dorian
    harmonies: triads, single, octaves
    drums: rock, toms @ room, rhythm box
    b riff, ostinato: picked bass
    a ostinato, arp down: clean guitar
    m -: singer, baritone saxophone
    effects: chorus, flanger, hall
gothic rock
    beats: 10 11 12
    scales: minor, phrygian
    harmonies: triads, power, octaves
    drums: toms, rock @ room, rhythm box
    a arp down, -: clean guitar, twelve string guitar
    b ostinato: picked bass
    p -: choir pad, synth strings
    m -: singer
    effects: cathedral, flanger, chorus
shoegaze
    beats: 8 9 10
    scales: major, lydian
    harmonies: power, octaves
    drums: rock, pop @ room
    dynamics: loud, normal
    c strum, -: distorted guitar, overdriven guitar
    p -: oohs, synth voice, choir pad
    b -: electric bass
    effects: cathedral, flanger, tape wow
emo
    beats: 9 10 13
    scales: major
    harmonies: suspended, ninths
    drums: rock, pop @ room, standard
    a arp up, fingerpicking, -: clean guitar
    c strum, -: clean guitar, acoustic guitar
    b -: electric bass
    m -: singer, trumpet
grunge
    beats: 8 9 10
    scales: minor, phrygian, minor pentatonic
    harmonies: power
    drums: rock @ room, power
    dynamics: loud
    c riff, -: distorted guitar
    b -, riff: electric bass
    m -: singer, feedback guitar
    effects: chorus
indie rock
    beats: 11 12
    scales: major
    harmonies: triads, suspended
    drums: disco, rock @ standard, room
    c strum, skank: clean guitar
    b ostinato, -: electric bass
    m riff, -: clean guitar, glockenspiel, singer
    percussion: tambourine, handclaps
psychedelic
    beats: 8 9 10
    scales: mixolydian, dorian, hijaz
    harmonies: sevenths, triads
    drums: rock, tribal @ room, standard
    m bend: sitar, overdriven guitar, slide guitar
    c -: rock organ, percussive organ, organ
    b ostinato: electric bass
    p drone: tanpura
    percussion: tabla, tambourine
    effects: phaser, flanger, tape wow
    sounds: reversed sounds
progressive rock
    beats: 10 14 15 20
    scales: dorian, lydian, mixolydian
    harmonies: suspended, triads, quartal
    drums: seven eight, five four, rock @ standard, room
    m run, riff: brass lead, saw lead, flute
    c -: rock organ, polysynth, organ
    b riff: picked bass, electric bass
    p -: choir pad, strings
    effects: phaser, hall
math rock
    beats: 14
    meter: 7
    scales: major, lydian
    harmonies: suspended, ninths
    drums: seven eight @ room, standard
    density: busy
    a ostinato, hocket: clean guitar, guitar harmonics
    b riff: picked bass
    m run, riff: clean guitar
post-rock
    beats: 6 7 8
    scales: major, minor
    harmonies: suspended, octaves
    drums: toms, rock @ room
    m tremolo: clean guitar, overdriven guitar
    p swell, -: strings, slow strings
    b -: electric bass
    a arp up: glockenspiel, clean guitar
    effects: cathedral, delay, hall
""",
)

METAL: dict[str, Genre] = book(
    "metal",
    """
heavy metal
    beats: 12 13 14
    scales: minor, harmonic minor
    harmonies: power
    drums: rock, metal @ power
    dynamics: loud
    c gallop: distorted guitar
    b gallop: picked bass
    m run, bend: distorted guitar, feedback guitar, singer
thrash metal
    beats: 16 17 18
    scales: phrygian, minor, chromatic
    harmonies: power
    drums: punk, metal @ power
    dynamics: loud
    density: busy
    c palm mute: distorted guitar
    b ostinato: picked bass
    m run: distorted guitar
death metal
    beats: 17 18 19 20
    scales: chromatic, locrian, octatonic
    harmonies: power
    drums: blast beat, metal @ power
    dynamics: loud
    density: busy
    c riff, palm mute: distorted guitar
    b riff: picked bass
    m tremolo: distorted guitar
black metal
    beats: 18 19 20
    scales: minor, phrygian, harmonic minor
    harmonies: power, octaves
    drums: blast beat @ power, room
    dynamics: loud
    c tremolo: distorted guitar
    p -: choir, synth strings, church organ
    b -: picked bass
    m -: whisper
    effects: cathedral, radio
    sounds: wind
doom
    beats: 5 6
    scales: minor, phrygian, locrian
    harmonies: power
    drums: doom @ power, room
    dynamics: loud
    density: sparse
    c -, riff: distorted guitar
    b -: picked bass
    m vibrato line, bend: feedback guitar, singer
    percussion: gong
    effects: hall, cathedral
    sounds: thunder, bell
""",
)
