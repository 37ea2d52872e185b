"""Music of the stage and of the screen."""

from riffkit.compose.pieces.genres.genre import Genre, book

STAGE: dict[str, Genre] = book(
    "stage",
    """
opera
    beats: 6 7 8
    scales: major, minor, harmonic minor
    harmonies: triads, sevenths
    m vibrato line: singer
    c tremolo, -: strings, tremolo strings
    b roll, tremolo: timpani
    p -: choir
    effects: hall
    sounds: applause
musical
    beats: 9 10 11
    scales: major
    harmonies: triads, sevenths
    chords: 0 5 3 4, 0 5 1 4
    drums: pop, swing, march @ standard, orchestra
    m -: singer
    c -, oom pah: piano
    b oom pah: acoustic bass
    c stab: brass
    effects: hall
    sounds: applause, crowd
cabaret
    beats: 9 10
    scales: harmonic minor, minor
    harmonies: triads, sevenths
    chords: 0 3 4 0, 0 4
    drums: brushes, polka @ brush
    c oom pah: piano, honky tonk piano, accordion
    m -: clarinet, singer, muted trumpet
    b oom pah: tuba, acoustic bass
    sounds: laughter, applause
march
    beats: 10
    scales: major
    harmonies: triads
    chords: 0 4, 0 3 4 0
    drums: march @ orchestra
    dynamics: loud, normal
    m -, trill: trumpet, piccolo
    b oom pah: tuba
    c oom pah: brass
    m -: trombone, french horn
    percussion: snare drum, crash cymbal
circus
    beats: 13 14 15
    scales: major, chromatic
    harmonies: triads
    chords: 0 4, 0 4 4 0
    drums: polka, march @ orchestra
    m run, trill: calliope, piccolo, xylophone
    c oom pah: calliope, organ, accordion
    b oom pah: tuba
    m glissando: trombone
    percussion: drum roll, crash cymbal, woodblock
    sounds: crowd, laughter
""",
)

FILM: dict[str, Genre] = book(
    "film",
    """
spaghetti western
    beats: 8 9 10
    scales: minor, dorian
    harmonies: triads, power
    chords: 0 6 5 6, 0 5 6 0, 0 6
    m -, vibrato line: whistle, trumpet, ocarina
    a ostinato, palm mute: clean guitar, muted guitar
    c gallop, strum: acoustic guitar, clean guitar
    p -: choir, oohs
    percussion: vibraslap, castanets, snare drum, tambourine
    effects: spring, hall
    sounds: horse, wind, bell
spy
    beats: 9 10 11
    scales: harmonic minor, minor, chromatic
    harmonies: ninths, sevenths
    chords: 0 5 3 4, 0 5
    drums: rock, swing @ room, standard
    m riff: clean guitar, muted trumpet
    b walking, ostinato: acoustic bass, picked bass
    c stab: brass
    m -: vibraphone, flute
    percussion: bongos, finger snaps
    effects: spring, tremolo
noir
    beats: 5 6
    scales: melodic minor, minor
    harmonies: ninths, sevenths
    drums: brushes @ brush
    feel: swing
    dynamics: soft
    m bend, vibrato line: saxophone, tenor saxophone, muted trumpet
    b walking: acoustic bass
    c -: piano, vibraphone
    effects: hall, plate
    sounds: rain, footsteps, typing
horror
    beats: 5 6 7
    scales: octatonic, chromatic, locrian
    harmonies: clusters
    density: sparse, normal
    c tremolo: tremolo strings
    m glissando, vibrato line: theremin, violin
    p -: dark drone, goblins, bowed glass, shepard tone
    a ostinato: music box, celesta, piano
    percussion: gong, drum roll
    effects: cathedral
    sounds: heartbeat, door, breathing, wind, footsteps
epic
    beats: 10 11 12
    scales: minor
    harmonies: triads, power
    chords: 0 5 2 6, 0 6 5 6
    dynamics: loud
    c tremolo: strings, tremolo strings
    p -: choir
    b roll, tresillo: taiko, timpani
    m -: french horn, trombone, brass
    percussion: taiko drums, crash cymbal, drum roll
    effects: hall, cathedral
    sounds: riser, thunder
sci-fi
    beats: 5 6 7 8
    scales: lydian, whole tone, chromatic
    harmonies: suspended, clusters, quartal
    p swell, -: metallic pad, sweep pad, bowed glass, halo pad
    m glissando, vibrato line: theremin, saw lead
    a ostinato: fm bells, crystal
    effects: phaser, cathedral, delay
    sounds: spaceship, sonar, laser, static
""",
)
