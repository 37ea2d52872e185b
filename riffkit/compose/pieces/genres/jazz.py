"""Jazz, from New Orleans to free."""

from riffkit.compose.pieces.genres.genre import Genre, recipe

JAZZ: dict[str, Genre] = {
    "swing": recipe(
        "jazz",
        """
        beats: 11 12 13 14
        scales: major, dorian, minor
        harmonies: sevenths, ninths
        chords: 1 4 0 5, 0 5 1 4, 1 4 0 0
        drums: swing @ jazz, brush
        feel: swing
        c -: piano, jazz guitar, vibraphone
        b walking: acoustic bass
        m -: clarinet, trumpet, tenor saxophone, trombone
        effects: room, plate""",
    ),
}
