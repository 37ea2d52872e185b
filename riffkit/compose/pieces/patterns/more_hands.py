"""What each instrument of percussion plays: drums of the hand, and what stands alone of a drum set."""

MORE_HANDS: dict[str, dict[str, str]] = {
    "gong": {"once": "A...............", "slow": "A...........A..."},
    "taiko drums": {
        "donko": "A.a.A.aaA.aaA.aa",
        "yatai": "A..aA..aA.aaAAaa",
        "jiuchi": "Accaccacaccaccac",
        "shout": "A...A...A.A.AAAA",
        "battle": "A.aaA.bbA.aaBbBb",
    },
    "tabla": {
        "tintal": "A.bcAbcbB.cdBbca",
        "keherwa": "A.b.d.bAa.b.dbb.",
        "dadra": "3AbdBbdAbdBbd",
        "rela": "AbcbdbcbAbcbdbcd",
    },
    "djembe": {
        "kuku": "A..cC.b.A.bbC.b.",
        "djole": "A.bbA.cCA.bbA.cC",
        "soli": "3AbcCbcAbcCbb",
        "kassa": "A.cbb.cbA.cbb.Cc",
    },
    "cajon": {
        "rumba": "A..bA.b.A..bA.bb",
        "pop": "A.c.B.c.A.AcB.cc",
        "flamenco": "AccBccBcAcBccBcc",
        "shuffle": "3A.cB.cA.aB.c",
    },
    "frame drum": {
        "malfuf": "A..b..b.A..b..b.",
        "maqsum": "Ab.bA.b.Ab.bA.bb",
        "ayub": "A..bA.b.A..bA.b.",
        "march": "A...b...A.b.b...",
        "jig": "3A.bAbbA.bAbb",
    },
    "surdo": {
        "samba": "b...A...b...A.aa",
        "samba reggae": "A..a..a.B.b.b...",
        "second": "A.......b.......",
        "march": "A...b...A...b.b.",
    },
    "talking drum": {
        "call": "A.bcC.b.a.bcC...",
        "juju": "A.b.c.bbA.bcc.b.",
        "triplets": "3AbcCbaAbcC.b",
    },
    "snare drum": {
        "march": "A.abA.abA.abAaaa",
        "bolero": "A.aaA.aaA.A.A.aa|A.aaA.aaAaaAaaAa",
        "train": "aaAaaaAaaaAaaaAa",
        "backbeat": "....A.......A..a",
        "paradiddle": "AaaaAaAAAaaaAaAA",
    },
    "kick drum": {
        "four": "A...A...A...A...",
        "heartbeat": "A.a.....A.a.....",
        "rock": "A.......A.A.....",
        "double": "AaaaAaaaAaaaAaaa",
    },
    "hi hat": {
        "eighths": "A.a.A.a.A.a.A.a.",
        "disco": "aaBaaaBaaaBaaaBa",
        "sixteenths": "AaaaAaaaAaaaAaaa",
        "trap": "A.a.A.aaA.a.Aaaa",
        "offbeat": "..B...B...B...B.",
    },
    "toms": {
        "tribal": "A..a..b.A..a..cc",
        "descending": "D.d.C.c.B.b.A.a.",
        "jungle": "a.bca.bca.bcA.AA",
        "rolling": "AabbccddAabbccdd",
    },
    "ride cymbal": {
        "swing": "3A..A.aA..A.a",
        "quarters": "A...A...A...A...",
        "eighths": "A.a.B.a.A.a.B.a.",
        "bell": "B.a.B.a.B.aaB.a.",
    },
    "crash cymbal": {"once": "A...............", "halves": "A.......A.......", "quarters": "A...A...A...A..."},
    "electronic drum": {
        "syndrome": "....a.......C.bA",
        "falling": "C.c.B.b.A.a.A...",
        "electro": "a..b..c.a..b..cc",
    },
    "808 clap": {
        "backbeat": "....A.......A...",
        "half": "........A.......",
        "double": "....A..a....A.aa",
        "dembow": "...A..A....A..A.",
    },
    "drum roll": {"bar": "A...............", "halves": "A.......A......."},
    "reverse cymbal": {"bar": "A...............", "halves": "A.......A.......", "late": "........A......."},
}
"""Patterns of percussion by instrument and style."""
