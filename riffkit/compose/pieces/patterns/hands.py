"""What each instrument of percussion plays, by style: a letter a sixteenth.

a is the main stroke, b c d are the lighter or higher ones of `compose.sounding.percussion`; capitals are accents. A
leading 3 says that a beat has three letters, not four.
"""

from riffkit.compose.pieces.patterns.more_hands import MORE_HANDS

HANDS: dict[str, dict[str, str]] = {
    "bongos": {
        "martillo": "BababbabAababbab",
        "son": "BbabBbabBbabBbAa",
        "bachata": "B.bbB.bAB.bbBbAa",
        "pop": "b.b.A.b.b.bbA.ba",
    },
    "congas": {
        "tumbao": "c.ccC.bbc.ccC.bB",
        "salsa": "c.C.c.Bbc.C.caBB",
        "rumba": "a..b..bBa..b..BB",
        "funk": "b..c..b.c.b.cbBb",
        "afrobeat": "bcbcBcbabcbcBcaa",
    },
    "cowbell": {
        "mambo": "A.a.A.aaA.a.A.aa",
        "cha cha": "A...A...A...A...",
        "disco": "a.aaa.aaa.aaa.aa",
        "electro": "a..a..a...a..a..",
        "bell": "A.a.aa.a.a.aa.a.",
    },
    "claves": {
        "son": "A..A..A...A.A...",
        "rumba": "A..A...A..A.A...",
        "two three": "..A.A...A..A..A.",
        "bossa nova": "A..A..A...A..A..",
    },
    "maracas": {
        "eighths": "A.a.A.a.A.a.A.a.",
        "son": "A.aaA.aaA.aaA.aa",
        "sixteenths": "AaaaAaaaAaaaAaaa",
        "surf": "AaAaAaAaAaAaAaAa",
    },
    "tambourine": {
        "backbeat": "....A.......A...",
        "motown": "a.A.a.A.a.A.a.A.",
        "samba": "AaaAaaAaAaaAaaAa",
        "gospel": "3AaaAaaAaaAaa",
        "eighths": "a.a.A.a.a.a.A.a.",
    },
    "timbales": {
        "cascara": "A.A.aA.aA.aA.aa.",
        "cha cha": "a.b.a.b.a.b.a.bB",
        "fill": "....b.......bBAA",
        "mambo": "A.aaA.a.A.aaB.bb",
    },
    "triangle": {
        "baiao": "bbAbbbAbbbAbbbAb",
        "quarters": "A.......A.......",
        "eighths": "A.b.A.b.A.b.A.b.",
        "forro": "bbA.bbA.bbA.bbA.",
    },
    "woodblock": {
        "clock": "A...b...A...b...",
        "gallop": "A.bbA.bbA.bbA.bb",
        "ragtime": "A..b..A.b.A..bb.",
        "techno": "..b..a..b..a..b.",
    },
    "cuica": {
        "samba": "A.b.a.bbA..ba.b.",
        "calls": "A...b.b.A...b...",
        "partido": "..A.b.A.b..A.b.b",
    },
    "agogo": {
        "samba": "B.b.a.a.b.bb.a.a",
        "afoxe": "A.a.b.bb.a.a.b..",
        "highlife": "A.b..b.b.b..A.b.",
        "ijexa": "aa.b.b.aaa.b.b.b",
    },
    "sleigh bells": {
        "trot": "A.a.A.a.A.a.A.a.",
        "quarters": "A...A...A...A...",
        "gallop": "A.aaA.aaA.aaA.aa",
    },
    "guiro": {
        "cha cha": "A.bbA.bbA.bbA.bb",
        "cumbia": "A.bbA.bbA.bbA.bb",
        "merengue": "bbAbbbAbbbAbbbAb",
        "danzon": "A...b.b.A...b.b.",
    },
    "cabasa": {
        "bossa nova": "AaaaAaaaAaaaAaaa",
        "eighths": "a.A.a.A.a.A.a.A.",
        "samba": "AaaAAaaAAaaAAaaA",
    },
    "shaker": {
        "sixteenths": "AaaaAaaaAaaaAaaa",
        "house": "aaAaaaAaaaAaaaAa",
        "eighths": "A.a.A.a.A.a.A.a.",
        "amapiano": "aAaaaAaaaAaaaAaa",
        "triplets": "3AaaAaaAaaAaa",
    },
    "vibraslap": {"once": "A...............", "western": "........A.......", "twice": "A.....A........."},
    "handclaps": {
        "backbeat": "....A.......A...",
        "flamenco": "A.aaA.aaA.aAa.Aa",
        "bulerias": "3..A..AaA.A.A",
        "son": "A..A..A...A.A...",
        "gospel": "3...A.....A.a",
        "eighths": "A.a.A.a.A.a.A.aa",
    },
    "finger snaps": {"backbeat": "....A.......A...", "cool": "3...A.....A.a", "quarters": "A...A...A...A..."},
    "castanets": {
        "fandango": "A.aaaaA.A.aaA.A.",
        "bolero": "A.aaaA.aaaA.aaaa",
        "sevillanas": "A..aaaA.A..aaaA.",
    },
    **MORE_HANDS,
}
"""Patterns of percussion by instrument and style."""
