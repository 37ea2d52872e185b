"""Electronic dance music: house, techno, trance and what is harder."""

from riffkit.compose.pieces.genres.genre import Genre, book

CLUBS: dict[str, Genre] = book(
    "electronic",
    """
house
    beats: 10 11
    scales: minor, dorian
    harmonies: sevenths, triads
    drums: house @ 909, electronic
    c stab, tresillo: piano, bright piano, organ
    b offbeat, -: synth bass
    m riff, call and response: singer, synth voice
    percussion: handclaps, tambourine, shaker
    effects: side chain, filter sweep, compressed
deep house
    beats: 10
    scales: minor, dorian
    harmonies: ninths, sevenths
    drums: house, four on the floor @ 909, electronic
    dynamics: soft, normal
    c tresillo, -: electric piano, fm piano
    b tresillo, -: sub bass, fm bass
    p -: warm pad, atmosphere
    percussion: shaker, congas, finger snaps
    effects: low pass, delay, side chain
acid house
    beats: 10 11
    scales: minor pentatonic, phrygian
    harmonies: single, octaves
    drums: house, four on the floor @ 909, 808
    b acid line: acid bass
    c stab: synth strings, piano, synth brass
    percussion: handclaps, 808 clap, cowbell
    effects: delay, distortion, filter sweep
techno
    beats: 11 12
    scales: minor, phrygian
    harmonies: single, octaves
    drums: techno, four on the floor @ 909
    a ostinato, acid line: saw lead, square lead
    b rolling, ostinato: synth bass, fm bass
    p drone: dark drone, sweep pad
    percussion: hi hat, 808 clap, woodblock
    effects: delay, hall, filter sweep
    sounds: machine
dub techno
    beats: 10 11
    scales: minor, dorian
    harmonies: ninths, sevenths
    drums: four on the floor, minimal @ 909
    density: sparse
    c skank, stab: polysynth, organ, sweep pad
    b -: sub bass
    p drone: dark drone
    effects: delay, spring
    sounds: tape hiss, rain
trance
    beats: 12
    scales: minor
    harmonies: triads, suspended
    chords: 0 5 2 6, 5 6 0 0
    drums: trance @ 909, electronic
    a arp up, -: supersaw, saw lead, pluck lead
    b offbeat: synth bass
    p -: choir pad, sweep pad, warm pad
    m -: supersaw, synth voice
    percussion: reverse cymbal, crash cymbal
    effects: side chain, delay, hall
    sounds: riser
psytrance
    beats: 12
    scales: phrygian, hijaz, bhairav
    harmonies: single
    drums: four on the floor @ 909, electronic
    density: busy
    b rolling: synth bass, acid bass
    m acid line, glissando: acid bass, saw lead, hoover
    a ostinato: pluck lead, square lead, sitar
    effects: delay, phaser
    sounds: spaceship, laser
eurodance
    beats: 11 12
    scales: minor
    harmonies: triads
    chords: 0 5 2 6, 0 6 5 6
    drums: trance, house @ 909, electronic
    dynamics: normal, loud
    m riff: hoover, charang, saw lead, synth brass
    b offbeat: synth bass
    c stab, tresillo: piano, supersaw, synth strings
    m -: singer, rap
    percussion: handclaps
hardstyle
    beats: 13
    scales: minor, harmonic minor
    harmonies: octaves, triads
    drums: hardstyle @ 909, electronic
    dynamics: loud
    m -, riff: supersaw, hoover
    b offbeat: reese bass, synth bass
    percussion: reverse cymbal
    effects: distortion, side chain
    sounds: crowd
gabber
    beats: 15 16 17
    scales: phrygian, chromatic
    harmonies: single, octaves
    drums: gabber @ 909
    dynamics: loud
    m riff: hoover
    c stab: orchestra hit, shout
    effects: distortion, bit crusher
    sounds: siren, alarm
electro
    beats: 10 11
    scales: minor, phrygian
    harmonies: single, octaves, triads
    drums: electro @ 808
    b ostinato: synth bass, 808 bass
    m riff: square lead, synth voice
    c stab: synth strings, orchestra hit
    percussion: cowbell, 808 clap, electronic drum
    effects: flanger, delay
new beat
    beats: 9 10
    scales: minor, phrygian
    harmonies: octaves, triads
    drums: new beat @ 909, electronic
    b ostinato, tresillo: synth bass, fm bass
    c stab: orchestra hit, synth brass, choir
    m riff: saw lead, chant
    effects: gate
electro swing
    beats: 10 11
    scales: minor, harmonic minor
    harmonies: sevenths
    drums: house, four on the floor @ 909, electronic
    feel: swing
    m riff, call and response: clarinet, muted trumpet, saxophone
    b walking, offbeat: acoustic bass
    c stab: brass, piano
    effects: radio, side chain
    sounds: vinyl crackle
synthwave
    beats: 8 9 10
    scales: minor, dorian
    harmonies: triads
    chords: 0 5 2 6, 0 6 5 6, 5 6 0 0
    drums: synthwave @ linn
    a arp up, ostinato: polysynth, pluck lead, saw lead
    b ostinato, -: synth bass, fm bass
    p -: warm pad, synth strings, opening pad
    m -: saw lead, brass lead
    percussion: electronic drum
    effects: chorus, hall, gate
vaporwave
    beats: 5 6
    scales: major, lydian
    harmonies: ninths, sevenths
    drums: ballad, boom bap @ linn, lo-fi
    dynamics: soft, normal
    c -: fm piano, electric piano
    m bend: soprano saxophone, saxophone
    b -: fretless bass, synth bass
    p -: choir pad, synth voice, new age pad
    effects: tape wow, low pass, cathedral
    sounds: tape hiss, waves
chiptune
    beats: 12 13 14 15
    scales: major, minor
    harmonies: octaves, triads
    drums: rock, disco, march @ chip
    density: busy, normal
    m -, run: chip lead, square lead
    a arp up, arp down: chip lead, square lead
    b ostinato, oom pah: synth bass, fm bass
    effects: bit crusher
    sounds: coins, laser
idm
    beats: 9 11 13
    scales: dorian, lydian, octatonic
    harmonies: ninths, clusters
    drums: amen, footwork, jungle @ electronic, chip
    a -, hocket: fm bells, music box, kalimba
    p -: metallic pad, warm pad, atmosphere
    b -: fm bass, sub bass
    effects: stutter, bit crusher, delay
    sounds: glitches
industrial
    beats: 9 10 11
    scales: phrygian, locrian, chromatic
    harmonies: power, octaves
    drums: industrial @ power, electronic
    dynamics: loud
    c palm mute, riff: distorted guitar
    b ostinato: synth bass, reese bass
    m riff: whisper, hoover
    effects: distortion, gate
    sounds: machine, saw, explosion
""",
)
