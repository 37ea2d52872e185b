"""A judge of stereo loops: what it hears, what it is asked, how it learns. It only ever heard real renders."""
